# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The setup of an environment, and the user's settings that its programs receive."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import environments
import interpreters
import pytest
from environments import Environment


def test_the_setup_requires_only_the_standard_library() -> None:
    """``python -S`` has no site-packages, like the Python of a machine on which nothing was installed for it."""
    program = f"import runpy; runpy.run_path({str(environments.ROOT / 'dev')!r}, run_name='imported')"
    subprocess.run([interpreters.own_interpreter(), "-S", "-c", program], check=True)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    main = environments.main()
    for name in ("ROOT", "CACHE", "HOME"):
        monkeypatch.setattr(environments, name, tmp_path / name.lower() if name != "ROOT" else tmp_path)
    for name in ("_install_uv", "_install", "_bring_collection"):
        monkeypatch.setattr(environments, name, lambda *_arguments: None)

    def make_venv(environment: Environment) -> None:
        environment.bin.mkdir(parents=True)
        environment.python.touch()

    monkeypatch.setattr(environments, "make_venv", make_venv)
    more = (("awx.awx", "13.8.0"),)
    return Environment(tmp_path / "venv", tmp_path / "collections", main.core, main.python_version, (), more)


def test_each_step_of_the_setup_is_printed(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environments.prepare(environment)
    printed = capsys.readouterr().out
    assert re.findall(r"venv: (\d of \d\. \w+)", printed) == [
        "1 of 5. Create",
        "2 of 5. Install",
        "3 of 5. Install",
        "4 of 5. Download",
        "5 of 5. Download",
    ]
    assert "venv: ready" in printed


def test_an_environment_that_is_up_to_date_prints_nothing(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environments.prepare(environment)
    capsys.readouterr()
    environments.prepare(environment)
    assert capsys.readouterr().out == ""


def test_only_acceptance_runs_see_the_users_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "sandbox")
    monkeypatch.setenv("HOME", "/home/jane")
    usual = environments.main().variables()
    assert "AWS_PROFILE" not in usual
    assert usual["HOME"] != "/home/jane"
    users = usual | environments.users_aws_settings()
    assert (users["AWS_PROFILE"], users["HOME"]) == ("sandbox", "/home/jane")
    assert users["ANSIBLE_HOME"] == usual["ANSIBLE_HOME"]


@pytest.mark.parametrize(("given", "seen"), [(None, "false"), ("true", "true")], ids=["omitted", "disabled"])
def test_the_role_of_an_instance(monkeypatch: pytest.MonkeyPatch, given: str | None, seen: str) -> None:
    """The credentials of the instance role are used unless the user has disabled them."""
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    if given:
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", given)
    assert environments.users_aws_settings()["AWS_EC2_METADATA_DISABLED"] == seen
