# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""All requests of a process to KMS: each at the pace of its operation and Region, and again where that may help.

botocore repeats nothing. All its repetitions of one client share a number of tokens (500 for all, 5 or 14 for each),
and when many requests are throttled or fail at the same time it gives up after the first attempt.
"""

from __future__ import annotations

import threading
import typing as t
from time import monotonic, sleep

from .._errors import CloudKeysError
from .error_codes import THROTTLED, THROTTLED_MINUTES, is_passing
from .errors import KmsError
from .pace import LONGEST_PAUSE, Pace, TurnMissed, backoff
from .quotas import QUOTAS

__all__ = ("PatienceExceeded", "Traffic")

# Ten attempts take about a minute and a half.
ATTEMPTS, LONGEST_PAUSE_OF_FAILURES = 10, 20.0

_Answer = t.TypeVar("_Answer")
Paced = t.Mapping[str, t.Mapping[str, float]]


class PatienceExceeded(CloudKeysError):
    """A request was not sent, or KMS throttled it, and the time of the visit is over. KMS has done nothing for it."""

    def __init__(self, operation: str, key: str, region: str) -> None:
        self.operation = operation
        self.key = key
        self.region = region
        super().__init__(
            f"{key}: postponed: the turn of {operation} in Region {region} did not come in the time that this visit to"
            " the target had. KMS has done nothing for it."
        )


class Traffic:
    """Several threads may use it at the same time. All requests of one process are for the same account.

    :param quotas: requests a second, by operation; None for AWS's defaults.
    :param patience: seconds from now in which requests wait for their turn; None for as long as it takes.
    :param paced: what :attr:`paced` said at the end of the process before, on this machine.
    """

    def __init__(
        self, quotas: t.Mapping[str, float] | None = None, patience: float | None = None, paced: Paced | None = None
    ) -> None:
        self._quotas = QUOTAS if quotas is None else quotas
        self._deadline = None if patience is None else monotonic() + patience
        self._lock = threading.Lock()
        self._paces: dict[tuple[str, str], Pace] = {}
        for region, operations in (paced or {}).items():
            for operation, last in operations.items() if isinstance(operations, dict) else ():
                # On its way through Ansible a name may have been masked, and nothing depends on it.
                if operation in self._quotas and isinstance(last, (int, float)):
                    self._pace(region, operation).resume(last)

    def send(
        self,
        operation: str,
        key: str,
        region: str,
        request: t.Callable[[], _Answer],
        *,
        repeatable: bool = True,
        insist: bool = False,
    ) -> _Answer:
        """What *request* returns, or the error that does not pass.

        A request that is throttled is repeated, whatever it is: KMS has not done it. That ends when KMS has taken no
        request of this operation and Region for some minutes, so that nobody waits who need not.

        :param key: what it is about, for the sentence of an error.
        :param repeatable: whether it may be repeated, too, when nobody knows whether KMS has done it.
        :param insist: whether it takes its turn however late that comes.
        :raises PatienceExceeded: its turn did not come in time.
        """
        pace = self._pace(region, operation)
        deadline = None if insist else self._deadline
        began = monotonic()
        refused = failed = 0
        unknown: KmsError | None = None
        while True:
            try:
                return pace.keep(request, deadline)
            except TurnMissed:
                raise PatienceExceeded(operation, key, region) from None
            except KmsError as error:
                if error.code == THROTTLED:
                    refused += 1
                    pause = backoff(refused, LONGEST_PAUSE)
                    if deadline is not None and monotonic() + pause > deadline:
                        raise PatienceExceeded(operation, key, region) from None
                    if monotonic() - max(began, pace.taken or began) >= THROTTLED_MINUTES * 60:
                        raise unknown or error from None
                elif repeatable and is_passing(error.code, error.status) and failed + 1 < ATTEMPTS:
                    failed += 1
                    # KMS may have done it: this request is not given back as one that was not sent.
                    unknown, deadline = error, None
                    pause = backoff(failed, LONGEST_PAUSE_OF_FAILURES)
                else:
                    raise
            sleep(pause)

    @property
    def paced(self) -> dict[str, dict[str, float]]:
        """When the last request was sent, by Region and operation, for the next process on this machine."""
        said: dict[str, dict[str, float]] = {}
        for (region, operation), pace in self._paces.items():
            last = pace.last
            if last is not None:
                said.setdefault(region, {})[operation] = last
        return said

    def _pace(self, region: str, operation: str) -> Pace:
        with self._lock:
            pace = self._paces.get((region, operation))
            if pace is None:
                pace = self._paces[region, operation] = Pace(self._quotas[operation])
            return pace
