# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong with calls: the next ones of an operation, or any with some probability."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass, field

EVERY_OPERATION = "*"


@dataclass
class Fault:
    """Something that happens to calls of an operation, or of every operation (``*``).

    With *error*, *message* is its text and *status* its HTTP status, where that is not KMS's own. *body* answers with
    this text and *status*, whatever they are, as a proxy or somebody else's emulator may.

    *error* answers with that code instead of doing it. *drop* does it and closes the connection without a reply, as
    when a reply is lost; "before" closes it without doing it. *hold* waits until the faults are set anew, and then
    closes the connection without doing it: time in which a client can be looked at, or killed. *stale_seconds* does
    it, and reads show for so long what was before.

    *times* is how often it happens, None without end. With a *probability* it happens to some of the calls: which
    ones, follows from *seed*, the operation, its Region, the key and how often that has been called. It does not
    depend on what other calls come between, so that the same fleet meets the same faults again.
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
        """What it is called in the log of calls; None where nothing happens."""
        if self.drop:
            return "dropped before" if self.drop == "before" else "dropped"
        return "held" if self.hold else self.error or ("stale" if self.stale_seconds else None)

    def hits(self, operation: str, region: str, key: str | None) -> bool:
        """Whether it happens to this call. It is used up by that."""
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
