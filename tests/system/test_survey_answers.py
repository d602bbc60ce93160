# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A survey question without an answer sends an empty string, which counts as an undefined variable.

Every variable that a playbook has is given in this way, whichever they are; all that tasks get is then what they get
without it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.collection_variables import PLAYBOOKS, SHARED, own_variables
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one, with_days
from support.materials import SYMMETRIC, new_material

from .ceremonies import Ceremony, one_key
from .on_time import emulator_on_time
from .playbooks import Project, Run, call, changes

emulator = emulator_on_time

COPY = {"key_material_src": "payments.key", "key_material_format": "raw"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)?")
TEMPORARY = re.compile(r"/home/local/[^/\"]+/[^/\"]+")
VOLATILE = ("proof", "traffic")
"""Of random bytes, and of how a conversation with KMS went."""
REQUIRED: dict[str, dict[str, Any]] = {
    "expiry_report": {},
    "provision_fleet": {"provision_fleet_kms_keys": [{"alias": "alias/ledger"}]},
    "provision_key": {"imported_key_alias": "alias/ledger"},
    "recovery_drill": {"recovery_drill_keys": [{"key_arn": "ARN", **COPY}]},
    "renew_expiring": {"renew_expiring_keys": [{"key_id": "alias/payments", **COPY}]},
    "rotate_by_alias": {
        "rotate_by_alias_alias": "payments",
        "rotate_by_alias_key_material_src": "payments.key",
        "rotate_by_alias_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    },
    "verify_copies": {"verify_copies_keys": [{"key_arn": "ARN", **COPY}]},
}


@pytest.fixture
def arn(project: Project, kms: Any, emulator: Emulator) -> str:
    """Of a canary key, whose key material expires soon, with its copy in the current folder."""
    content = new_material(SYMMETRIC)
    (project.folder / "payments.key").write_bytes(content)
    key = with_days(kms, emulator, "payments", 20, content)
    kms.tag_resource(KeyId=key.id, Tags=[{"TagKey": "cloudkeys.aws/canary", "TagValue": "true"}])
    project.environment |= dict.fromkeys(("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM"), project.endpoint)
    return key.arn


def told(run: Run) -> list[Any]:
    """What each task got, did and said, without what differs from run to run."""
    text = json.dumps(
        [_stable([one["task"], one["outcome"], one["fields"]["args"], one["result"]]) for one in run.tasks]
    )
    return list(json.loads(TEMPORARY.sub("TEMPORARY", MOMENT.sub("MOMENT", text))))


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stable(one) for name, one in value.items() if name not in VOLATILE}
    return [_stable(one) for one in value] if isinstance(value, list) else value


def test_every_playbook_is_here() -> None:
    ceremony = {path.stem for path in PLAYBOOKS if path.stem.startswith("ceremony_")}
    # What sets AWX up is not launched by it.
    assert {path.stem for path in PLAYBOOKS} - {"awx_setup"} == {*REQUIRED, *ceremony}


@pytest.mark.parametrize("playbook", REQUIRED)
def test_no_answer_is_no_variable(project: Project, arn: str, playbook: str) -> None:
    required = json.loads(json.dumps(REQUIRED[playbook]).replace('"ARN"', json.dumps(arn)))
    (path,) = [one for one in PLAYBOOKS if one.stem == playbook]
    empty = dict.fromkeys((*SHARED, *own_variables(path)), "")
    assert len(empty) > len(SHARED)
    without = call(project, f"cloudkeys.aws.{playbook}", required, "--check").ok()
    answered = call(project, f"cloudkeys.aws.{playbook}", {**empty, **required}, "--check").ok()
    assert told(answered) == told(without)
    assert len(told(without)) > 1


@pytest.mark.parametrize("playbook", [name for name, required in REQUIRED.items() if required])
def test_what_is_required_is_required(project: Project, playbook: str) -> None:
    empty = dict.fromkeys(REQUIRED[playbook], "")
    refused = call(project, f"cloudkeys.aws.{playbook}", empty, "--check").failed()
    name = next(iter(empty))
    # Where a list is missing, it is the module that says so.
    named = {"provision_fleet": "kms_keys", "renew_expiring": "kms_keys"}.get(playbook, name)
    assert named in refused.results[-1]["msg"]
    assert not changes(refused)


def test_false_and_zero_and_nothing_in_a_list_are_values(project: Project, kms: Any, arn: str) -> None:
    kms.create_alias(AliasName="alias/ledger", TargetKeyId=arn)
    wanted = {"imported_key_alias": "alias/ledger", "imported_key_tags": {}, "imported_key_enabled": False}
    call(project, "cloudkeys.aws.provision_key", wanted).ok()
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == []
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["Enabled"] is False
    wanted = {"expiry_report_fail_within_days": 0, "expiry_report_key_ids": [], "expiry_report_formats": "json, csv"}
    failed = call(project, "cloudkeys.aws.expiry_report", wanted).failed()
    assert "There is no key with imported key material to look at." in failed.results[-1]["msg"]
    assert sorted(path.suffix for path in (project.folder / "expiry-report").iterdir()) == [".csv", ".json"]
    key = ExternalKey.create(kms, "HMAC_256")
    run_one(kms, key, new_material(key.spec), **NEVER)
    kms.create_alias(AliasName="alias/signing", TargetKeyId=key.id)
    (project.folder / "payments.key").write_bytes(new_material(key.spec))
    wanted = {**REQUIRED["rotate_by_alias"], "rotate_by_alias_alias": "signing", "rotate_by_alias_move": False}
    call(project, "cloudkeys.aws.rotate_by_alias", wanted).ok()
    assert kms.describe_key(KeyId="alias/signing")["KeyMetadata"]["KeyId"] == key.id


@pytest.mark.parametrize(
    ("playbook", "variables"),
    [
        ("expiry_report", {"expiry_report_formats": ["json", "pdf"]}),
        ("expiry_report", {"expiry_report_warn_within_days": "a month"}),
        ("expiry_report", {"expiry_report_fail_within_days": "7d"}),
        ("verify_copies", {"verify_copies_reimport": "perhaps"}),
        ("verify_copies", {"verify_copies_allow_unknown": "perhaps"}),
        ("provision_key", {"imported_key_on_unknown_material": "perhaps"}),
        ("provision_key", {"imported_key_enabled": "perhaps"}),
        ("provision_key", {"imported_key_rotation_timeout": "long"}),
        ("provision_key", {"imported_key_tags": "owner"}),
    ],
)
def test_a_value_that_is_none_is_refused(
    project: Project, emulator: Emulator, arn: str, playbook: str, variables: dict[str, Any]
) -> None:
    """The types of the roles accept any text, so another check validates the value."""
    before = len(emulator.control.calls())
    required = json.loads(json.dumps(REQUIRED[playbook]).replace('"ARN"', json.dumps(arn)))
    refused = call(project, f"cloudkeys.aws.{playbook}", {**required, **variables}).failed()
    name = next(iter(variables)).removeprefix("imported_key_")
    assert name in str(refused.results[-1]["msg"])
    assert [
        one for one in emulator.control.calls()[before:] if one["operation"] not in ("DescribeKey", "ListKeys")
    ] == []


@one_key
@pytest.mark.parametrize("step", ["export", "wrap", "import"])
def test_no_answer_in_a_ceremony(ceremony: Ceremony, step: str) -> None:
    """Nothing but the list and the codes is given; in the folder and with the expiration of the keys' own entries."""
    (path,) = [one for one in PLAYBOOKS if one.stem == f"ceremony_{step}"]
    project = {"export": ceremony.exporter, "wrap": ceremony.custodian, "import": ceremony.importer}[step]
    listed = ceremony.listed(expiration_model="KEY_MATERIAL_DOES_NOT_EXPIRE")
    codes = {"export": dict, "wrap": ceremony.export, "import": ceremony.export_and_wrap}[step]()
    if step == "wrap":
        ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    bundles = project.folder / "bundles"
    if bundles.is_dir():
        bundles.rename(project.folder / "ceremony")
    given = {"ceremony_keys": listed, **({"ceremony_check_codes": codes} if codes else {})}
    empty = dict.fromkeys((*SHARED, *own_variables(path)), "")
    without = call(project, f"cloudkeys.aws.ceremony_{step}", given, "--check").ok()
    answered = call(project, f"cloudkeys.aws.ceremony_{step}", {**empty, **given}, "--check").ok()
    assert told(answered) == told(without)
    call(project, f"cloudkeys.aws.ceremony_{step}", {**empty, **given}).ok()
    assert not bundles.exists()


@one_key
def test_a_ceremony_without_a_list(ceremony: Ceremony) -> None:
    refused = ceremony.run(ceremony.exporter, "export", ceremony_keys="").failed()
    assert "ceremony_keys must be a list" in refused.results[-1]["msg"]
    codes = ceremony.run(ceremony.importer, "import", ceremony_check_codes="").failed().results[-1]["msg"]
    assert codes.startswith("ceremony_check_codes has no check code for key-0. ")
