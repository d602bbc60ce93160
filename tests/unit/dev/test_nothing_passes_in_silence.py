# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run without tests must fail. pytest, ansible-test, and the runner can each pass without a test."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import environments
import nox_sessions
import pytest
from ansible_test import tasks_done
from artifact import compare
from parts import Part
from pytest_suites import judge, judged
from runner import run_all
from work import Done, Failed, Work

REPORT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'

OUTPUT = """
Running kms_first integration test role

PLAY [testhost] ****
TASK [Gathering Facts] ****
ok: [testhost]

TASK [kms_first : Create a key] ****
changed: [testhost]

TASK [kms_first : Look at it] ****
ok: [testhost] => (item=1)
ok: [testhost] => (item=2)

PLAY RECAP ****
testhost : ok=3 changed=1 unreachable=0 failed=0
Running kms_idle integration test role

TASK [Gathering Facts] ****
ok: [testhost]

TASK [kms_idle : Skipped] ****
skipping: [testhost]

PLAY RECAP ****
testhost : ok=1 changed=0 unreachable=0 failed=0
"""


def _report(folder: Path, tests: int, failures: int = 0, errors: int = 0, skipped: int = 0) -> list[Path]:
    path = folder / "report.xml"
    path.write_text(REPORT.format(tests, failures, errors, skipped), "utf-8")
    return [path]


def test_skipped_tests_did_not_run(tmp_path: Path) -> None:
    assert judge(_report(tmp_path, tests=7, skipped=7)).number == 0
    assert judge(_report(tmp_path, tests=7, skipped=2)).passed_tests == 5


def test_errors_are_failures(tmp_path: Path) -> None:
    with pytest.raises(Failed) as caught:
        judge(_report(tmp_path, tests=9, failures=1, errors=2, skipped=1))
    assert (caught.value.failed_tests, caught.value.passed_tests) == (3, 5)


def test_a_suite_without_a_report_has_failed() -> None:
    with pytest.raises(Failed):
        judge([])


def test_an_exit_code_is_not_outvoted_by_a_report(tmp_path: Path) -> None:
    """pytest exits with 3 after an internal error, whatever the results of the preceding tests."""
    _report(tmp_path, tests=4)
    with (tmp_path / "log").open("w", encoding="utf-8") as stream:
        work = Work(environments.main(), stream, show=False)
        with pytest.raises(Failed, match="exit code 3"):
            judged(work, ["sh", "-c", "exit 3"], tmp_path, tmp_path, "*.xml")


def test_a_session_of_nox_that_was_skipped_has_failed(tmp_path: Path) -> None:
    """nox exits with 0 if the only session was skipped."""
    report = tmp_path / "nox.json"
    sessions = [{"name": "yamllint", "result": "success"}, {"name": "docs-check", "result": "skipped"}]
    report.write_text(json.dumps({"result": 1, "sessions": sessions[:1]}), "utf-8")
    assert nox_sessions.judge(report).number == 1
    report.write_text(json.dumps({"result": 1, "sessions": sessions}), "utf-8")
    with pytest.raises(Failed, match="docs-check: skipped"):
        nox_sessions.judge(report)


@pytest.mark.parametrize(("target", "tasks"), [("kms_first", 3), ("kms_idle", 0), ("kms_absent", 0)])
def test_a_target_is_counted_by_its_own_tasks(target: str, tasks: int) -> None:
    assert tasks_done(OUTPUT, target) == tasks


def test_the_artifact_holds_what_users_need_and_no_more() -> None:
    made = {Path("MANIFEST.json"), Path("FILES.json")}
    project = [Path("plugins/modules/kms_key.py"), Path("README.md"), Path("tests/conftest.py"), Path("Makefile")]
    compare({*project[:2], *made}, project)
    with pytest.raises(Failed, match=r"tests/conftest\.py"):
        compare({*project[:3], *made}, project)
    with pytest.raises(Failed, match=r"lacks README\.md"):
        compare({project[0], *made}, project)


@pytest.mark.parametrize(
    ("number", "succeeds", "last"), [(0, False, "0 passed, 1 failed"), (2, True, "2 passed, 0 failed")]
)
def test_a_part_that_ran_nothing_has_failed(
    number: int,
    succeeds: bool,
    last: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = environments.main()
    monkeypatch.setattr("runner.LOGS", tmp_path)
    monkeypatch.setattr(environments, "prepare", lambda _environment: None)

    def does(_work: Work) -> Done:
        return Done(number, "things", passed_tests=number)

    assert run_all([Part("idle", does, lambda: environment, "idle")]) is succeeds
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_a_part_that_breaks_does_not_end_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = environments.main()
    monkeypatch.setattr("runner.LOGS", tmp_path)
    monkeypatch.setattr(environments, "prepare", lambda _environment: None)

    def breaks(work: Work) -> Done:
        work.run(["sh", "-c", "echo the reason; exit 3"])
        return Done(1, "things")

    def works(_work: Work) -> Done:
        return Done(1, "tests", passed_tests=4)

    table = [Part("broken", breaks, lambda: environment, "x"), Part("sound", works, lambda: environment, "y")]
    assert run_all(table) is False
    output = capsys.readouterr().out
    assert "| the reason" in output
    assert output.splitlines()[-1] == "4 passed, 1 failed"


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"

    class WhenStarted(threading.Thread):
        """A time limit that is reached when the program has printed its line, on a machine of any speed."""

        def __init__(self, seconds: float, over: Callable[[], None]) -> None:
            super().__init__()
            assert seconds >= 60 * 60, "no part has less time than that"
            self.over = over
            self.canceled = threading.Event()

        def run(self) -> None:
            while "started" not in log.read_text("utf-8").splitlines() and not self.canceled.wait(0.05):
                pass
            self.over()

        def cancel(self) -> None:
            self.canceled.set()

    monkeypatch.setattr("work.threading.Timer", WhenStarted)
    with log.open("w", encoding="utf-8") as stream:
        work = Work(environments.main(), stream, show=False)
        with pytest.raises(Failed, match="did not end"):
            # The pipe stays open, and the runner reads from it, until the child process ends.
            work.run(["sh", "-c", "echo started; sleep 600 & wait"])
    assert "started" in log.read_text("utf-8")
