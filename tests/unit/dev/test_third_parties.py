# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator of a third party that does not start here is reported in one sentence, and fails nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import environments
import interpreters
import pytest
import third_parties
from third_parties import ThirdPartyEmulator
from work import Work


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        yield Work(environments.main(), log, show=False)


def _third_party(folder: Path, program: str, *pythons: tuple[int, int]) -> ThirdPartyEmulator:
    requirements = folder / "emulator.txt"
    requirements.touch()
    return ThirdPartyEmulator("Emulator", requirements, pythons, ("-c", program), lambda _port, _folder: {})


def test_a_missing_python(work: Work, tmp_path: Path) -> None:
    done = third_parties.run_third_party(work, _third_party(tmp_path, "", (4, 0), (4, 1)))
    assert done.of == "emulator skipped: Emulator requires Python 4.0 or 4.1."


def test_a_program_that_ends_when_it_starts(work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(third_parties, "_FOLDER", tmp_path)
    monkeypatch.setattr(third_parties, "install", lambda *_arguments: None)
    monkeypatch.setattr(ThirdPartyEmulator, "python", interpreters.own_interpreter())
    third_party = _third_party(tmp_path, "print('A license token is required.')")
    done = third_parties.run_third_party(work, third_party)
    assert done.of == "emulator skipped: Emulator ended when it started: A license token is required."


def test_a_program_that_answers(work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any answer will do; this one has no KMS."""
    monkeypatch.setattr(third_parties, "_FOLDER", tmp_path)
    monkeypatch.setattr(ThirdPartyEmulator, "python", interpreters.own_interpreter())
    server = "import http.server as h, os; p = int(os.environ['PORT']); "
    server += "h.HTTPServer(('127.0.0.1', p), h.BaseHTTPRequestHandler).serve_forever()"
    variables = {"variables": lambda port, _folder: {"PORT": str(port)}}
    with_port = dataclasses.replace(_third_party(tmp_path, server), **variables)
    with third_parties.started(work, with_port) as url:
        assert url.startswith("http://127.0.0.1:")
