# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a playbook's output that the demo keeps."""

from __future__ import annotations

import sys

import pytest
from demo import screen

SEVERAL_TASKS = """
PLAY [Export] *****************************

TASK [Validate the key list] **************
ok: [localhost]

TASK [Create the folder] ******************
changed: [localhost]

TASK [Fetch the import parameters] ********
[WARNING]: expected
[WARNING]: unexpected
ok: [localhost]

TASK [Publish the bundles] ****************
skipping: [localhost]

TASK [Read these codes aloud] *************
ok: [localhost] => {
    "msg": [
        "ledger: KF4S"
    ]
}

PLAY RECAP ********************************
localhost : ok=4 changed=1 failed=0
"""


def test_tasks_that_only_check_are_omitted() -> None:
    assert screen.shortened(SEVERAL_TASKS, ["expected"]).splitlines() == [
        "TASK [Create the folder]",
        "changed: [localhost]",
        "TASK [Fetch the import parameters]",
        "[WARNING]: unexpected",
        "ok: [localhost]",
        "TASK [Read these codes aloud]",
        "ok: [localhost] => {",
        '    "msg": [',
        '        "ledger: KF4S"',
        "    ]",
        "}",
    ]


def test_a_single_task_is_kept() -> None:
    output = "PLAY [localhost] ***\n\nTASK [Import] ***\nok: [localhost]\n\nPLAY RECAP ***\nlocalhost : ok=1\n"
    assert screen.shortened(output, []) == "TASK [Import]\nok: [localhost]"


def test_colors_are_kept_and_do_not_hide_a_result() -> None:
    output = "TASK [A] ***\n\033[0;32mok: [localhost]\033[0m\n\nTASK [B] ***\n\033[0;33mchanged: [localhost]\033[0m\n"
    assert screen.shortened(output, []) == "TASK [B]\n\033[0;33mchanged: [localhost]\033[0m"


def test_warnings_are_found_in_colored_output() -> None:
    assert screen.warnings_in("\033[1;35m[WARNING]: one\033[0m\nok\n[WARNING]: two") == ["one", "two"]


@pytest.mark.parametrize(
    ("terminal", "variables", "expected"),
    [
        pytest.param(True, {}, True, id="terminal"),
        pytest.param(True, {"NO_COLOR": ""}, True, id="empty NO_COLOR"),
        pytest.param(True, {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param(True, {"TERM": "dumb"}, False, id="dumb terminal"),
        pytest.param(False, {}, False, id="no terminal"),
    ],
)
def test_colors(terminal: bool, variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert screen.colored() is expected
