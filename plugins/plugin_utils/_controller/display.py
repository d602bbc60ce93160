# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Progress lines for the user. They consist of names, numbers and times, and contain no secrets."""

from __future__ import annotations

import time

from ansible.utils.display import Display

from .conversations import Pause

__all__ = ("say", "sleep")


def say(line: str) -> None:
    """Print to standard error, because standard output belongs to the callbacks. AWX displays both."""
    Display().display(line, stderr=True)


def sleep(pause: Pause) -> None:
    """Print the reason for the pause, then wait."""
    if pause.why:
        say(pause.why)
    time.sleep(pause.seconds)
