# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record contains no secret, regardless of the calls."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import given
from hypothesis import strategies as st
from support.emulator import Emulator
from support.materials import SYMMETRIC, new_material

from acceptance.recorder import cloudkeys_recorder as recorder

from .conversations import Conversation, asymmetric, symmetric

SECRET = b"secret that is long enough to be no coincidence"
cleaner = recorder.Cleaner(b"k" * 32)


EMPTY = SimpleNamespace(members={})


def shapes(shape: Any, seen: set[str], name: str = "") -> Any:
    """Every member of a structure, with its name, and those of structures in it."""
    if shape.type_name == "structure":
        if shape.name not in seen:
            seen.add(shape.name)
            for member, inner in shape.members.items():
                yield from shapes(inner, seen, member)
    elif shape.type_name == "list":
        yield from shapes(shape.member, seen, name)
    else:
        yield name, shape


def every_field() -> list[tuple[str, Any]]:
    """Of every request and answer of KMS, as botocore's model has them."""
    model = boto3.client("kms", region_name="us-east-1").meta.service_model
    operations = [model.operation_model(name) for name in model.operation_names]
    seen: set[str] = set()
    return [
        field
        for operation in operations
        for shape in (operation.input_shape, operation.output_shape)
        if shape is not None
        for field in shapes(shape, seen)
    ]


def test_no_readable_field_is_sensitive() -> None:
    """AWS marks what is."""
    fields = every_field()
    assert {name for name, _shape in fields} >= recorder.READABLE
    for name, shape in fields:
        if name in recorder.READABLE:
            assert shape.type_name == "string", name
            assert not shape.metadata.get("sensitive"), name


@given(st.recursive(st.binary(min_size=8) | st.text() | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_bytes_are_not_recorded(value: Any) -> None:
    def secrets_in(one: Any) -> list[bytes]:
        if isinstance(one, list):
            return [secret for inner in one for secret in secrets_in(inner)]
        return [one] if isinstance(one, bytes) else []

    text = json.dumps(cleaner.fields({"Anything": value, "KeyId": [value]}), default=repr)
    for secret in secrets_in(value):
        assert base64.b64encode(secret).decode() not in text
        assert secret.hex() not in text


@pytest.mark.parametrize("name", ["Plaintext", "ImportToken", "GrantToken", "NextMarker", "a field that AWS adds"])
def test_texts_of_other_fields_are_lengths(name: str) -> None:
    assert cleaner.fields({name: SECRET.decode()}) == {name: {"text": len(SECRET)}}


def test_what_is_recorded() -> None:
    moment = datetime(2026, 11, 29, 12, tzinfo=UTC)
    fields = {"KeyId": "1234", "Enabled": True, "Limit": 3, "ValidTo": moment, "Tags": [{"TagKey": "a"}]}
    time = {"time": "2026-11-29T12:00:00+00:00"}
    assert cleaner.fields(fields) == {**fields, "ValidTo": time}
    one, same, other = (cleaner.value("Mac", content) for content in (SECRET, SECRET, SECRET[1:]))
    assert one == same
    assert one["digest"] != other["digest"]
    assert one["digest"] != recorder.Cleaner(b"j" * 32).value("Mac", SECRET)["digest"]


def test_an_error_of_botocore_may_quote_the_request() -> None:
    error = ParamValidationError(report=SECRET.decode())
    assert recorder.failure(error) == {"status": None, "error": {"class": "ParamValidationError"}}


@pytest.mark.parametrize(
    "code", ["InvalidSignatureException", "ExpiredTokenException", "UnrecognizedClientException", "", "a code"]
)
def test_a_message_of_another_service_is_a_length(code: str) -> None:
    """Signature errors quote headers, which contain the session token."""
    error = ClientError({"Error": {"Code": code, "Message": SECRET.decode()}}, "DescribeKey")
    shown = recorder.failure(error, {"NotFoundException"})["error"]
    assert shown == {"code": code, "message": {"text": len(SECRET)}}


@pytest.mark.parametrize("code", ["NotFoundException", "AccessDeniedException", "ValidationException"])
def test_a_message_of_kms_is_recorded(code: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": "why"}}, "DescribeKey")
    assert recorder.failure(error, {"NotFoundException"})["error"] == {"code": code, "message": "why"}


def test_names_that_the_caller_chose_are_not_recorded() -> None:
    model = boto3.client("kms", region_name="us-east-1").meta.service_model
    maps = {
        member
        for name in model.operation_names
        for member, shape in (model.operation_model(name).input_shape or EMPTY).members.items()
        if shape.type_name == "map"
    }
    assert maps == recorder.MAPS
    assert cleaner.fields({"EncryptionContext": {"patient": "Jane"}}) == {"EncryptionContext": {"entries": 1}}


@pytest.mark.parametrize("converse", [symmetric, asymmetric])
def test_no_secret_of_a_conversation(
    converse: Any, emulator: Emulator, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the record nor the journal has what a run imports, sends or receives."""
    monkeypatch.setenv(recorder.FOLDER_VARIABLE, str(tmp_path))
    talk = Conversation(emulator, account, tmp_path)
    sent: list[bytes] = []
    original = recorder.recorded

    def watched(call: Any, meta: Any, operation: str, request: dict[str, Any]) -> Any:
        answer = original(call, meta, operation, request)
        sent.extend(value for value in (*request.values(), *answer.values()) if isinstance(value, bytes))
        return answer

    monkeypatch.setattr(recorder, "recorded", watched)
    material = converse(talk)
    written = (tmp_path / recorder.JOURNAL).read_text("utf-8") + json.dumps(talk.published())
    assert len(sent) > 5
    for secret in (material, *sent):
        start = secret[:24]
        for form in (base64.b64encode(start)[:-4].decode(), start.hex(), start.decode("latin-1")):
            assert len(form) < 12 or form not in written


def test_a_journal_is_for_its_owner_alone(
    emulator: Emulator, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(recorder.FOLDER_VARIABLE, str(tmp_path))
    talk = Conversation(emulator, account, tmp_path)
    talk.put(talk.create(), new_material(SYMMETRIC))
    assert (tmp_path / recorder.JOURNAL).stat().st_mode & 0o777 == 0o600
