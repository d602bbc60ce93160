# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that is declared in several Regions, each with a client of its own."""

from __future__ import annotations

from typing import Any

from support.declared_keys import ALIAS, WRITES, declare, declare_in, import_into
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import fresh_client

HOME, NEAR, FAR = "eu-central-1", "eu-west-1", "us-west-2"
REGIONS = (HOME, NEAR, FAR)
NEW_REPLICA = ["replicate_key", "create_alias"]

Clients = dict[str, Any]


def clients_of(emulator: Emulator, account: str, *regions: str) -> Clients:
    return {region: fresh_client(emulator.client(region, account)) for region in regions or REGIONS}


def primary(clients: Clients, *, imported: bool = True, **options: Any) -> ExternalKey:
    """A multi-Region key with the alias; with *imported*, one that KMS replicates."""
    declared = {"alias": ALIAS, "multi_region": True, **options}
    arn = declare(clients[HOME], **declared)["kms_key"]["arn"]
    if imported:
        return import_into(clients[HOME], arn)
    return ExternalKey(clients[HOME], clients[HOME].describe_key(KeyId=arn)["KeyMetadata"])


def arn_in(region: str, key: ExternalKey) -> str:
    return key.arn.replace(HOME, region)


def described(clients: Clients, region: str, name: str = ALIAS) -> dict[str, Any]:
    metadata: dict[str, Any] = clients[region].describe_key(KeyId=name)["KeyMetadata"]
    return metadata


def writes(emulator: Emulator, before: int) -> list[str]:
    return [call["operation"] for call in emulator.control.calls()[before:] if call["operation"] in WRITES]


def predicted(clients: Clients, emulator: Emulator, **options: Any) -> dict[str, Any]:
    """Check mode, then the run, which makes the predicted changes. After a success, another run changes nothing."""
    before = len(emulator.control.calls())
    foretold = declare_in(clients, check_mode=True, **options)
    assert writes(emulator, before) == []
    real = declare_in(clients, **options)
    for name in ("changed", "actions", "replicas", "failed", "diff"):
        assert foretold.get(name) == real.get(name), name
    assert set(foretold["warnings"]) == set(real["warnings"])
    if real["failed"] is None:
        again = declare_in(clients, **options)
        assert (again["changed"], again["actions"], again["failed"]) == (False, [], None)
        assert all(part["before"] == part["after"] for part in again["diff"])
        assert not any(entry["changed"] or entry["actions"] for entry in again["replicas"])
    return real
