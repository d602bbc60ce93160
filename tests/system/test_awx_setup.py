# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook awx_setup against a model of AWX's API: creation, a second run, another list, and removal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.emulator import Emulator

from .awx import ORGANIZATION, Awx, awx_for
from .playbooks import Project, changes

KEYS = [{"alias": "alias/payments"}, {"alias": "webhooks", "key_spec": "HMAC_256", "accounts": ["retail"]}]
KINDS = (
    "organizations", "execution_environments", "projects", "credential_types", "credentials", "inventories", "hosts",
    "notification_templates", "inventory_sources", "job_templates", "workflow_job_templates", "schedules",
)  # fmt: skip


@pytest.fixture
def awx(project: Project, emulator: Emulator) -> Iterator[Awx]:
    with awx_for(project, emulator) as awx:
        awx.accounts = {"treasury": "444455556666", "retail": "777788889999"}
        yield awx


def names(awx: Awx, kind: str) -> set[str]:
    """Of what was made, and not brought along by AWX."""
    return {one["name"] for one in awx.model.objects(kind) if not one.get("managed") and one["name"] != "Default"}


def writes(awx: Awx) -> list[tuple[str, str, int]]:
    return [call for call in awx.model.calls if call[0] != "GET"]


def test_from_nothing_to_nothing(awx: Awx) -> None:
    """A dry run, the run, the run again, another list, and the removal."""
    variables = awx.variables(
        awx_setup_keys=KEYS,
        awx_setup_ceremony_keys=[{"name": "ledger", "key_id": "alias/ledger", "accounts": ["treasury"]}],
        awx_setup_notification_url="https://hooks.example.com/cloudkeys",
        awx_setup_inventory_source="all.kms_keys.yml",
    )
    before = {kind: names(awx, kind) for kind in KINDS}
    dry = awx.set_up(variables, "--check").ok()
    assert writes(awx) == []
    assert changes(dry) == ["List what would be created"]
    for line in ("job template cloudkeys: Renew", "credential cloudkeys: key material", "host treasury"):
        assert line in dry.output

    assert "cloudkeys: key material: Key material of alias/payments" in awx.set_up(variables).ok().output
    assert names(awx, "organizations") - before["organizations"] == {ORGANIZATION}
    assert {name for name in names(awx, "job_templates") if name.startswith("cloudkeys: ")} == names(
        awx, "job_templates"
    ) - before["job_templates"]
    assert all(names(awx, kind) - before[kind] for kind in KINDS)
    template = awx.model.object("job_templates", name="cloudkeys: Renew")
    assert not template["ask_variables_on_launch"]
    assert template["ask_limit_on_launch"]

    # A user has filled them in. Later runs do not change them.
    awx.fill_in("key material", key_payments="c2VjcmV0")
    made = len(writes(awx))
    again = awx.set_up(variables).ok()
    assert changes(again) == []
    assert len(writes(awx)) == made
    assert awx.model.object("credentials", name="cloudkeys: key material")["inputs"] == {"key_payments": "c2VjcmV0"}

    # A key more, in the fields of a type in use; then in a credential of its own, and without a ceremony.
    more = {**variables, "awx_setup_keys": [*KEYS, {"alias": "alias/archive"}], "awx_setup_ceremony_keys": []}
    refused = awx.set_up(more).failed()
    assert "The credential type cloudkeys: key material is in use and has no key_archive." in refused.output
    assert len(writes(awx)) == made
    more["awx_setup_keys"][-1]["credential"] = "key material 2027"
    awx.set_up(more).ok()
    credentials = awx.model.object("job_templates", name="cloudkeys: Renew")["credentials"]
    assert awx.model.object("credentials", name="cloudkeys: key material 2027")["id"] in credentials
    assert "cloudkeys: Ceremony export" not in names(awx, "job_templates")
    assert "cloudkeys: Ceremony" not in names(awx, "workflow_job_templates")

    removed = awx.set_up({**more, "awx_setup_state": "absent"}).ok()
    assert "These credentials were kept" in removed.output
    left = {kind: names(awx, kind) - before[kind] for kind in KINDS}
    assert {kind for kind, found in left.items() if found} == {"organizations", "credential_types", "credentials"}
    assert awx.model.object("credentials", name="cloudkeys: key material")["inputs"] == {"key_payments": "c2VjcmV0"}
    awx.set_up({**more, "awx_setup_state": "absent", "awx_setup_remove_credentials": True}).ok()
    # What is no longer in the list is not known.
    assert names(awx, "credentials") - before["credentials"] == {"cloudkeys: ceremony"}


def test_an_account_that_is_no_longer_listed_is_no_host(awx: Awx) -> None:
    """A host of another user is not removed."""
    variables = awx.variables(awx_setup_keys=KEYS)
    awx.set_up(variables).ok()
    inventory = awx.model.object("inventories", name="cloudkeys: accounts")
    awx.request("POST", "/api/v2/hosts/", {"name": "own", "inventory": inventory["id"], "variables": "a: b"})
    variables["awx_setup_accounts"] = [one for one in variables["awx_setup_accounts"] if one["name"] == "retail"]
    assert "Remove the accounts and Regions that are no longer listed" in changes(awx.set_up(variables).ok())
    assert names(awx, "hosts") >= {"retail", "own"}
    assert "treasury" not in names(awx, "hosts")


def test_a_credential_of_another_organization_is_none_of_ours(awx: Awx) -> None:
    """AWX finds credentials of all organizations by name, and jobs would use the other organization's."""
    theirs = awx.request("POST", "/api/v2/organizations/", {"name": "Theirs"})
    vault = awx.model.object("credential_types", name="Vault")
    body = {"name": "cloudkeys: Vault", "organization": theirs["id"], "credential_type": vault["id"]}
    awx.request("POST", "/api/v2/credentials/", {**body, "inputs": {"vault_password": "theirs"}})
    refused = awx.set_up(awx.variables(awx_setup_keys=[{"alias": "a", "key_material_src": "keys/a.key"}])).failed()
    assert "returned 2 items, expected 1" in refused.output
    credential = awx.model.object("credentials", organization=theirs["id"])
    assert not [one for one in awx.model.objects("job_templates") if credential["id"] in one["credentials"]]


def test_what_another_organization_has_is_not_removed(awx: Awx) -> None:
    """The names of execution environments are unique across organizations."""
    theirs = awx.request("POST", "/api/v2/organizations/", {"name": "Theirs"})
    body = {"name": "cloudkeys", "organization": theirs["id"], "image": "registry.example.com/theirs:1.0"}
    awx.request("POST", "/api/v2/execution_environments/", body)
    awx.request("POST", "/api/v2/organizations/", {"name": ORGANIZATION})
    assert changes(awx.set_up(awx.variables(awx_setup_keys=KEYS, awx_setup_state="absent")).ok()) == []
    assert "cloudkeys" in names(awx, "execution_environments")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"awx_setup_keys": [{"alias": "a", "key_material": "c2VjcmV0"}]},
            "has key_material. This role does not accept",
        ),
        ({"awx_setup_projekt_url": "x"}, "has no awx_setup_projekt_url"),
        ({"awx_setup_accounts": [{"name": "a", "account_id": 12, "region": "eu-west-1"}]}, "12 digits in quotes"),
    ],
    ids=["a secret", "a misspelt variable", "a number for an account"],
)
def test_what_is_refused_before_awx_is_asked(awx: Awx, changed: dict[str, Any], said: str) -> None:
    assert said in awx.set_up(awx.variables(**changed)).failed().output
    assert awx.model.calls == []


def test_without_awx_awx(awx: Awx) -> None:
    """The message for a user without awx.awx explains how to install it."""
    collections = awx.project.folder / "collections" / "ansible_collections"
    for name in ("amazon", "cloudkeys"):
        (collections / name).mkdir(parents=True)
        there = awx.project.variables()["ANSIBLE_COLLECTIONS_PATH"]
        (collections / name / "aws").symlink_to(f"{there}/ansible_collections/{name}/aws")
    awx.project.environment["ANSIBLE_COLLECTIONS_PATH"] = str(collections.parent)
    refused = awx.set_up(awx.variables(awx_setup_keys=KEYS)).failed()
    assert "ansible-galaxy collection install awx.awx" in refused.output
    assert awx.model.calls == []
