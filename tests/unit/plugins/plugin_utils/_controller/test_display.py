# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages during a run are written to standard error: standard output belongs to the callbacks."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Pause
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.display import say, sleep


def test_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("Done: 5 of 100 keys")
    assert capsys.readouterr() == ("", "Done: 5 of 100 keys\n")


@pytest.mark.parametrize("why", ["", "KMS rotates a key"])
def test_a_pause_says_what_for(capsys: pytest.CaptureFixture[str], why: str) -> None:
    sleep(Pause(0.0, why))
    assert capsys.readouterr() == ("", f"{why}\n" if why else "")
