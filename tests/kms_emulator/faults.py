# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: the next calls of an operation fail, or any call with a given probability."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass, field

EVERY_OPERATION = "*"


@dataclass
class Fault:
    """A fault of the calls of one operation, or of every operation (``*``).

    *error* answers with this error code. The operation is not carried out. *message* is the error's text and *status*
    its HTTP status; the defaults are KMS's own. *body* answers with exactly this text and *status*, as a proxy or
    another emulator might.

    *drop* carries out the operation and closes the connection without an answer, like a lost answer. "before" closes
    the connection without carrying out the operation. *hold* waits until the faults are set again, then closes the
    connection without carrying out the operation. Meanwhile, a test can examine or kill the client. *stale_seconds*
    carries out the operation, and reads return the earlier state for this time.

    *times* is how many calls the fault applies to; None means no limit. With a *probability*, it applies to some calls.
    The selection depends on *seed*, the operation, its Region, the key, and the number of earlier calls of that
    operation on that key. Other calls do not change it, so the same fleet meets the same faults again.
    """

    operation: str
    error: str | None = None
    message: str = ""
    status: int | None = None
    body: str | None = None
    drop: bool | str = False
    hold: bool = False
    stale_seconds: float = 0.0
    times: int | None = 1
    probability: float = 1.0
    seed: int | str = 0
    released: threading.Event = field(default_factory=threading.Event)
    _asked: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str | None:
        """The name of the fault in the log of calls; None if the call has no fault."""
        if self.drop:
            return "dropped before" if self.drop == "before" else "dropped"
        return "held" if self.hold else self.error or ("stale" if self.stale_seconds else None)

    def hits(self, operation: str, region: str, key: str | None) -> bool:
        """Return whether the fault applies to this call, and count the call if it does."""
        if self.operation not in (operation, EVERY_OPERATION) or self.times == 0:
            return False
        if self.probability < 1 and not self._drawn(f"{operation} {region} {key}"):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def _drawn(self, call: str) -> bool:
        self._asked[call] += 1
        number = hashlib.blake2b(f"{self.seed} {self.name} {call} {self._asked[call]}".encode(), digest_size=8).digest()
        return int.from_bytes(number, "big") < self.probability * 2**64


NOTHING = Fault("")
