# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the emulator in all accounts and Regions: its keys, its clock, and the control settings."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.kms.models import KmsBackend, kms_backends
from moto.kms.utils import RESERVED_ALIASES

from .clock import DAY, Clock
from .errors import Refused, not_found
from .key import EmulatedKey
from .specs import SYMMETRIC, partition
from .token_service import forget_roles
from .unwrapping import Tokens, WrappingKeys

DEFAULT_ROTATION_SECONDS = 2.0
_KEY_ID = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_ARN = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]*):(\d*):(key|alias)/(.+)")


@dataclass
class Stale:
    """The key as reads return it until a given time. *key* is None while reads do not find it."""

    until: float
    key: EmulatedKey | None


@dataclass
class World:
    clock: Clock = field(default_factory=Clock)
    wrapping_keys: WrappingKeys = field(default_factory=WrappingKeys)
    tokens: Tokens = field(default_factory=Tokens)
    rotation_seconds: float = DEFAULT_ROTATION_SECONDS
    stale_seconds: float = 0.0
    next_key_ids: list[str] = field(default_factory=list)
    """IDs of the keys that are created next, for examples that name their keys."""
    aliases: dict[tuple[str, str], dict[str, EmulatedKey]] = field(default_factory=dict)
    """By account and Region: the key of each alias name."""
    _stale: dict[str, list[Stale]] = field(default_factory=dict)
    _accounts: set[tuple[str, str]] = field(default_factory=set)

    def region(self, account: str, region: str) -> RegionView:
        """:raises Refused: AWS does not have this Region."""
        if region not in kms_backends[account].regions:
            raise Refused("InvalidSignatureException", "Credential should be scoped to a valid Region.")
        self._accounts.add((account, region))
        return RegionView(self, account, region)

    def reset(self) -> None:
        """Remove all keys and roles. The clock and the wrapping keys stay."""
        for account, region in self._accounts:
            backend(account, region).reset()
        forget_roles()
        self.aliases.clear()
        self._stale.clear()
        self.next_key_ids.clear()
        self.rotation_seconds, self.stale_seconds = DEFAULT_ROTATION_SECONDS, 0.0

    def set_stale(self, seconds: float) -> None:
        self.stale_seconds = seconds
        if not seconds:
            self._stale.clear()

    @contextmanager
    def late(self, seconds: float) -> Iterator[None]:
        """Delay the visibility of the changes in this block by this number of seconds."""
        usual, self.stale_seconds = self.stale_seconds, max(self.stale_seconds, seconds)
        try:
            yield
        finally:
            self.stale_seconds = usual

    def about_to_change(self, key: EmulatedKey) -> None:
        """Keep the current state of the key for stale reads."""
        if self.stale_seconds:
            for one in key.family.keys.values():
                self._remember(one, copy.deepcopy(one))

    def just_created(self, key: EmulatedKey) -> None:
        if self.stale_seconds:
            self._remember(key, None)

    def _remember(self, key: EmulatedKey, seen: EmulatedKey | None) -> None:
        self._stale.setdefault(key.arn, []).append(Stale(self.clock.now() + self.stale_seconds, seen))

    def as_read(self, key: EmulatedKey) -> EmulatedKey:
        """The key as an eventually consistent read returns it."""
        now = self.clock.now()
        memories = self._stale.get(key.arn, [])
        memories[:] = [memory for memory in memories if memory.until > now]
        if not memories:
            return key
        if memories[0].key is None:
            raise not_found(key.arn)
        return memories[0].key

    def seems_missing(self, key: EmulatedKey) -> bool:
        memories = self._stale.get(key.arn, [])
        return any(memory.key is None and memory.until > self.clock.now() for memory in memories)


def backend(account: str, region: str) -> KmsBackend:
    return kms_backends[account][region]


@dataclass
class RegionView:
    """KMS in one Region, from the perspective of one account."""

    world: World
    account: str
    region: str

    @property
    def now(self) -> float:
        return self.world.clock.now()

    @property
    def backend(self) -> KmsBackend:
        return backend(self.account, self.region)

    def is_region(self, region: str) -> bool:
        return region in kms_backends[self.account].regions

    def elsewhere(self, region: str) -> RegionView:
        return self.world.region(self.account, region)

    @property
    def aliases(self) -> dict[str, EmulatedKey]:
        """The key of each alias name."""
        return self.world.aliases.setdefault((self.account, self.region), {})

    def point(self, alias: str, key: EmulatedKey) -> None:
        """Make an alias refer to this key, and no longer to another."""
        former = self.aliases.get(alias)
        if former:
            former.aliases.pop(alias)
        self.aliases[alias] = key
        key.aliases[alias] = None

    def arn(self, resource: str) -> str:
        """:param resource: ``key/`` and a key ID, or an alias name."""
        return f"arn:{partition(self.region)}:kms:{self.region}:{self.account}:{resource}"

    def add(self, key: EmulatedKey, tags: list[dict[str, str]] | None = None) -> None:
        self.backend.keys[key.id] = key
        if tags:
            self.backend.tagger.tag_resource(key.id, tags)
        self.world.just_created(key)

    def find(self, given: str, *, alias_allowed: bool) -> EmulatedKey:
        """Find a key by key ID, key ARN or, if the operation accepts aliases, alias name or alias ARN."""
        arn = _ARN.fullmatch(given)
        if arn and arn[1] != self.region:
            raise Refused("InvalidArnException", f"Invalid arn {arn[1]}")
        if given.startswith("alias/") or (arn and arn[3] == "alias"):
            if not alias_allowed:
                raise Refused("InvalidArnException", "Key Aliases are not supported for this operation.")
            return self._of_alias(f"alias/{arn[4]}" if arn else given)
        if given.startswith("arn:") and not arn:
            raise Refused("InvalidArnException", f"Invalid arn {given}")
        key_id = arn[4] if arn else given
        if not _KEY_ID.fullmatch(key_id):
            raise Refused("NotFoundException", f"Invalid keyId '{given}'")
        if arn and arn[2] != self.account:
            raise not_found(given)
        return self._alive(key_id)

    def alive_keys(self) -> list[EmulatedKey]:
        keys: dict[str, Any] = self.backend.keys
        for key in [key for key in keys.values() if key.deletion_time is not None]:
            self._bury(key)
        return list(keys.values())

    def _of_alias(self, name: str) -> EmulatedKey:
        if name in RESERVED_ALIASES and name not in self.aliases:
            self._add_aws_managed_key(name)
        key = self.aliases.get(name)
        if not key:
            raise Refused("NotFoundException", f"Alias {self.arn(name)} is not found.")
        return self._alive(key.id)

    def _add_aws_managed_key(self, alias: str) -> None:
        """Create the AWS managed key. AWS creates it when a service first needs it."""
        key = EmulatedKey(
            account_id=self.account,
            region=self.region,
            spec=SYMMETRIC,
            usage="ENCRYPT_DECRYPT",
            origin="AWS_KMS",
            now=self.now,
        )
        key.key_manager = "AWS"
        self.backend.keys[key.id] = key
        self.point(alias, key)

    def _alive(self, key_id: str) -> EmulatedKey:
        key: Any = self.backend.keys.get(key_id)
        if key is None:
            raise not_found(self.arn(f"key/{key_id}"))
        for member in list(key.family.keys.values()):
            member.settle(self.now)
            self._bury(member)
        if key_id not in self.backend.keys:
            raise not_found(self.arn(f"key/{key_id}"))
        found: EmulatedKey = key
        return found

    def _bury(self, key: EmulatedKey) -> None:
        """Remove a key after its waiting period. That of a primary key starts with the deletion of its last replica."""
        if key.deletion_time is None or key.deletion_time > self.now:
            return
        of_region = RegionView(self.world, key.account_id, key.region)
        of_region.backend.keys.pop(key.id, None)
        for alias in key.aliases:
            of_region.aliases.pop(alias, None)
        key.family.keys.pop(key.region, None)
        family = key.family
        if family.keys and not family.replicas and family.primary.deletion_window is not None:
            family.primary.deletion_time = key.deletion_time + family.primary.deletion_window * DAY
