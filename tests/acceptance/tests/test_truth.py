# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scenario passes only if KMS did what it promises. Here, the collection claims everything and does nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material
from system.on_time import emulator_on_time

from acceptance import bench as bench_module
from acceptance.account import Account
from acceptance.bench import Bench
from acceptance.player import Played, Player, Task, Unmet
from acceptance.scenarios import every_scenario

from .runs import REGION, REPLICA_REGION

# Expirations are compared with the clock of this machine.
emulator = emulator_on_time

RUN = "20261129-0123abcd"
NOTHING = {"changed": False, "actions": [], "failed": False, "material_match": "same"}
USED = {"changed": False, "verified": True, "proof": {"ciphertext": "x"}, "failed": False}


def did(*actions: str) -> dict[str, Any]:
    state = "PendingImport" if "delete" in actions else "Enabled"
    return {"changed": True, "actions": [*actions], "failed": False, "kms_key": {"key_state": state}}


def refused(text: str = "", **more: Any) -> dict[str, Any]:
    return {"changed": False, "failed": True, "msg": text, **more}


CODES = {"changed": False, "failed": False, "msg": ["main: 0000-0000"]}
_SPEC = [did(), NOTHING, USED, USED, USED]
_DENIED = refused("kms:GetParametersForImport", kms_error={"code": "AccessDeniedException"})
#: What the tasks of each scenario return if all is well.
CLAIMS: dict[str, list[list[dict[str, Any]]]] = {
    "first-import": [[did("import"), USED]],
    "second-run": [[NOTHING]],
    "renewal": [[did("reimport"), USED]],
    "loss-and-restore": [[did("import"), USED]],
    "disabled": [[NOTHING, refused("Set enabled.")], [did("reimport", "enable"), USED]],
    "absent": [[did("delete"), NOTHING], [did("import"), USED]],
    "encrypted-pair": [[did("import"), NOTHING, USED]],
    "ceremony": [[CODES], [CODES], [did("import")], [USED]],
    "denied": [[_DENIED], [did("reimport")]],
    "rotation": [[did("import", "rotate"), NOTHING, USED]],
    "hmac": [[*_SPEC, USED, refused(material_match="different", material_match_by="mac")]],
    "rsa": [[*_SPEC, refused(material_match="different", material_match_by="public_key")]],
    "nist-curves": [[*_SPEC, refused(material_match="different", material_match_by="public_key")]],
    "other-curves": [[*_SPEC[:-1], refused(material_match="different", material_match_by="public_key")]],
    "multi-region": [[did(), NOTHING], [did(), NOTHING]],
}


_NO_KEY = "is not found"
#: Why the claims are not enough.
WHY = {
    "first-import": "the key material expires",
    "second-run": "the calls of the task are recorded",
    "renewal": "the key material expires later",
    "loss-and-restore": "the key material expires",
    "disabled": "the key material expires in 90 days",
    "absent": "that the key waits for its key material",
    "encrypted-pair": "the pair is imported once",
    "ceremony": "the key is Enabled",
    "denied": "it is imported once",
    "rotation": "the key has a current and an older key material",
    **dict.fromkeys(("hmac", "rsa", "nist-curves", "other-curves", "multi-region"), _NO_KEY),
}


@dataclass
class Clients:
    """KMS of an account.

    :ivar deaf: operations that are reported as done, and are not.
    """

    emulator: Emulator
    account: str
    deaf: set[str] = field(default_factory=set)

    def client(self, service: str, region_name: str, **_more: Any) -> Any:
        assert service == "kms"
        return self if self.deaf else self.emulator.client(region_name, self.account)

    def __getattr__(self, name: str) -> Any:
        if name in self.deaf:
            return lambda **_request: {}
        return getattr(self.emulator.client(REGION, self.account), name)


class Liar(Player):
    """Creates the main key and imports its key material where a scenario requires it. Otherwise, it only claims.

    :ivar claims: the results of the plays that follow.
    """

    claims: list[list[dict[str, Any]]]
    kms: Any
    key: ExternalKey

    def play(self, title: str, *tasks: Task, **_more: Any) -> Played:
        if title == "Create the key":
            declared = tasks[0]["kms_external_key"]
            tags = [{"TagKey": name, "TagValue": value} for name, value in declared["tags"].items()]
            self.key = ExternalKey.create(self.kms, Tags=tags, Description=declared["description"])
            return self._played([{"changed": True, "failed": False, "kms_key": {"arn": self.key.arn}}])
        if "on_unknown_material" in tasks[0].get("kms_key_material", {}):
            material = Path(tasks[0]["kms_key_material"]["key_material_src"]).read_bytes()
            self.key.put(material, valid_to=self.now + timedelta(days=30))
            return self._played([did("import"), USED])
        return self._played(self.claims.pop(0))

    def call(self, playbook: str, *_variables: Any, folder: Path, **_more: Any) -> Played:
        kind = {"ceremony_export": "parameters", "ceremony_wrap": "wrapped"}.get(playbook)
        if kind:
            (folder / "ceremony").mkdir(exist_ok=True)
            (folder / "ceremony" / f"main.{kind}.json").touch()
        return self._played(self.claims.pop(0))

    def _played(self, results: list[dict[str, Any]]) -> Played:
        return Played(0, self.work, results)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def clients(emulator: Emulator, account: str) -> Clients:
    return Clients(emulator, account)


@pytest.fixture
def bench(clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(bench_module, "CONSISTENT", 0)
    monkeypatch.setattr(bench_module, "_PAUSE", 0)
    liar = Liar(tmp_path, tmp_path, clients.account, REGION)
    account = Account(clients.account, "arn", clients)
    liar.kms = clients.emulator.client(REGION, clients.account)
    return Bench(account, REGION, REPLICA_REGION, RUN, liar)


def claim(bench: Bench, name: str) -> None:
    """Run a scenario."""
    assert isinstance(bench.player, Liar)
    bench.player.claims = list(CLAIMS[name])
    (scenario,) = [one for one in every_scenario() if one.name == name]
    scenario.run(bench)


def test_every_scenario_is_claimed() -> None:
    assert sorted(CLAIMS) == sorted(WHY) == sorted(scenario.name for scenario in every_scenario())


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_claim_is_not_enough(bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name == "absent":
        monkeypatch.setattr(bench_module, "PATIENCE", 0)
    with pytest.raises((Unmet, ClientError), match=WHY[name]):
        claim(bench, name)


def test_permissions_that_are_not_denied(bench: Bench, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.ready_key()
    clients.deaf = {"put_key_policy"}
    bench.account._clients.clear()
    monkeypatch.setattr(bench_module, "PATIENCE", 0)
    with pytest.raises(Unmet, match="did not show within 0 seconds that the key policy denies imports"):
        claim(bench, "denied")


@pytest.mark.parametrize("days", [29, 31, 365, None])
def test_a_wrong_expiration(bench: Bench, days: int | None) -> None:
    """The import takes place, with another expiration."""
    key = bench.main_key()
    assert isinstance(bench.player, Liar)
    valid_to = None if days is None else bench.player.now + timedelta(days=days)
    bench.player.key.put(new_material(SYMMETRIC), valid_to=valid_to)
    with pytest.raises(Unmet, match="the key material expires"):
        claim(bench, "first-import")
    assert bench.state(key) == "Enabled"


def test_other_key_material_of_a_lost_key(bench: Bench) -> None:
    """Old ciphertexts do not decrypt."""
    key = bench.ready_key()
    bench.check_use(key)
    other = ExternalKey.create(bench.kms)
    other.put(new_material(SYMMETRIC))
    key.arn = other.arn
    with pytest.raises(Unmet, match="KMS does not use the key"):
        bench.check_use(key)


def test_a_deletion_is_scheduled_by_arn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alias of the run could be moved to a key of production meanwhile."""
    key = bench.main_key()
    created = {
        "operation": "CreateKey",
        "answer": {"KeyMetadata": {"KeyId": key.arn.rpartition("/")[2], "Arn": key.arn}},
    }
    named = {"AliasName": key.alias, "TargetKeyId": key.arn}
    calls = [
        {"region": REGION, "request": {}, **created},
        {"region": REGION, "operation": "CreateAlias", "request": named, "answer": {}},
    ]
    monkeypatch.setattr(bench, "calls", lambda: calls)
    played: list[Task] = []
    monkeypatch.setattr(bench, "play", lambda _title, *tasks: played.extend(tasks))
    bench.schedule_deletion("main")
    (task,) = played
    assert task["kms_external_key"]["key_id"] == key.arn
    # The task fails if the alias names another key by now.
    assert task["kms_external_key"]["alias"] == key.alias
    calls[1]["request"] = {**named, "TargetKeyId": key.arn[:-12] + "0" * 12}
    with pytest.raises(Unmet, match="No recorded call created a key with the alias"):
        bench.schedule_deletion("main")
