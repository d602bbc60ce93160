# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""All requests of a process to KMS: each at the pace of its operation and Region, repeated where that may help.

botocore's own retries are turned off. All retries of one botocore client share a number of tokens (500 in total, 5 or
14 for each), so when many requests are throttled or fail at the same time, it gives up after the first attempt.
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

# Ten attempts take about 90 seconds.
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
            f"{key}: {operation} in Region {region} was postponed, because its turn did not come within this visit"
            " to the target. KMS has done nothing for this request."
        )


class Traffic:
    """The traffic of one process, which uses one account. Several threads may use it at the same time.

    :param quotas: requests per second, by operation; None for the AWS defaults.
    :param patience: how many seconds from now requests wait for their turn; None for no limit.
    :param paced: the value of :attr:`paced` at the end of the previous process on this machine.
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
                # A name may have been masked on its way through Ansible. Nothing depends on it.
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
        """The result of *request*, or an error that is not temporary.

        A throttled request is always repeated, because KMS has not performed it. This ends when KMS has accepted no
        request of this operation and Region for some minutes, so that a hopeless task does not wait on.

        :param key: the subject of the request, for error messages.
        :param repeatable: whether the request may also be repeated if it is unknown whether KMS has performed it.
        :param insist: whether the request waits for its turn without a time limit.
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
                    # KMS may have performed it, so this request must not be reported as not sent.
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
