# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation about one key: it requests only usable import parameters, and uses only data from KMS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance, provenance_of
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    Answer,
    Failed,
    Failure,
    GetParameters,
    GivenParameters,
    Look,
    Parameters,
    Request,
    Seen,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export import (
    ExportOutcome,
    export,
    write,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export_declaration import Export
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Lost, Runtime, converse

from ..bundles import ARN, DIRECT, END, NOW, facts, parameters, wrapping_public_key

ELSEWHERE = DIRECT._replace(connection="ssh")
LOOPBACK = DIRECT._replace(url="http://127.0.0.1:4599")
ASKED = GetParameters(ARN, "eu-central-1", "RSAES_OAEP_SHA_256", "RSA_2048")
GIVEN = GivenParameters(
    Parameters(wrapping_public_key(), b"a token", END, "RSAES_OAEP_SHA_256", "RSA_2048"), NOW, DIRECT
)
ERROR = {"operation": "DescribeKey", "code": "NotFoundException", "message": "", "request_id": "1"}


def seen(**changed: Any) -> Seen:
    return Seen(facts(**changed), NOW, DIRECT)


def exported(
    declared: Export, *answers: Answer | Lost, write_files: bool = True
) -> tuple[ExportOutcome, list[Request]]:
    """The outcome and the requests. Each request has one prepared response."""
    left, asked = list(answers), []

    def visit(requests: Sequence[Request]) -> list[Answer | Lost]:
        (request,) = requests
        asked.append(request)
        return [left.pop(0)]

    (outcome,) = converse([export(declared)], Runtime(visit))
    assert not left, "every prepared response was requested"
    if write_files:
        write(declared, outcome)
    return outcome, asked


def declared(folder: Path | None = None, **more: Any) -> Export:
    paths = {"dest": folder / "it.json"} if folder else {}
    return Export("alias/payments", paths, wrapping_key_spec="RSA_2048", **more)


def failure(outcome: ExportOutcome) -> Failure:
    assert outcome.failure is not None
    assert (outcome.bundle, outcome.written) == (None, [])
    return outcome.failure


def test_what_kms_gave_becomes_the_bundle(tmp_path: Path) -> None:
    outcome, asked = exported(declared(tmp_path), seen(), GIVEN)
    assert asked == [Look("alias/payments", None, materials=False), ASKED]
    assert outcome.failure is None
    assert (outcome.bundle, outcome.written, outcome.warnings) == (parameters(), ["dest"], [])
    assert (tmp_path / "it.json").read_bytes() == parameters().content


def test_the_region_of_an_arn(tmp_path: Path) -> None:
    """Import parameters are requested in the Region that KMS returns, so that requests in a Region share its pace."""
    _outcome, asked = exported(declared(tmp_path, region="eu-central-1"), seen(), GIVEN)
    assert [request.region for request in asked] == ["eu-central-1", "eu-central-1"]


def test_check_mode_downloads_nothing(tmp_path: Path) -> None:
    outcome, asked = exported(declared(tmp_path, check_mode=True), seen())
    assert (outcome.failure, outcome.bundle, outcome.asked, outcome.written) == (None, None, ASKED, ["dest"])
    assert not (tmp_path / "it.json").exists()
    assert len(asked) == 1


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"Origin": "AWS_KMS"}, "has the origin AWS_KMS"),
        ({"KeyManager": "AWS"}, "AWS managed key"),
        ({"KeySpec": "ML_DSA_44"}, "ML_DSA_44"),
        ({"KeyState": "PendingDeletion"}, "is PendingDeletion"),
    ],
)
def test_a_key_that_takes_no_key_material(
    tmp_path: Path, check_mode: bool, changed: dict[str, str], sentence: str
) -> None:
    outcome, _asked = exported(declared(tmp_path, check_mode=check_mode), seen(**changed))
    assert sentence in failure(outcome).sentence
    assert outcome.facts is not None


def test_a_wrapping_that_kms_refuses(tmp_path: Path) -> None:
    outcome, _asked = exported(declared(tmp_path, wrapping_algorithm="RSA_AES_KEY_WRAP_SHA_256"), seen())
    assert "Remove wrapping_algorithm" in failure(outcome).sentence


def test_a_file_from_another_source(tmp_path: Path) -> None:
    """The key is not requested from KMS."""
    (tmp_path / "it.json").write_bytes(b"notes")
    outcome, asked = exported(declared(tmp_path))
    assert "it was not overwritten" in failure(outcome).sentence
    assert asked == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_target_that_could_give_a_key_of_its_own(tmp_path: Path, check_mode: bool) -> None:
    answer = seen()._replace(provenance=ELSEWHERE)
    outcome, _asked = exported(declared(tmp_path, check_mode=check_mode), answer)
    assert "connection ssh" in failure(outcome).sentence


def test_the_answer_with_the_parameters_is_judged_by_itself(tmp_path: Path) -> None:
    """A later visit can use another route to KMS than the first visit."""
    answer = GIVEN._replace(provenance=ELSEWHERE)
    outcome, _asked = exported(declared(tmp_path), seen(), answer)
    assert "connection ssh" in failure(outcome).sentence
    assert not (tmp_path / "it.json").exists()
    outcome, _asked = exported(declared(tmp_path, wrapping_key_trust="target"), seen(), answer)
    assert outcome.bundle == parameters(connection="ssh")


def test_an_emulator(tmp_path: Path) -> None:
    outcome, _asked = exported(
        declared(tmp_path), seen()._replace(provenance=LOOPBACK), GIVEN._replace(provenance=LOOPBACK)
    )
    (warning,) = outcome.warnings
    assert "only with an emulator" in warning


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"valid_to": NOW}, "has expired"),
        ({"valid_to": NOW + timedelta(days=365)}, "KMS grants 24 hours"),
        ({"wrapping_key_spec": "RSA_4096"}, "for another wrapping"),
    ],
)
def test_parameters_that_kms_does_not_give(tmp_path: Path, changed: dict[str, Any], sentence: str) -> None:
    answer = GIVEN._replace(parameters=GIVEN.parameters._replace(**changed))
    outcome, _asked = exported(declared(tmp_path), seen(), answer)
    assert sentence in failure(outcome).sentence
    assert not (tmp_path / "it.json").exists()


@pytest.mark.parametrize("before", [(), (seen(),)])
def test_kms_refuses(tmp_path: Path, before: tuple[Answer, ...]) -> None:
    outcome, _asked = exported(declared(tmp_path), *before, Failed(Failure("KMS says no.", ERROR)))
    assert failure(outcome) == Failure("KMS says no.", ERROR)
    assert outcome.lost is None


@pytest.mark.parametrize("before", [(), (seen(),)])
def test_a_target_that_is_lost(tmp_path: Path, before: tuple[Answer, ...]) -> None:
    lost = Lost(Failure("The target is gone."), {"unreachable": True})
    outcome, _asked = exported(declared(tmp_path), *before, lost)
    assert failure(outcome).sentence == "The target is gone."
    assert outcome.lost == {"unreachable": True}
    assert (outcome.facts is not None) == bool(before)


def test_a_file_that_another_process_writes_at_the_same_time(tmp_path: Path) -> None:
    entry = declared(tmp_path)
    outcome, _asked = exported(entry, seen(), GIVEN, write_files=False)
    (tmp_path / "it.json").write_bytes(b"key material")
    write(entry, outcome)
    assert "was changed by another process" in failure(outcome).sentence
    assert (tmp_path / "it.json").read_bytes() == b"key material"


def test_a_bundle_that_is_returned_alone() -> None:
    outcome, _asked = exported(declared(), seen(), GIVEN)
    assert (outcome.bundle, outcome.written) == (parameters(), [])


def _with_password(url: str) -> Provenance:
    """The provenance from a client whose endpoint contains a user name and a password."""
    scheme, _slashes, host = url.partition("//")
    client = boto3.client(
        "kms",
        region_name="eu-central-1",
        endpoint_url=f"{scheme}//me:wJalr@{host}",
        aws_access_key_id="a",
        aws_secret_access_key="not-a-secret",
    )
    return provenance_of(client)._replace(connection="local", proxy="")


def test_no_password_of_the_endpoint_is_in_a_bundle_or_a_sentence() -> None:
    for url, trust in ((DIRECT.url, "kms_direct"), (LOOPBACK.url, "kms_direct"), ("https://kms.example.com", "target")):
        answers = [one._replace(provenance=_with_password(url)) for one in (seen(), GIVEN)]
        outcome, _asked = exported(declared(wrapping_key_trust=trust), *answers)
        assert outcome.bundle is not None
        assert outcome.bundle.endpoint == url
        assert "wJalr" not in f"{outcome.bundle.content!r} {outcome.warnings}"
    refused = seen()._replace(provenance=_with_password("https://kms.example.com"))
    outcome, _asked = exported(declared(), refused)
    assert "the endpoint https://kms.example.com is not one of AWS's own" in failure(outcome).sentence
