# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_imported_keys`` in ansible-playbook. The tests of its decisions are tests/engine/test_fleet_*.py."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from kms_emulator.process import LONGEST
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fleet import CHANGES, calls, exists, now
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .leaks import LOUD, PASSPHRASE, find, in_folder
from .playbooks import Project, Run, Task

KEYS = "cloudkeys.aws.kms_imported_keys"
NEAR = "eu-west-1"
# Nothing waits for KMS's own pace here.
QUOTAS = {"GetParametersForImport": 1000}


def many(**options: Any) -> Task:
    return {"name": "Many keys", KEYS: {"quotas": QUOTAS, **options}}


def outcome(run: Run) -> dict[str, Any]:
    (result,) = run.results
    return {entry["name"]: entry for entry in result["kms_keys"]}


@pytest.mark.every_core
def test_a_list_with_everything(project: Project, kms: Any, emulator: Emulator, account: str) -> None:
    """New keys, a replica key, a key by its ARN, and one that fails: as predicted, and the next run finishes."""
    there = ExternalKey.create(kms, "HMAC_256")
    project.write("wrong", new_material(SYMMETRIC)[1:])
    keys: list[dict[str, Any]] = [
        {
            "alias": "payments",
            "key_material_src": project.write("payments", new_material(SYMMETRIC)),
            "description": "Payments",
            "tags": {"team": "payments"},
        },
        {
            "alias": "everywhere",
            "multi_region": "{{ true }}",
            "replica_regions": [NEAR],
            "key_material_src": project.write("everywhere", new_material(SYMMETRIC)),
            "valid_for": "60d",
            "renew_before": "{{ 10 }}d",
        },
        {"key_id": there.arn, "key_material_src": project.write("there", new_material("HMAC_256")), "enabled": False},
        {"alias": "failing", "key_material_src": "wrong"},
    ]
    tasks = many(kms_keys=keys, max_failures="1", valid_for="90d", renew_before="30d", spread=True)
    since = now(emulator)
    foretold = project.run(tasks, check=True).failed()
    assert calls(emulator, since, CHANGES) == []
    done = project.run(tasks).failed()
    before, after = outcome(foretold), outcome(done)
    for name, entry in before.items():
        assert entry["actions"] == after[name]["actions"], name
        assert entry["changed"] == after[name]["changed"], name
    assert done.only["summary"] == {
        **foretold.only["summary"],
        "soonest_expiry": done.only["summary"]["soonest_expiry"],
    }
    assert done.only["msg"] == foretold.only["msg"]
    assert done.only["msg"].startswith("1 of 4 keys failed. alias/failing: ")
    assert after["alias/everywhere"]["actions"][-2:] == ["import", "replicate_key"]
    assert after[there.arn]["actions"] == ["import", "disable"]
    assert there.state == "Disabled"
    assert not exists(kms, "alias/failing")
    assert emulator.client(NEAR, account).describe_key(KeyId="alias/everywhere")["KeyMetadata"]["KeyState"] == "Enabled"

    project.write("wrong", new_material(SYMMETRIC))
    ended = project.run(tasks).ok()
    assert outcome(ended)["alias/failing"]["changed"]
    assert '+    "key_state": "Enabled"' in ended.output, "the diff is shown"
    again = project.run(tasks).ok().only
    assert (again["changed"], again["summary"]["unchanged"]) == (False, 4)
    assert "diff" not in again


LISTS = {
    "keys.csv": (
        "alias,key_spec,key_material_src,tags.team,valid_for,renew_before\n"
        "one,HMAC_256,material/one,a,90d,30d\n"
        "two,,material/two,b,60d,10d\n"
    ),
    "keys.yml": yaml.safe_dump(
        [
            {"alias": "one", "key_spec": "HMAC_256", "key_material_src": "material/one", "tags": {"team": "a"}},
            {"alias": "two", "key_material_src": "material/two", "tags": {"team": "b"}},
        ]
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_in_a_file(project: Project, kms: Any, name: str) -> None:
    """Its paths are relative to its folder, and -v prints the decision for each key."""
    folder = project.folder / "lists"
    (folder / "material").mkdir(parents=True)
    (folder / "material" / "one").write_bytes(new_material("HMAC_256"))
    (folder / "material" / "two").write_bytes(new_material(SYMMETRIC))
    (folder / name).write_text(LISTS[name], "utf-8")
    task = many(kms_keys_src=str(folder / name), valid_for="90d", renew_before="30d")
    done = project.run(task, variables={"ANSIBLE_VERBOSITY": "1"}).ok()
    assert [entry["name"] for entry in done.only["kms_keys"]] == ["alias/one", "alias/two"]
    assert all(entry["changed"] for entry in done.only["kms_keys"])
    assert re.search(r"alias/one: create_key, create_alias, .*import, until 20", done.output)
    assert kms.describe_key(KeyId="alias/one")["KeyMetadata"]["KeySpec"] == "HMAC_256"
    again = project.run(task, variables={"ANSIBLE_VERBOSITY": "1"}).ok()
    assert not again.only["changed"]
    assert re.search(r"alias/two \(arn:aws:kms:[^)]*\): as declared", again.output)


def test_standard_output_is_for_callbacks(project: Project) -> None:
    """The JSON output of a callback remains valid JSON."""
    keys = [{"alias": f"key-{n}", "key_material_src": project.write(f"{n}", new_material(SYMMETRIC))} for n in range(3)]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [many(kms_keys=keys, **NEVER)]}
    (project.folder / "playbook.yml").write_text(yaml.safe_dump([play], sort_keys=False), "utf-8")
    process = subprocess.run(
        ["ansible-playbook", "playbook.yml"],
        cwd=project.folder,
        env=project.variables({"ANSIBLE_STDOUT_CALLBACK": "only_json"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    (result,) = json.loads(process.stdout)
    assert result["summary"]["changed"] == 3


def _encrypted() -> tuple[bytes, bytes]:
    """A private number, and a PEM with it that PASSPHRASE opens."""
    private: Any = load_der_private_key(new_material("ECC_NIST_P256"), None)
    number = private.private_numbers().private_value
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE))
    return number.to_bytes((number.bit_length() + 7) // 8, "big"), pem


@pytest.mark.parametrize(
    "pipelining",
    [pytest.param("True", id="pipelining"), pytest.param("False", id="files", marks=pytest.mark.every_core)],
)
def test_no_key_material_is_shown_or_kept(project: Project, kms: Any, emulator: Emulator, pipelining: str) -> None:
    """Of keys that are created, that fail, that are renewed; of passphrases; and of what is misspelt."""
    symmetric, mac, (number, pem) = new_material(SYMMETRIC), new_material("HMAC_512"), _encrypted()
    wrong, denied = new_material(SYMMETRIC)[1:], new_material(SYMMETRIC)
    refused = ExternalKey.create(kms)
    emulator.control.denied([{"operation": "ImportKeyMaterial", "key": refused.id}])
    keys: list[dict[str, Any]] = [
        {"alias": "symmetric", "key_material_src": project.write("symmetric", symmetric)},
        {"alias": "mac", "key_spec": "HMAC_512", "key_material_src": project.write("mac", mac)},
        {
            "alias": "pem",
            "key_spec": "ECC_NIST_P256",
            "key_usage": "SIGN_VERIFY",
            "key_material_src": project.write("pem", pem),
            "key_material_passphrase_src": project.write("passphrase", PASSPHRASE + b"\n"),
        },
        {"alias": "wrong", "key_material_src": project.write("wrong", wrong)},
        {"key_id": refused.arn, "key_material_src": project.write("denied", denied)},
    ]
    secret = "{{ lookup('ansible.builtin.file', 'looked-up') }}"
    looked_up = b"swordfish-swordfish-swordfish-42"
    project.write("looked-up", looked_up)
    misspelt = [{"alias": "misspelt", "key_materal": secret}, {"alias": "value", "key_material": secret}]
    variables = {
        **LOUD,
        "ANSIBLE_PIPELINING": pipelining,
        "ANSIBLE_KEEP_REMOTE_FILES": "False" if pipelining == "True" else "True",
        "ANSIBLE_LOG_PATH": str(project.folder / "ansible.log"),
    }
    tasks = [
        {**many(kms_keys=keys, **NEVER), "ignore_errors": True},
        {**many(kms_keys=misspelt, **NEVER), "ignore_errors": True},
        {**many(kms_keys=keys, valid_for="90d", renew_before="30d"), "ignore_errors": True},
    ]
    since = now(emulator)
    run = project.run(*tasks, variables=variables).ok()
    first, second, third = run.results
    assert [first["summary"][name] for name in ("changed", "failed")] == [3, 2]
    assert "key_materal" in second["msg"]
    assert third["summary"]["changed"] == 3, "they were renewed"
    assert len(calls(emulator, since, {"GetParametersForImport"})) >= 6, "each import has a token that could be seen"
    payloads = list((project.home / "remote").rglob("AnsiballZ_kms_*requests.py"))
    assert bool(payloads) != (pipelining == "True"), "kept payloads are what is looked at"
    assert "import_token" not in json.dumps(run.results)
    for content in (symmetric, mac, number, wrong, denied, PASSPHRASE, looked_up):
        assert not find(content, run.output.encode()), "in the output"
        assert not in_folder(content, project.folder, set(project.files.iterdir())), "in a file"
