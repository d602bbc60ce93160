# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook recovery_drill deletes key material only of canary keys, and only if it can restore them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one
from support.materials import OTHER_SAMPLES, SYMMETRIC, new_material, other_material
from support.waiting import until

from .leaks import LOUD
from .playbooks import Project, Run, call, changes

CANARY = {"TagKey": "cloudkeys.aws/canary", "TagValue": "true"}
WRITES = {"ImportKeyMaterial", "DeleteImportedKeyMaterial"}


@pytest.fixture(autouse=True)
def _account_without_name(project: Project) -> None:
    """The emulator also answers requests to IAM for the name of the account, with an error."""
    project.environment |= dict.fromkeys(("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM"), project.endpoint)


def canary(kms: Any, emulator: Emulator, *contents: bytes, spec: str = SYMMETRIC, **request: Any) -> ExternalKey:
    """:param contents: its key materials, the current one first."""
    key = ExternalKey.create(kms, spec, Tags=[CANARY], **request)
    key.put(contents[-1])
    for content in reversed(contents[:-1]):
        key.stage(content)
        emulator.rotate(key)
    return key


def declare(project: Project, key: ExternalKey, *contents: bytes, **more: Any) -> dict[str, Any]:
    """An entry of recovery_drill_keys, with the copies in a folder of the current one."""
    (project.folder / "copies").mkdir(exist_ok=True)
    copies = []
    for place, content in enumerate(contents):
        name = f"copies/{key.id}-{place}"
        (project.folder / name).write_bytes(content)
        raw = key.spec == SYMMETRIC or key.spec.startswith("HMAC")
        copies.append({"key_material_src": name, "key_material_format": "raw" if raw else "der"})
    previous = {"previous_key_materials": copies[1:]} if len(copies) > 1 else {}
    return {"key_arn": key.arn, **copies[0], **previous, **more}


def drill(project: Project, *declared: dict[str, Any], arguments: tuple[str, ...] = (), **variables: Any) -> Run:
    return call(
        project, "cloudkeys.aws.recovery_drill", {"recovery_drill_keys": list(declared), **variables}, *arguments
    )


def report(project: Project) -> dict[str, Any]:
    """The newest."""
    newest: dict[str, Any] = json.loads(max(reports(project)).read_text("utf-8"))
    return newest


def reports(project: Project) -> list[Path]:
    return list((project.folder / "recovery-drill").glob("recovery-drill-*.json"))


def asked(emulator: Emulator, key: ExternalKey, operation: str) -> int:
    """How often KMS was asked to do this with the key."""
    return sum(one["operation"] == operation and key.id in str(one["key"]) for one in emulator.control.calls())


def untouched(key: ExternalKey, before: list[dict[str, Any]]) -> bool:
    return key.state == "Enabled" and key.history() == before


def test_every_copy_of_a_rotated_key_is_drilled(project: Project, kms: Any, emulator: Emulator) -> None:
    key, contents = labeled_with_ends(kms, emulator, 30, None, 20)
    other = canary(kms, emulator, new_material(SYMMETRIC))
    before, calls = key.history(), len(emulator.control.calls())
    ada = f"arn:aws:sts::{project.account}:assumed-role/Operations/ada"
    with identity(project, ada):
        drill(project, declare(project, key, *contents), cloudkeys_account_id=project.account).ok()
    assert untouched(key, before), "each keeps its expiration"
    assert asked(emulator, key, "DeleteImportedKeyMaterial") == 3
    assert not [one for one in emulator.control.calls()[calls:] if other.id in str(one["key"])], "a tag is not enough"
    told = report(project)
    assert told["outcome"] == "passed"
    assert told["run_by"]["aws_arn"] == ada, "the module of amazon.aws that tells it has no expected_account_id"
    assert told["run_by"]["user"]
    (of_key,) = told["keys"]
    assert [one["outcome"] for one in of_key["copies"]] == ["worked"] * 3
    assert [one["compared_by"] for one in of_key["copies"]] == ["kms_import"] * 3
    assert [one["key_material_id"] for one in of_key["copies"]] == [one["KeyMaterialId"] for one in reversed(before)]
    assert all(0 <= one["seconds_unusable"] <= told["seconds"] for one in of_key["copies"])
    (page,) = (project.folder / "recovery-drill").glob("*.md")
    assert page.read_text("utf-8").startswith("# Recovery drill: passed\n")
    assert all(one["file"] in page.read_text("utf-8") for one in of_key["copies"])
    assert not list((project.folder / "recovery-drill").glob("unfinished-*"))


def test_every_kind_of_key(project: Project, kms: Any) -> None:
    kinds = [*((spec, None) for spec in OTHER_SAMPLES), ("RSA_2048", "SIGN_VERIFY"), ("ECC_NIST_P256", "KEY_AGREEMENT")]
    keys = []
    for spec, usage in kinds:
        key = ExternalKey.imported(kms, spec, usage, Tags=[CANARY])
        keys.append(declare(project, key, key.material))
    drill(project, *keys).ok()
    told = report(project)["keys"]
    proofs = [copy["proof"] for key in told for copy in key["copies"]]
    assert proofs == ["mac", "ciphertext", "signature", "signature", "signature", "public_key"]
    assert {key["key_state"] for key in told} == {"Enabled"}


def test_no_key_is_touched_where_one_is_no_canary(project: Project, kms: Any, emulator: Emulator) -> None:
    """Each key is refused for another reason. The first one is a canary key."""
    right = ExternalKey.imported(kms, Tags=[CANARY])
    untagged = ExternalKey.imported(kms)
    almost = ExternalKey.imported(kms, Tags=[{**CANARY, "TagValue": "True"}])
    disabled = ExternalKey.imported(kms, Tags=[CANARY])
    kms.disable_key(KeyId=disabled.arn)
    leaving = ExternalKey.imported(kms, Tags=[CANARY])
    kms.schedule_key_deletion(KeyId=leaving.arn)
    keys = [right, untagged, almost, disabled, leaving]
    run = drill(project, *(declare(project, key, key.material) for key in keys)).failed()
    told = run.results[-1]["msg"]
    assert f"{untagged.arn} is not a canary key: its tag cloudkeys.aws/canary is missing" in told
    assert f"{almost.arn} is not a canary key: its tag cloudkeys.aws/canary has the value 'True'" in told
    assert f"{disabled.arn} is Disabled" in told
    assert f"{leaving.arn} is PendingDeletion" in told
    assert right.arn not in told
    assert told.endswith("Nothing was changed.")
    since = [one for one in emulator.control.calls() if one["operation"] in WRITES]
    assert [one for one in since if right.id in str(one["key"])][2:] == [], "only those by which the test made it"


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_nothing_is_deleted_where_one_copy_is_wrong(project: Project, kms: Any, emulator: Emulator, wrong: int) -> None:
    contents = [new_material(SYMMETRIC) for _number in range(3)]
    key = canary(kms, emulator, *contents)
    before = key.history()
    given = [other_material(SYMMETRIC) if place == wrong else one for place, one in enumerate(contents)]
    # A name that is claimed must not make KMS take it for another.
    run = drill(project, declare(project, key, *given)).failed()
    assert untouched(key, before)
    assert asked(emulator, key, "DeleteImportedKeyMaterial") == 0
    told = report(project)
    assert told["outcome"] == "failed"
    outcomes = [one["outcome"] for one in told["keys"][0]["copies"]]
    assert outcomes == ["failed" if place == wrong else "not drilled" for place in range(3)]
    assert "not the key material that KMS expects" in run.results[-1]["msg"]


def test_key_material_without_a_copy_ends_the_drill_before_it_deletes(
    project: Project, kms: Any, emulator: Emulator
) -> None:
    contents = [new_material(SYMMETRIC) for _number in range(2)]
    key = canary(kms, emulator, *contents)
    oldest = key.history()[0]["KeyMaterialId"]
    run = drill(project, declare(project, key, contents[0])).failed()
    assert f"requires key material of which no copy is given: {oldest}" in run.results[-1]["msg"]
    assert asked(emulator, key, "DeleteImportedKeyMaterial") == 0


@pytest.mark.parametrize("operation", ["ListResourceTags", "ListKeyRotations", "Decrypt", "DeleteImportedKeyMaterial"])
def test_a_denied_action_leaves_the_key_as_it_was(
    project: Project, kms: Any, emulator: Emulator, operation: str
) -> None:
    content = new_material(SYMMETRIC)
    key = canary(kms, emulator, content)
    before = key.history()
    emulator.control.denied([operation])
    run = drill(project, declare(project, key, content)).failed()
    emulator.control.undo()
    assert untouched(key, before)
    assert operation in run.results[-1]["msg"]


def test_check_mode_deletes_nothing(project: Project, kms: Any, emulator: Emulator) -> None:
    contents = [new_material(SYMMETRIC) for _number in range(2)]
    key = canary(kms, emulator, *contents)
    label(kms, key, contents)
    before, calls = key.history(), len(emulator.control.calls())
    run = drill(project, declare(project, key, *contents), arguments=("--check",)).ok()
    assert key.history() == before
    assert [one for one in emulator.control.calls()[calls:] if one["operation"] in WRITES] == []
    assert [task for task in changes(run) if "Delete" in task] == ["Delete the key material"] * 2
    assert "nothing was deleted or proven" in run.output
    assert not (project.folder / "recovery-drill").exists()


def labeled_with_ends(kms: Any, emulator: Emulator, *days: int | None) -> tuple[ExternalKey, list[bytes]]:
    """A canary whose key materials, the current one first, expire in so many days; None is never."""
    contents = [new_material(SYMMETRIC) for _one in days]
    key = canary(kms, emulator, *contents)
    ends = [NEVER if one is None else {"valid_to": (emulator.now() + timedelta(one)).isoformat()} for one in days]
    previous = [{"content": content, **end} for content, end in zip(contents[1:], ends[1:], strict=True)]
    run_one(kms, key, contents[0], previous=previous, on_unknown_material="reimport", **ends[0])
    return key, contents


def test_a_drill_that_is_killed_is_finished_by_the_next(project: Project, kms: Any, emulator: Emulator) -> None:
    """The drill is killed when the restore starts. The next one also restores expirations that are not declared."""
    key, contents = labeled_with_ends(kms, emulator, 30, 20)
    before, declared = key.history(), declare(project, key, *contents)
    variables = {"recovery_drill_keys": [declared]}
    (project.folder / "variables.yml").write_text(yaml.safe_dump(variables), "utf-8")
    # KMS compares both, and deletes one without another comparison: its label is known.
    compared = {"operation": "ImportKeyMaterial", "times": 2}
    emulator.control.faults([compared, {"operation": "ImportKeyMaterial", "hold": True}])
    started = len(emulator.control.calls())

    def restoring() -> bool:
        calls = emulator.control.calls()[started:]
        return any(one["operation"] == "ImportKeyMaterial" and one["status"] == 0 for one in calls)

    process = subprocess.Popen(
        ["ansible-playbook", "cloudkeys.aws.recovery_drill", "-e", "@variables.yml"],
        cwd=project.folder,
        env=project.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(restoring, "the drill begins to restore")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    emulator.control.undo()
    assert key.state == "PendingImport"
    assert reports(project) == []
    drill(project, declared).ok()
    assert untouched(key, before)
    assert report(project)["outcome"] == "passed"
    assert not list((project.folder / "recovery-drill").glob("unfinished-*"))


def test_a_restore_that_fails_says_what_is_missing_and_the_next_drill_restores_it(
    project: Project, kms: Any, emulator: Emulator
) -> None:
    key, contents = labeled_with_ends(kms, emulator, 30, 20)
    before, declared = key.history(), declare(project, key, *contents)
    refused = {"operation": "ImportKeyMaterial", "error": "IncorrectKeyMaterialException", "status": 400, "times": 9}
    emulator.control.faults([{"operation": "ImportKeyMaterial", "times": 2}, refused])
    run = drill(project, declared).failed()
    emulator.control.undo()
    message = run.results[-1]["msg"]
    assert f"{key.arn} is PendingImport and unusable. It lacks key material {key.current_id}" in message
    assert f"its copy is {declared['key_material_src']}" in message
    assert before[1]["ValidTo"].astimezone(UTC).isoformat() in message
    assert "run the drill again" in message
    assert "Restore the key material from its copy: " in message
    told = report(project)
    assert [one["outcome"] for one in told["keys"][0]["copies"]] == ["failed", "not drilled"]
    drill(project, declared).ok()
    assert untouched(key, before)
    assert len(reports(project)) == 2


def test_of_a_multi_region_key_exactly_the_named_one(project: Project, kms: Any, emulator: Emulator) -> None:
    primary = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(primary)
    replica.kms = emulator.client("us-west-2", project.account)
    replica.put(primary.material)
    replica.kms.tag_resource(KeyId=replica.arn, Tags=[CANARY])
    calls = len(emulator.control.calls())
    drill(project, declare(project, replica, primary.material)).ok()
    asked_since = emulator.control.calls()[calls:]
    assert {one["region"] for one in asked_since if one["key"] and primary.id in one["key"]} == {"us-west-2"}
    assert (primary.state, replica.state) == ("Enabled", "Enabled")
    unlisted = drill(project, declare(project, primary, primary.material)).failed()
    assert "is not a canary key" in unlisted.results[-1]["msg"], "the tags of a Region are its own"


@pytest.mark.every_core
def test_what_is_not_known_is_refused_without_its_value(project: Project, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    key = canary(kms, emulator, content)
    project.environment |= LOUD
    entry = declare(project, key, content)
    secret = os.urandom(24).hex()
    run = drill(project, {**entry, "key_material_passphrase": secret}).failed()
    assert "has unsupported options: key_material_passphrase" in run.results[-1]["msg"]
    assert secret not in run.output
    assert secret not in (project.folder / "record.jsonl").read_text("utf-8")
    alias = drill(project, {**entry, "key_arn": "alias/canary"}).failed()
    assert "key_arn is not a key ARN. An alias is not accepted" in alias.results[-1]["msg"]
    unknown = drill(project, entry, recovery_drill_force=True).failed()
    assert "The role recovery_drill has no recovery_drill_force." in unknown.results[-1]["msg"]
    assert asked(emulator, key, "DeleteImportedKeyMaterial") == 0


def label(kms: Any, key: ExternalKey, contents: list[bytes]) -> None:
    """What was imported by other means is labeled."""
    run_one(kms, key, contents[0], previous=contents[1:], on_unknown_material="reimport")


@contextlib.contextmanager
def identity(project: Project, arn: str) -> Iterator[None]:
    """An STS that says who asks, while it is entered."""
    answer = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
    <Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{project.account}</Account></GetCallerIdentityResult>
    </GetCallerIdentityResponse>"""
    denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"

    class Sts(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            # IAM is asked for the name of the account, too, and denies it.
            for_sts = b"GetCallerIdentity" in asked
            self.send_response(200 if for_sts else 403)
            self.end_headers()
            self.wfile.write((answer if for_sts else denied).encode())

        def log_message(self, *_words: Any) -> None:
            """Do not write a log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Sts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    ordinary = dict(project.environment)
    project.environment |= {"AWS_ENDPOINT_URL_STS": url, "AWS_ENDPOINT_URL_IAM": url}
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        project.environment = ordinary
