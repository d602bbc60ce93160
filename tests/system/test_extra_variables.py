# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extra variables of a job override all others, but not the variables that a playbook sets for itself.

The names are those that its files set, whichever they are (``tests/unit/test_playbook_variables.py`` looks at them).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.collection_variables import (
    OF_ROLES,
    PLAYBOOKS,
    ROLES,
    files_of_playbook,
    files_of_role,
    options_of,
    set_in,
)
from support.declared_keys import keys
from support.emulator import Emulator
from support.in_process import with_days
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, call

VALUE = "anything-at-all"


def given(project: Project, *arguments: str, variables: dict[str, Any]) -> Run:
    (project.folder / "given.yml").write_text(yaml.safe_dump(variables), "utf-8")
    return project.command(["ansible-playbook", *arguments, "-e", "@given.yml"])


def as_a_role(project: Project, role: str, variables: dict[str, Any]) -> Run:
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "roles": [{"role": f"cloudkeys.aws.{role}"}],
    }
    (project.folder / "mine.yml").write_text(yaml.safe_dump([play]), "utf-8")
    return given(project, "mine.yml", variables=variables)


def assert_refused(run: Run, names: set[str]) -> None:
    said = run.failed().results[-1]["msg"]
    assert names - set(re.findall(r"\w+", said)) == set()
    assert VALUE not in run.output


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_nothing_that_a_playbook_sets(project: Project, emulator: Emulator, playbook: Path) -> None:
    """The role of a playbook refuses the variables of the role."""
    names = set().union(*map(set_in, files_of_playbook(playbook)))
    own = {name for name in names if name.startswith("cloudkeys_internal_")}
    assert own
    before = len(emulator.control.calls())
    assert_refused(given(project, f"cloudkeys.aws.{playbook.stem}", variables=dict.fromkeys(own, VALUE)), own)
    assert emulator.control.calls()[before:] == []


@pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)
def test_nothing_that_a_role_sets(project: Project, emulator: Emulator, role: Path) -> None:
    of_playbooks = [path for path in PLAYBOOKS if OF_ROLES.get(path.stem) == role.name]
    names = set().union(*map(set_in, [*files_of_role(role), *of_playbooks])) - set(options_of(role))
    names |= {f"{role.name}_result"}
    required: dict[str, Any] = {name: [] for name, option in options_of(role).items() if option.get("required")}
    before = len(emulator.control.calls())
    assert_refused(as_a_role(project, role.name, {**dict.fromkeys(names, VALUE), **required}), names)
    assert emulator.control.calls()[before:] == []


@pytest.mark.every_core
@pytest.mark.parametrize("name", ["omit", "inventory_hostname"])
def test_nothing_of_ansible_s(project: Project, kms: Any, name: str) -> None:
    """With ``omit``, every option that a user leaves out would be what is given: the trust in a wrapping key, too."""
    (project.folder / "payments.key").write_bytes(new_material(SYMMETRIC))
    wanted = {
        "imported_key_alias": "alias/payments",
        "imported_key_key_material_src": str(project.folder / "payments.key"),
        "imported_key_key_material_format": "raw",
        "imported_key_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        name: "target",
    }
    assert_refused(given(project, "cloudkeys.aws.provision_key", variables=wanted), {name})
    assert_refused(as_a_role(project, "imported_key", wanted), {name})
    assert keys(kms) == []


def test_no_empty_list_of_refusals(project: Project, kms: Any) -> None:
    """These variables once disabled the refusals of unknown variables and secrets."""
    for name in ("unread_variables", "own_variables", "shared_variables", "imported_key_refused_secrets"):
        wanted = {"imported_key_alias": "alias/payments", "imported_key_key_material": VALUE, name: []}
        refused = as_a_role(project, "imported_key", wanted).failed()
        assert "does not accept secret values. Remove imported_key_key_material." in refused.results[-1]["msg"]
        wanted = {"imported_key_alias": "alias/payments", "cloudkeys_aws_profile": VALUE, name: []}
        refused = given(project, "cloudkeys.aws.provision_key", variables=wanted).failed()
        assert "Unknown variables: cloudkeys_aws_profile." in refused.results[-1]["msg"]
    assert keys(kms) == []


def test_variables_of_the_inventory_do_not_count(project: Project, kms: Any, emulator: Emulator) -> None:
    """The variables of a playbook, and the results that its tasks register, override them."""
    content = new_material(SYMMETRIC)
    (project.folder / "payments.key").write_bytes(content)
    with_days(kms, emulator, "payments", 3, content)
    (renew,) = [path for path in PLAYBOOKS if path.stem == "renew_expiring"]
    names = set().union(*map(set_in, files_of_playbook(renew)))
    host = {"ansible_connection": "local", **dict.fromkeys(names, VALUE)}
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": {"here": host}}}), "utf-8")
    listed = [{"key_id": "alias/payments", "key_material_src": "payments.key", "key_material_format": "raw"}]
    call(project, "cloudkeys.aws.renew_expiring", {"renew_expiring_keys": listed}, "-i", "inventory.yml").ok()
    shown = kms.describe_key(KeyId="alias/payments")["KeyMetadata"]
    assert (shown["ValidTo"] - emulator.now()).days in (89, 90)


@pytest.mark.every_core
def test_playbooks_one_after_the_other(project: Project, kms: Any, emulator: Emulator) -> None:
    """The variables that the first one registered exist, but are not extra variables. The second does not read them."""
    content = new_material(SYMMETRIC)
    (project.folder / "payments.key").write_bytes(content)
    with_days(kms, emulator, "payments", 3, content)
    plays = ["renew_expiring", "expiry_report", "renew_expiring", "expiry_report"]
    site = [{"import_playbook": f"cloudkeys.aws.{name}"} for name in plays]
    (project.folder / "site.yml").write_text(yaml.safe_dump(site), "utf-8")
    listed = [{"key_id": "alias/payments", "key_material_src": "payments.key", "key_material_format": "raw"}]
    run = given(project, "site.yml", variables={"renew_expiring_keys": listed}).ok()
    renewed = [one["result"]["changed"] for one in run.tasks if one["task"] == "Renew the key material"]
    assert renewed == [True, False]


def test_variables_of_other_jobs_are_known(project: Project) -> None:
    """Job templates share these variables. A variable with a similar name is refused."""
    shared = {
        "cloudkeys_file_payments": "/tmp/awx_1/tmp2",
        "cloudkeys_check_code_payments": "A2BC-3DEF-GHI4-JKL5-MNO6",
        "cloudkeys_check_codes": "payments: A2BC-3DEF-GHI4-JKL5-MNO6",
        "cloudkeys_expiry_report": {"keys": 1},
        "cloudkeys_ceremony_parameters": {"payments": "{}"},
    }
    call(project, "cloudkeys.aws.expiry_report", shared).ok()
    near = {"cloudkeys_files": 1, "cloudkeys_check_code": 1, "cloudkeys_expiry_reports": 1}
    refused = call(project, "cloudkeys.aws.expiry_report", {**shared, **near}).failed().results[-1]["msg"]
    assert refused.startswith(f"Unknown variables: {', '.join(sorted(near))}. ")


LAUNCHERS = ["renew_expiring_days", "cloudkeys_hosts"]
"""As the inventory of the role awx_setup has them."""


def launched(project: Project, *sources: dict[str, Any]) -> Run:
    """As AWX passes variables: those of the launch or the workflow, and those of credentials, each in a file."""
    inventory = {"all": {"hosts": {"treasury": {"cloudkeys_internal_launchers": LAUNCHERS}}}}
    (project.folder / "hosts.yml").write_text(yaml.safe_dump(inventory), "utf-8")
    arguments = []
    for number, source in enumerate(sources):
        (project.folder / f"source{number}.yml").write_text(yaml.safe_dump(source), "utf-8")
        arguments += ["-e", f"@source{number}.yml"]
    return project.command(["ansible-playbook", "-i", "hosts.yml", "cloudkeys.aws.renew_expiring", *arguments])


@pytest.mark.every_core
@pytest.mark.parametrize(
    "sources",
    [
        ({"renew_expiring_keys": [{"key_id": "alias/a", "wrapping_key_trust": "target"}]},),
        ({"cloudkeys_account_id": "111122223333"},),
        ({"cloudkeys_internal_launchers": ["renew_expiring_keys"]},),
        ({"ansible_connection": "local"},),
        ({"cloudkeys_file_key_a": "of/the/workflow"}, {"cloudkeys_file_key_a": "of/the/credential"}),
    ],
    ids=["a list of keys", "an account", "the list of what may be said", "a connection", "a file"],
)
def test_a_workflow_says_what_no_launcher_may(
    project: Project, emulator: Emulator, sources: tuple[dict[str, Any], ...]
) -> None:
    before = len(emulator.control.calls())
    run = launched(project, *sources).failed()
    assert "cannot be set" in run.results[-1]["msg"]
    assert next(iter(sources[0])) in run.results[-1]["msg"]
    assert emulator.control.calls()[before:] == []


def test_what_a_launcher_may_say_and_a_credential_does(project: Project) -> None:
    """The run fails only because it has no keys. All given variables are accepted."""
    run = launched(project, {"renew_expiring_days": 20}, {"cloudkeys_file_key_a": "of/the/credential"}).failed()
    assert "cannot be set" not in run.output
    assert "kms_keys" in run.output
