# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS emulator as a server for the time of one part."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from typing import IO

from work import Failed, Work, background


@contextlib.contextmanager
def running_emulator(work: Work) -> Iterator[str]:
    """Start the emulator on a free port of loopback, and yield its address."""
    command = [str(work.environment.python), "tests/kms_emulator", "--port", "0"]
    with background(work, command) as process:
        output = process.stdout
        address = _address(work, output) if output else None
        if not address:
            raise Failed("the KMS emulator did not start; the log says why")
        # The output is not read from here on, and a full pipe would stop the emulator.
        threading.Thread(target=_drain, args=(output,), daemon=True).start()
        yield address


def _address(work: Work, output: IO[str]) -> str | None:
    for line in output:
        work.say(line.rstrip("\n"), quiet=True)
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found.group()
    return None


def _drain(output: IO[str]) -> None:
    with contextlib.suppress(ValueError):  # Closed, when the emulator is stopped.
        for _line in output:
            pass
