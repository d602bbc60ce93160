# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as tests use it: clients, its clock, what takes time in KMS, and the control API."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import boto3
from botocore.config import Config
from kms_emulator.process import LONGEST

from .external_key import ExternalKey

ClientFor = Callable[[str], Any]

REGION: Final = "us-east-1"

#: How long an accepted rotation takes here, in seconds of the emulator's clock; KMS takes one to eight minutes.
ROTATION_SECONDS: Final = 120

#: Enough for a replica to be created or a primary to be moved.
SETTLING_SECONDS: Final = 300


class Control:
    """The emulator's control API. What is set here concerns every key, so a test's fixture takes it back."""

    def __init__(self, url: str) -> None:
        self._url = url

    def _request(self, method: str, name: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self._url}/_emulator/{name}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=LONGEST) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def advance(self, seconds: float) -> None:
        self._request("PUT", "clock", {"advance_seconds": seconds})

    def stop_clock(self) -> None:
        """Time then passes by :meth:`advance` alone: nothing a test asserts depends on how long it takes."""
        self._request("PUT", "clock", {"runs": False})

    def run_clock(self) -> None:
        self._request("PUT", "clock", {"runs": True})

    def latency(self, seconds: float) -> None:
        self._request("PUT", "latency", {"seconds": seconds})

    def rotation(self, seconds: float) -> None:
        self._request("PUT", "rotation", {"seconds": seconds})

    def quotas(self, per_second: dict[str, int]) -> None:
        self._request("PUT", "quotas", per_second)

    def faults(self, faults: list[dict[str, Any]]) -> None:
        self._request("PUT", "faults", faults)

    def key_ids(self, ids: Sequence[str]) -> None:
        """:param ids: of the keys that are created next."""
        self._request("PUT", "key-ids", list(ids))

    def denied(self, operations: Sequence[str | dict[str, str]]) -> None:
        """:param operations: each for every key, or for one: ``{"operation": ..., "key": KeyId}``."""
        self._request("PUT", "denied", list(operations))

    def stale_reads(self, seconds: float) -> None:
        self._request("PUT", "consistency", {"stale_reads_seconds": seconds})

    def calls(self, after: int = 0) -> list[dict[str, Any]]:
        """:param after: the number of calls to leave out, from the first one on."""
        calls: list[dict[str, Any]] = self._request("GET", f"calls/{after}")
        return calls

    def undo(self) -> None:
        self.quotas({})
        self.faults([])
        self.denied([])
        self.stale_reads(0)
        self.latency(0)
        self.rotation(ROTATION_SECONDS)


class Emulator:
    """KMS's time, which only goes forward, and what takes time there."""

    day: Final = timedelta(days=1)

    def __init__(self, url: str) -> None:
        self.url = url
        self.control = Control(url)
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, region: str = REGION, account_key: str = "AKIAEMULATOR00000000") -> Any:
        """A client that never retries, so that every answer is seen as it was given."""
        if (region, account_key) not in self._clients:
            self._clients[region, account_key] = boto3.client(
                "kms",
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id=account_key,
                aws_secret_access_key="not-a-secret",
                config=Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=LONGEST),
            )
        return self._clients[region, account_key]

    def now(self) -> datetime:
        """What KMS says it is, in whole seconds."""
        headers = self.client().list_keys(Limit=1)["ResponseMetadata"]["HTTPHeaders"]
        return parsedate_to_datetime(headers["date"])

    def advance(self, **duration: float) -> None:
        self.control.advance(timedelta(**duration).total_seconds())

    def settle(self) -> None:
        """Until keys that were Creating or Updating are done with it."""
        self.advance(seconds=SETTLING_SECONDS)

    def finish_rotation(self) -> None:
        self.advance(seconds=ROTATION_SECONDS + 1)

    def rotate(self, key: ExternalKey) -> None:
        """RotateKeyOnDemand, and the time it takes."""
        key.kms.rotate_key_on_demand(KeyId=key.arn)
        self.finish_rotation()

    def request_replica(self, key: ExternalKey, region: str = "us-west-2") -> ExternalKey:
        """A replica that is being created, in the account of its primary key."""
        answer = key.kms.replicate_key(KeyId=key.arn, ReplicaRegion=region)
        account = key.kms._request_signer._credentials.access_key
        return ExternalKey(self.client(region, account), answer["ReplicaKeyMetadata"])

    def replicate(self, key: ExternalKey, region: str = "us-west-2") -> ExternalKey:
        """A replica that is there, and waits for its material."""
        replica = self.request_replica(key, region)
        self.settle()
        return replica
