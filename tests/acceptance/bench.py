# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scenarios work with: the keys of the run, its playbooks, and KMS itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from support.materials import SYMMETRIC, new_material

from .account import Account
from .clean_up import DAYS, TAG, alias_prefix, description
from .player import Played, Player, Task, Unmet
from .price import Budget
from .record import read_journal
from .recorder import cloudkeys_recorder as recorder

# Seconds. An accepted rotation took up to eight minutes in other people's captures.
PATIENCE = 900
# Seconds in which KMS shows a change everywhere.
CONSISTENT = 300
_NOT_YET = ("DisabledException", "KMSInvalidStateException", "NotFoundException")
_PAUSE = 1.0
#: What the main key's key material is declared to have, in most scenarios.
EXPIRATION = {"valid_for": "30d", "renew_before": "10d"}


@dataclass
class Key:
    """A key of the run.

    :ivar material: the file of its key material; *older* those of its older key materials, the latest first.
    :ivar proof: what the key encrypted when it was first used, as kms_key_proof returns it.
    :ivar secret: a plaintext, and what KMS encrypted it to without the collection.
    :ivar imported: whether a scenario has left it Enabled, with its key material, as the collection declares it.
    """

    name: str
    alias: str
    material: Path
    arn: str = ""
    older: list[Path] = field(default_factory=list)
    proof: dict[str, Any] | None = None
    secret: tuple[bytes, bytes] | None = None
    imported: bool = False


class Bench:
    def __init__(self, account: Account, region: str, replica_region: str | None, run: str, player: Player) -> None:
        self.account, self.region, self.replica_region = account, region, replica_region
        self.run, self.player, self.budget = run, player, Budget()
        self._main: Key | None = None

    @property
    def kms(self) -> Any:
        """A client in the Region of the run, for checks that do not rely on the collection."""
        return self.account.kms(self.region)

    @property
    def mine(self) -> dict[str, Any]:
        """The options by which every key of the run is recognized."""
        return {"description": description(self.run), "tags": {TAG: self.run}}

    def alias(self, name: str) -> str:
        return f"{alias_prefix(self.run)}{name}"

    def new_material(self, name: str, spec: str = SYMMETRIC) -> Path:
        path = self.player.work / f"{name}.key"
        path.touch(mode=0o600)
        path.write_bytes(new_material(spec))
        return path

    def play(self, title: str, *tasks: Task, fails: bool = False) -> Played:
        return self.player.play(title, *tasks, fails=fails)

    def main_key(self) -> Key:
        """The symmetric key that most scenarios share. The first scenario that uses it creates it."""
        if self._main is None:
            key = Key("main", self.alias("main"), self.new_material("main"))
            self.budget.take(["main"])
            created = self.play(
                "Create the key",
                {
                    "kms_external_key": {
                        "alias": key.alias,
                        **self.mine,
                    }
                },
            )
            key.arn = created.last["kms_key"]["arn"]
            self._main = key
        return self._main

    def ready_key(self) -> Key:
        """The main key, Enabled and with its key material."""
        key = self.main_key()
        if not key.imported:
            task = self.material(key, on_unknown_material="reimport", enabled=True)
            used = self.play("Import the key material", task, self.use(key)).last
            key.proof = key.proof or used["proof"]
            key.imported = True
            self.check_use(key)
        return key

    def material(self, key: Key, **options: Any) -> Task:
        """A task that declares the key material of a key."""
        declared: dict[str, Any] = {
            "key_id": key.arn,
            "key_material_src": str(key.material),
            "key_material_format": "raw",
        }
        if key.older:
            previous = [{"key_material_src": str(path), "key_material_format": "raw"} for path in key.older]
            declared |= {"previous_key_materials": previous, "on_different_material": "rotate"}
        expires = options.get("state") != "absent" and "expiration_model" not in options
        return {"kms_key_material": declared | (EXPIRATION if expires else {}) | options}

    def use(self, key: Key) -> Task:
        """A task that has the key encrypt and decrypt, and decrypt what it encrypted first, if that is known."""
        return {"kms_key_proof": {"key_id": key.arn, **({"proof": key.proof} if key.proof else {})}}

    def check_use(self, key: Key) -> None:
        """That KMS encrypts with the key and decrypts what it encrypted first, without the collection.

        :raises Unmet: it does not.
        """

        def use() -> bytes:
            if key.secret is None:
                plaintext = os.urandom(32)
                key.secret = plaintext, self.kms.encrypt(KeyId=key.arn, Plaintext=plaintext)["CiphertextBlob"]
            decrypted: bytes = self.kms.decrypt(KeyId=key.arn, CiphertextBlob=key.secret[1])["Plaintext"]
            return decrypted

        end = time.time() + CONSISTENT
        while True:
            try:
                decrypted = use()
                break
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code not in _NOT_YET or time.time() > end:
                    raise Unmet(f"KMS does not use the key: {code}.") from error
            time.sleep(_PAUSE)
        assert key.secret is not None
        expect(decrypted == key.secret[0], "KMS decrypts what it encrypted first")

    def check_expiration(self, key: str, days: int | None, region: str | None = None) -> dict[str, Any]:
        """That KMS has the expiration that was declared. Returns the metadata of the key.

        :param key: its ARN or alias.
        :param days: from now; None if the key material must not expire.
        :raises Unmet: it has another one.
        """
        metadata: dict[str, Any] = self.account.kms(region or self.region).describe_key(KeyId=key)["KeyMetadata"]
        model, valid_to = metadata.get("ExpirationModel"), metadata.get("ValidTo")
        if days is None:
            expect(model == "KEY_MATERIAL_DOES_NOT_EXPIRE", "the key material does not expire", model)
            return metadata
        expect(model == "KEY_MATERIAL_EXPIRES", "the key material expires", model)
        assert valid_to is not None
        expected = datetime.now(UTC) + timedelta(days=days)
        close = abs(valid_to - expected) < timedelta(seconds=PATIENCE)
        expect(close, f"the key material expires in {days} days", valid_to)
        return metadata

    def accepted(self, before: int, operation: str) -> int:
        """How many calls KMS has accepted since *before*, a number of calls."""
        return sum(call["operation"] == operation and "answer" in call for call in self.calls()[before:])

    def schedule_deletion(self, *names: str, regions: tuple[str, ...] = ()) -> None:
        """Schedule the deletion of keys through the collection, as soon as a scenario has finished with them."""
        replicas = {"replica_regions": list(regions)} if regions else {}
        options = {"state": "absent", "pending_window": DAYS, **replicas}
        # By its ARN: an alias could have been moved to another key of the account meanwhile.
        tasks = [
            {"kms_external_key": {"alias": self.alias(name), "key_id": self.arn_of(name), **options}} for name in names
        ]
        self.play("Schedule the deletion", *tasks)
        self.budget.give_back([*names, *(f"{name} in {region}" for name in names for region in regions)])

    def arn_of(self, name: str) -> str:
        """The ARN of the key that the run created with this alias.

        :raises Unmet: it created none.
        """
        calls = [call for call in self.calls() if "answer" in call and call["region"] == self.region]
        created = {
            metadata["KeyId"]: metadata["Arn"]
            for call in calls
            if call["operation"] == "CreateKey"
            for metadata in [call["answer"]["KeyMetadata"]]
        }
        for call in calls:
            request = call["request"]
            if call["operation"] == "CreateAlias" and request["AliasName"] == self.alias(name):
                arn = created.get(request["TargetKeyId"].rpartition("/")[2])
                if arn is not None:
                    return str(arn)
        raise Unmet(f"No recorded call created a key with the alias {self.alias(name)}.")

    def retire_main_key(self) -> None:
        if self._main is not None:
            self.schedule_deletion("main")
            self._main = None

    def lose(self, key: Key) -> None:
        """Delete the key material without the collection, as another administrator could."""
        key.imported = False
        self.kms.delete_imported_key_material(KeyId=key.arn)
        self.wait_for(lambda: self.state(key) == "PendingImport", "the key material is deleted")

    def state(self, key: Key, region: str | None = None) -> str:
        kms = self.account.kms(region or self.region)
        return str(kms.describe_key(KeyId=key.arn)["KeyMetadata"]["KeyState"])

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """:raises Unmet: it does not come true in time."""
        end = time.time() + PATIENCE
        while not condition():
            if time.time() > end:
                raise Unmet(f"KMS did not show within {PATIENCE} seconds that {what}.")
            time.sleep(_PAUSE)

    def calls(self) -> list[dict[str, Any]]:
        """The journal of the run so far."""
        journal = self.player.work / recorder.JOURNAL
        return read_journal(journal)


def expect(condition: bool, what: str, found: Any = None) -> None:
    """:raises Unmet: the condition is false."""
    if not condition:
        raise Unmet(f"Expected that {what}." + (f" Found: {found}." if found is not None else ""))
