# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings for tests and benchmarks: time, quotas, faults, denied actions, stale reads. AWS has no equivalent."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .errors import Refused, invalid
from .faults import NOTHING, Fault
from .token_service import Service
from .world import World

DENIED = (
    "User: arn:aws:iam::{account}:user/Delegated is not authorized to perform: {service}:{operation} on resource:"
    " {resource} with an explicit deny in an identity-based policy"
)
THROTTLED = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


@dataclass
class Control:
    world: World
    quotas: dict[str, int] = field(default_factory=dict)
    latency: float = 0.0
    """Seconds that pass before a call is carried out."""
    faults: list[Fault] = field(default_factory=list)
    denied: list[str | dict[str, str]] = field(default_factory=list)
    """Denied operations. ``{"operation": "ListResourceTags", "key": KeyId}`` denies one operation on one key."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    _spent: dict[tuple[str, str, str], deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def request(self, method: str, name: str, body: Any) -> Any:
        """Handle one request of the control API. The answer is JSON, or None."""
        if (method, name.partition("/")[0]) == ("GET", "calls"):
            return self.calls[int(name.partition("/")[2] or 0) :]
        settings: dict[tuple[str, str], Callable[[], None]] = {
            ("POST", "reset"): self._reset,
            ("PUT", "clock"): lambda: self._set_clock(**body),
            ("PUT", "quotas"): lambda: self._set_quotas(body),
            ("PUT", "faults"): lambda: self._set_faults(body),
            ("PUT", "consistency"): lambda: self.world.set_stale(body["stale_reads_seconds"]),
            ("PUT", "denied"): lambda: self._set_denied(body),
            ("PUT", "rotation"): lambda: self._set_rotation(body["seconds"]),
            ("PUT", "latency"): lambda: self._set_latency(body["seconds"]),
            ("PUT", "key-ids"): lambda: self.world.next_key_ids.extend(body),
        }
        setting = settings.get((method, name))
        if setting is None:
            raise invalid(f"There is no {method} {name}.")
        setting()
        return None

    def _reset(self) -> None:
        self.world.reset()
        self._set_quotas({})
        self._set_faults([])
        self._set_denied([])
        self._set_latency(0.0)
        self.calls.clear()

    def _set_quotas(self, per_second: dict[str, int]) -> None:
        self.quotas = dict(per_second)
        self._spent.clear()

    def _set_clock(self, advance_seconds: float = 0, runs: bool | None = None) -> None:
        if runs is not None:
            self.world.clock.run() if runs else self.world.clock.stop()
        self.world.clock.advance(advance_seconds)

    def _set_faults(self, faults: list[dict[str, Any]]) -> None:
        for fault in self.faults:
            fault.released.set()
        self.faults = [Fault(**fault) for fault in faults]

    def _set_denied(self, operations: list[str | dict[str, str]]) -> None:
        self.denied = list(operations)

    def _is_denied(self, operation: str, resource: str) -> bool:
        return any(
            one == operation or (isinstance(one, dict) and one["operation"] == operation and one["key"] in resource)
            for one in self.denied
        )

    def _set_latency(self, seconds: float) -> None:
        self.latency = seconds

    def _set_rotation(self, seconds: float) -> None:
        self.world.rotation_seconds = seconds

    def next_fault(self, operation: str, region: str, key: str | None) -> Fault:
        """Return the first fault that applies to this call."""
        if self.faults:
            with self._lock:
                return next((fault for fault in self.faults if fault.hits(operation, region, key)), NOTHING)
        return NOTHING

    def admit(
        self, operation: str, account: str, region: str, resource: str, fault: Fault, service: Service = "kms"
    ) -> None:
        """:raises Refused: a fault applies, the action is denied, or the quota of this account and Region
        is exceeded.
        """
        if fault.error:
            raise Refused(fault.error, fault.message, fault.status)
        self.refuse_denied(operation, account, resource, service)
        quota = self.quotas.get(operation)
        if quota is None:
            return
        now = self.world.clock.now()
        with self._lock:
            spent = self._spent.setdefault((operation, account, region), deque())
            while spent and spent[0] <= now - 1:
                spent.popleft()
            if len(spent) >= quota:
                raise Refused("ThrottlingException", THROTTLED)
            spent.append(now)

    def refuse_denied(self, operation: str, account: str, resource: str, service: Service = "kms") -> None:
        """:raises Refused: the action is denied on this resource."""
        if self._is_denied(operation, resource):
            said = DENIED.format(account=account, service=service, operation=operation, resource=resource)
            # The Query protocol of STS and the JSON protocol of KMS use different codes.
            raise Refused("AccessDenied", said, 403) if service == "sts" else Refused("AccessDeniedException", said)

    def record(
        self, operation: str, account: str | None, region: str, key: str | None, status: int, fault: Fault
    ) -> None:
        """:param status: 0 if the call is not carried out and gets no answer."""
        now = self.world.clock.now()
        self.calls.append(
            {
                "operation": operation,
                "account": account,
                "region": region,
                "key": key,
                "status": status,
                "time": now,
                "fault": fault.name,
            }
        )
