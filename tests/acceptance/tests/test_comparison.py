# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record that the emulator has made compares without differences, and each change of it is named."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kms_emulator.process import EmulatorProcess, start_emulator
from support.emulator import Emulator
from support.fixtures import new_account

from acceptance import record
from acceptance.comparison.replay import DIFFERENCE, LATE, SKIPPED, Finding, Replay
from acceptance.comparison.report import compare, summary
from acceptance.comparison.rotations import rotation_seconds
from acceptance.recorder import cloudkeys_recorder as recorder

from .conversations import ALIAS, Conversation, asymmetric, multi_region, symmetric

Call = record.Call
Found = Callable[[list[Call]], list[Finding]]


@pytest.fixture
def talk(emulator: Emulator, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Conversation]:
    monkeypatch.setenv(recorder.FOLDER_VARIABLE, str(tmp_path))
    emulator.control.rotation(60)
    emulator.control.stop_clock()
    yield Conversation(emulator, account, tmp_path)
    emulator.control.run_clock()


@pytest.fixture(scope="session")
def replayer() -> Iterator[EmulatorProcess]:
    with start_emulator() as process:
        yield process


@pytest.fixture
def found(replayer: EmulatorProcess) -> Found:
    """What a comparison with an emulator finds that has seen nothing yet."""

    def find(calls: list[Call]) -> list[Finding]:
        replayer.reset()
        return Replay(replayer).run(calls)

    return find


@pytest.fixture(scope="session")
def recorded(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """The record of the life of a symmetric key."""
    folder = tmp_path_factory.mktemp("record")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(recorder.FOLDER_VARIABLE, str(folder))
        emulator.control.rotation(60)
        emulator.control.stop_clock()
        talk = Conversation(emulator, new_account(), folder)
        symmetric(talk)
        emulator.control.run_clock()
    return timed(talk.published())


@pytest.fixture
def calls(recorded: list[Call]) -> list[Call]:
    """A copy of that record, to be changed."""
    return copy.deepcopy(recorded)


def of_kind(findings: list[Finding], kind: str) -> list[str]:
    return [finding.text for finding in findings if finding.kind == kind]


def timed(calls: list[Call]) -> list[Call]:
    """With a minute between two calls: the clock of the machine does not go on like that of the emulator."""
    return [{**call, "at": 60.0 * place} for place, call in enumerate(calls)]


def test_the_emulator_answers_as_itself(calls: list[Call], found: Found) -> None:
    assert len(calls) > 20
    assert found(calls) == []


@pytest.mark.parametrize("converse", [asymmetric, multi_region])
def test_other_keys(talk: Conversation, found: Found, converse: Callable[[Conversation], Any]) -> None:
    converse(talk)
    calls = timed(talk.published())
    assert len(calls) > 5
    assert found(calls) == []


def first(calls: list[Call], operation: str) -> Call:
    return next(call for call in calls if call["operation"] == operation and "answer" in call)


def _set(operation: str, change: Callable[[Any], Any]) -> Callable[[list[Call]], None]:
    return lambda calls: change(first(calls, operation)["answer"])


CHANGES: dict[str, tuple[Callable[[list[Call]], None], str]] = {
    "a value": (
        _set("CreateKey", lambda answer: answer["KeyMetadata"].update(KeyState="Creating")),
        "answer.KeyMetadata.KeyState is 'Creating' in the record, and 'PendingImport' in the emulator",
    ),
    "another type": (
        _set("CreateKey", lambda answer: answer["KeyMetadata"].update(Enabled=0)),
        "answer.KeyMetadata.Enabled is 0 in the record, and False in the emulator",
    ),
    "a new field": (
        _set("DescribeKey", lambda answer: answer["KeyMetadata"].update(Quantum=True)),
        "answer.KeyMetadata.Quantum is in the record, and not in the emulator's answer",
    ),
    "a missing field": (
        _set("Encrypt", lambda answer: answer.pop("EncryptionAlgorithm")),
        "answer.EncryptionAlgorithm is in the emulator's answer, and not in the record",
    ),
    "another element": (
        _set("ListKeyRotations", lambda answer: answer["Rotations"].pop(0)),
        "answer.Rotations has 1 elements in the record, and 2 in the emulator",
    ),
    "other bytes": (
        _set("Decrypt", lambda answer: answer["Plaintext"].update(number=1)),
        "answer.Plaintext is the same as in an earlier call in the record, and not in the emulator",
    ),
    "a date": (
        _set("DescribeKey", lambda answer: answer["KeyMetadata"].update(CreationDate={"date": 1})),
        "answer.KeyMetadata.CreationDate is the date of an earlier request in the record, and another one",
    ),
    "a listed alias": (
        _set("ListAliases", lambda answer: answer["Aliases"][0].update(AliasName="alias/x")),
        "answer.Aliases[] has {'AliasArn': ",
    ),
    "the ARN of a listed key": (
        _set("ListKeys", lambda answer: answer["Keys"][0].update(KeyArn=answer["Keys"][0]["KeyArn"] + "x")),
        "answer.Keys[] has {'KeyArn': ",
    ),
    "a list without its end": (
        _set("ListKeys", lambda answer: answer.pop("Truncated")),
        "truncated is False in the record, and True in the emulator",
    ),
    "no date": (
        _set("CreateKey", lambda answer: answer["KeyMetadata"].update(Description={"time": "seconds"})),
        "answer.KeyMetadata.Description is a date in the record, and '' in the emulator",
    ),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_difference_is_named(calls: list[Call], found: Found, name: str) -> None:
    change, said = CHANGES[name]
    change(calls)
    texts = of_kind(found(calls), DIFFERENCE)
    assert texts
    assert all(text.startswith(said) for text in texts)


def test_an_error_of_another_kind(calls: list[Call], found: Found) -> None:
    refused = next(call for call in calls if (call.get("error") or {}).get("code") == "IncorrectKeyMaterialException")
    refused["error"] = {"code": "IncorrectKeyMaterialException", "message": "No."}
    (text,) = of_kind(found(calls), DIFFERENCE)
    assert text.startswith("error.message is 'No.' in the record")


@pytest.mark.parametrize(
    "error", [{"code": "ThrottlingException", "message": "Slow down."}, {"class": "ReadTimeoutError"}]
)
def test_what_is_of_the_moment(calls: list[Call], found: Found, error: dict[str, str]) -> None:
    throttled = {**first(calls, "DescribeKey"), "status": 400, "error": error}
    del throttled["answer"]
    (text,) = of_kind(found([*calls, throttled]), SKIPPED)
    assert text.endswith("is of the moment")


def test_eventual_consistency_is_no_difference(talk: Conversation, found: Found) -> None:
    """Reads that show the state before a change, and requests that KMS refuses until a new key shows everywhere."""
    talk.emulator.control.stale_reads(5)
    talk.call("DescribeKey", KeyId=ALIAS)
    arn = talk.create()
    talk.call("CreateAlias", AliasName=ALIAS, TargetKeyId=arn)
    for key in (arn, ALIAS):
        talk.call("DescribeKey", KeyId=key)
    talk.emulator.advance(seconds=6)
    talk.call("DescribeKey", KeyId=arn)
    talk.call("DisableKey", KeyId=arn)
    talk.put(arn, b"s" * 32)
    talk.call("DescribeKey", KeyId=arn)
    talk.emulator.advance(seconds=6)
    talk.call("DescribeKey", KeyId=arn)
    calls = [{**call, "at": float(place)} for place, call in enumerate(talk.published())]
    findings = found(calls)
    assert of_kind(findings, DIFFERENCE) == []
    assert len(of_kind(findings, LATE)) == 3
    # Long after the change it is one.
    late = [{**call, "at": 1000.0 * place} for place, call in enumerate(calls)]
    assert of_kind(found(late), DIFFERENCE)


def _call(at: float, operation: str, answer: dict[str, Any] | None = None, region: str = "eu-central-1") -> Call:
    request = {"KeyId": f"arn:aws:kms:{region}:<account>:key/mrk-1"}
    return {"at": at, "operation": operation, "region": region, "request": request, "answer": answer or {}}


def _status(at: float, running: bool = True, region: str = "eu-central-1") -> Call:
    started = {"OnDemandRotationStartDate": {"time": "seconds"}}
    return _call(at, "GetKeyRotationStatus", started if running else {}, region)


def _described(at: float, material: str) -> Call:
    return _call(at, "DescribeKey", {"KeyMetadata": {"CurrentKeyMaterialId": material}})


LISTED = _call(40.0, "ListKeyRotations", {"Rotations": [{"KeyMaterialState": "CURRENT"}]})


@pytest.mark.parametrize(
    ("reads", "seconds"),
    [
        pytest.param([_status(20.0), LISTED], 20.0, id="between the last read while it runs and its end"),
        pytest.param([_status(20.0)], 11.0, id="no read shows the end"),
        pytest.param([LISTED, _status(50.0, running=False)], 15.0, id="no read shows that it runs"),
        pytest.param([_status(11.0, running=False), _status(20.0), LISTED], 20.0, id="a read from before the rotation"),
        pytest.param([_status(20.0), _status(30.0, region="us-east-1"), LISTED], 25.0, id="a read of a replica key"),
        pytest.param(
            [_status(20.0), LISTED, _call(50.0, "RotateKeyOnDemand"), _status(60.0)], 20.0, id="the next rotation"
        ),
        pytest.param([_described(12.0, "a"), _described(30.0, "b")], 11.0, id="another current key material"),
        pytest.param([_status(20.0), LISTED, _described(50.0, "b")], 20.0, id="one current key material only"),
    ],
)
def test_how_long_a_rotation_took(reads: list[Call], seconds: float) -> None:
    """The rotation was requested at 10 seconds."""
    assert rotation_seconds(_call(10.0, "RotateKeyOnDemand"), reads) == seconds


def test_a_record_is_compared_from_its_file(
    calls: list[Call], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = {"service": "AWS KMS", "day": "2026-11-29", "regions": ["us-east-1"]}
    path = tmp_path / "record.jsonl"
    record.write(path, head, calls)
    assert compare(path)
    assert f"The emulator answers {len(calls)} of {len(calls)} calls as the record does." in capsys.readouterr().out
    first(calls, "CreateKey")["answer"]["KeyMetadata"]["KeyManager"] = "AWS"
    record.write(path, head, calls)
    assert not compare(path)
    shown = capsys.readouterr().out
    assert "CreateKey: answer.KeyMetadata.KeyManager is 'AWS' in the record, and 'CUSTOMER' in the emulator" in shown


def test_the_same_difference_is_shown_once() -> None:
    calls = [{"operation": "DescribeKey", "scenario": f"s{number}"} for number in range(3)]
    findings = [Finding(DIFFERENCE, number + 2, call, "answer.X is wrong") for number, call in enumerate(calls)]
    lines = summary(findings, 10)
    assert lines[0] == "  DescribeKey: answer.X is wrong (line 2, s0, and 2 more)"
    assert "The emulator answers 7 of 10 calls as the record does." in lines


@pytest.mark.parametrize("content", ["", "{}", "not JSON", "[1]"], ids=["empty", "no head", "text", "list"])
def test_what_is_no_record(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file"
    path.write_text(content, "utf-8")
    with pytest.raises(ValueError, match="Name the record"):
        record.read(path)
