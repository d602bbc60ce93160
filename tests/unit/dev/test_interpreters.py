# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection of Python interpreters."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import interpreters
import pytest


@pytest.fixture(autouse=True)
def _searches_again() -> Iterator[None]:
    interpreters.found.cache_clear()
    yield
    interpreters.found.cache_clear()


def _program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_a_shim_that_fails_is_not_a_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyenv puts a shim for each of its Python versions on PATH. Only the selected version works."""
    _program(tmp_path / "pyenv" / "shims" / "python3.14", "echo not selected >&2; exit 127")
    real = _program(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin" / "python3.12", "echo 3.12; echo $0")
    _program(tmp_path / "bin" / "python3.13", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}/pyenv/shims:{tmp_path}/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "empty"))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    found = interpreters.found()
    assert found[3, 12] == real or sys.version_info[:2] == (3, 12)
    assert (3, 14) not in found or sys.version_info[:2] == (3, 14)
    assert (3, 13) not in found or sys.version_info[:2] == (3, 13)


def test_programs_are_started_without_shims() -> None:
    assert interpreters.real_path("/a/pyenv/shims:/usr/bin::/bin") == "/usr/bin:/bin"


@pytest.mark.parametrize("table", [interpreters.NEWEST, interpreters.OLDEST])
def test_every_python_has_one_ansible_core(table: tuple[interpreters.Core, ...]) -> None:
    pythons = [version for core in table for version in core.pythons]
    assert sorted(pythons) == [(3, minor) for minor in range(11, 15)]


@pytest.mark.parametrize("core", [*interpreters.NEWEST, *interpreters.OLDEST], ids=lambda core: core.requirement)
def test_a_pre_release_is_named_exactly(core: interpreters.Core) -> None:
    """A later pre-release would otherwise be used, and a run could not be repeated."""
    assert "==" in core.requirement or not any(
        letter in core.requirement.removeprefix("ansible-core") for letter in "abrc"
    )
