# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports in the result of the task."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Failure, GetParameters
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export import ExportOutcome
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export_declaration import Export
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export_results import to_result

from ..bundles import ARN, facts, parameters

ASKED = GetParameters(ARN, "eu-central-1", "RSAES_OAEP_SHA_256", "RSA_2048")
ERROR = {"operation": "DescribeKey", "code": "NotFoundException", "message": "", "request_id": "1"}
TOKEN = bytes(range(200, 240))


def entry(key: str = "alias/a") -> Export:
    return Export(key, {"dest": Path("/bundles") / key.rpartition("/")[2]})


def written() -> ExportOutcome:
    bundle = parameters(import_token=TOKEN)
    return ExportOutcome(facts(), ASKED, {"dest": None}, bundle, ["dest"])


def failed(sentence: str, kms_error: dict[str, Any] | None = None, **more: Any) -> ExportOutcome:
    return ExportOutcome(failure=Failure(sentence, kms_error), **more)


def result(*outcomes: ExportOutcome, return_bundles: bool = False) -> dict[str, Any]:
    exports = [entry(f"alias/{number}") for number in range(len(outcomes))]
    return to_result(exports, outcomes, return_bundles=return_bundles)


def test_a_bundle_that_was_written() -> None:
    told = result(written())
    assert (told["changed"], told.get("failed"), "warnings" in told) == (True, None, False)
    (one,) = told["bundles"]
    assert one == {**parameters(import_token=TOKEN).summary, "key_id": "alias/0", "changed": True, "dest": "/bundles/0"}
    (diff,) = told["diff"]
    assert (diff["before"], diff["after_header"]) == ({}, "/bundles/0")
    assert diff["after"] == parameters(import_token=TOKEN).summary


def test_the_token_is_in_a_bundle_that_is_asked_for_and_nowhere_else() -> None:
    token = parameters(import_token=TOKEN).value["import_token"]
    assert token is not None
    assert token not in json.dumps(result(written()))
    told = result(written(), return_bundles=True)
    assert told["bundles"][0].pop("bundle")["import_token"] == token
    assert token not in json.dumps(told)


def test_what_was_there_is_in_the_diff_without_its_code() -> None:
    existing = parameters(key_spec="HMAC_384")
    (diff,) = result(replace(written(), existing={"dest": existing.content}))["diff"]
    assert diff["before"]["key_spec"] == "HMAC_384"
    assert existing.check_code not in json.dumps(diff)


def test_check_mode() -> None:
    told = result(replace(written(), bundle=None))
    (one,) = told["bundles"]
    assert (one["changed"], one["check_code"], one["key_arn"]) == (True, None, ARN)
    assert told["diff"][0]["after"] == {
        "key_arn": ARN,
        "key_spec": "SYMMETRIC_DEFAULT",
        "region": "eu-central-1",
        "wrapping_algorithm": "RSAES_OAEP_SHA_256",
        "wrapping_key_spec": "RSA_2048",
    }


def test_one_key_alone() -> None:
    told = result(failed("KMS says no.", ERROR))
    assert (told["failed"], told["changed"], told["msg"], told["kms_error"]) == (True, False, "KMS says no.", ERROR)
    assert told["bundles"] == [
        {
            "key_id": "alias/0",
            "key_arn": None,
            "check_code": None,
            "changed": False,
            "dest": "/bundles/0",
            "failed": True,
            "msg": "KMS says no.",
            "kms_error": ERROR,
        }
    ]


def test_one_of_several() -> None:
    """The other exports keep their positions and their usual results."""
    told = result(written(), failed("It is not overwritten."), written())
    assert told["msg"] == "No import parameters for 1 of 3 keys: alias/1. It is not overwritten."
    assert (told["failed"], told["changed"], len(told["diff"])) == (True, True, 2)
    assert [one.get("failed", False) for one in told["bundles"]] == [False, True, False]
    assert "kms_error" not in told


def test_several_for_several_reasons() -> None:
    told = result(failed("KMS says no.", ERROR), failed("It is not overwritten."))
    assert told["msg"] == (
        "No import parameters for 2 of 2 keys: alias/0, alias/1. alias/0: KMS says no. For the other failures, see"
        " bundles."
    )
    assert told["kms_error"] == ERROR
    assert [one["msg"] for one in told["bundles"]] == ["KMS says no.", "It is not overwritten."]


def test_a_key_is_named_once() -> None:
    """Many messages begin with the key."""
    told = result(written(), failed("alias/1: KMS says no."))
    assert told["msg"] == "No import parameters for 1 of 2 keys. alias/1: KMS says no."
    told = result(failed("alias/0: KMS says no."), failed("It is not overwritten."))
    assert told["msg"].endswith("alias/0, alias/1. alias/0: KMS says no. For the other failures, see bundles.")


def test_a_message_does_not_grow_with_the_number_of_keys() -> None:
    told = result(*[failed("KMS says no.") for _turn in range(1000)])
    assert told["msg"].startswith("No import parameters for 1000 of 1000 keys: alias/0, alias/1,")
    assert told["msg"].endswith("alias/9, and 990 more. KMS says no.")
    assert len(told["bundles"]) == 1000


def test_a_target_that_was_lost() -> None:
    """Ansible's message is kept. The files that were written before are also reported."""
    lost = {"failed": True, "changed": False, "msg": "Segmentation fault", "rc": 139}
    told = result(written(), failed("The module ended without an answer.", lost=lost))
    assert (told["failed"], told["changed"], told["rc"]) == (True, True, 139)
    assert told["msg"].endswith("alias/1. The module ended without an answer.")
    told = result(failed("No route to host.", lost={"unreachable": True, "msg": "No route to host."}))
    assert (told["unreachable"], told.get("failed"), told["msg"]) == (True, None, "No route to host.")


def test_a_warning_is_said_once() -> None:
    assert result(*[replace(written(), warnings=["An emulator."]) for _turn in range(3)])["warnings"] == [
        "An emulator."
    ]
