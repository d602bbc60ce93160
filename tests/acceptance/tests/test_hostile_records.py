# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record comes from someone else. Whatever it contains, it is compared or refused in a sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kms_emulator.process import EmulatorProcess, start_emulator

from acceptance import record
from acceptance.comparison.matching import Bindings
from acceptance.comparison.report import compare, printable

HEAD = {"service": "AWS KMS", "day": "2026-11-29", "regions": ["us-east-1"]}
ESCAPE = "\x1b]0;owned\x07\x1b[2J\u202e\x9b"


def call(**changes: Any) -> dict[str, Any]:
    usual = {
        "at": 0.0,
        "seconds": 0.01,
        "scenario": "s",
        "region": "us-east-1",
        "operation": "ListAliases",
        "request": {},
        "status": 200,
        "answer": {"Aliases": [], "Truncated": False},
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not ...}


@pytest.fixture(scope="session")
def replayer() -> Iterator[EmulatorProcess]:
    with start_emulator() as process:
        yield process


@pytest.fixture(autouse=True)
def shared(replayer: EmulatorProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """One emulator for all comparisons, which has seen nothing at the start of each."""

    @contextmanager
    def started() -> Iterator[EmulatorProcess]:
        replayer.reset()
        yield replayer

    monkeypatch.setattr("acceptance.comparison.report.start_emulator", started)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.jsonl"


def test_the_usual_call_is_compared(path: Path) -> None:
    record.write(path, HEAD, [call()])
    assert compare(path)


HOSTILE: dict[str, dict[str, Any]] = {
    "no time": {"at": ...},
    "time as text": {"at": "1"},
    "before the start": {"at": -1.0},
    "far future": {"at": 1e300},
    "infinite": {"at": float("inf")},
    "not a number": {"at": float("nan")},
    "Boolean time": {"at": True},
    "no seconds": {"seconds": ...},
    "no Region": {"region": ...},
    "host": {"region": "evil.example/x?"},
    "list of Regions": {"region": ["us-east-1"]},
    "no operation": {"operation": ...},
    "method": {"operation": "_make_api_call"},
    "path": {"operation": "../../etc/passwd"},
    "no request": {"request": None},
    "list as request": {"request": []},
    "no answer": {"answer": ...},
    "both": {"error": {"code": "x"}},
    "text as answer": {"answer": "x"},
    "error without code": {"answer": ..., "error": {}},
    "error with number": {"answer": ..., "error": {"code": 7}},
    "status": {"status": "200"},
    "many bytes": {"request": {"Plaintext": {"bytes": 10**12, "number": 1}}},
    "negative bytes": {"request": {"Plaintext": {"bytes": -1, "number": 1}}},
    "bytes without number": {"request": {"Plaintext": {"bytes": 8}}},
    "many characters": {"request": {"Plaintext": {"text": 10**12}}},
    "long text": {"answer": {"X": "x" * 200_000}},
    "long date": {"request": {"ValidTo": {"date": 1, "seconds_later": 10**18}}},
    "deep": {"answer": {"X": json.loads("[" * 60 + "]" * 60)}},
    "large number": {"answer": {"X": 10**400}},
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_call_is_refused(path: Path, name: str) -> None:
    record.write(path, HEAD, [call(), call(**HOSTILE[name])])
    with pytest.raises(ValueError, match=r"is not a record: .* Name the record") as refused:
        record.read(path)
    assert len(str(refused.value)) < 300


LINES: dict[str, bytes] = {
    "recursion": b"[" * 100_000,
    "NaN": b'{"at": NaN}',
    "not UTF-8": b"\xff\xfe",
    "number": b"7",
    "long number": b'{"at": ' + b"9" * 5000 + b"}",
    "empty": b"",
}


@pytest.mark.parametrize("name", list(LINES))
def test_a_hostile_line_is_refused(path: Path, name: str) -> None:
    record.write(path, HEAD, [call()])
    with path.open("ab") as stream:
        stream.write(LINES[name] + b"\n")
    with pytest.raises(ValueError, match="Name the record"):
        record.read(path)


def test_a_very_large_file_is_not_read(path: Path) -> None:
    with path.open("wb") as stream:
        os.truncate(stream.fileno(), 2**40)
    with pytest.raises(ValueError, match="it is too large"):
        record.read(path)


@pytest.mark.parametrize("head", [{**HEAD, "service": 7}, {**HEAD, "regions": ["\x1b"]}, {"service": "x"}])
def test_a_hostile_first_line_is_refused(path: Path, head: dict[str, Any]) -> None:
    record.write(path, head, [call()])
    with pytest.raises(ValueError, match="line 1 has no usable"):
        record.read(path)


def test_missing_lines_are_noticed(path: Path) -> None:
    record.write(path, HEAD, [call(), call()])
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")
    with pytest.raises(ValueError, match="it has 1 calls, and its first line states 2"):
        record.read(path)


def test_an_empty_record_shows_nothing(path: Path) -> None:
    record.write(path, HEAD, [])
    with pytest.raises(ValueError, match="it has no calls"):
        record.read(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"operation": "GetPaginator"}, "this version of botocore does not have the operation"),
        ({"request": {"Quantum": True}}, "this version of botocore does not make the request"),
        ({"request": {"KeyId": "<key 1>"}}, "no earlier answer shows <key 1>"),
    ],
    ids=["operation", "option", "unknown"],
)
def test_a_record_of_which_nothing_is_compared(
    path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: str
) -> None:
    record.write(path, HEAD, [call(**changes)])
    assert not compare(path)
    shown = capsys.readouterr().out
    assert said in shown
    assert "Nothing was compared" in shown


ODD: list[tuple[str, Any]] = [
    ("CreateKey", {}),
    ("CreateKey", {"KeyMetadata": [7]}),
    ("CreateKey", {"KeyMetadata": {"Arn": [7]}}),
    ("CreateKey", {"KeyMetadata": {"Arn": {"bytes": 3, "number": 1}}}),
    ("ListAliases", {}),
    ("ListAliases", {"Aliases": 7}),
    ("ListAliases", {"Aliases": [7]}),
    ("ListKeys", {"Keys": [[]]}),
]


@pytest.mark.parametrize("place", range(len(ODD)))
def test_an_answer_of_another_form_is_a_difference(path: Path, capsys: pytest.CaptureFixture[str], place: int) -> None:
    operation, answer = ODD[place]
    request = {"Origin": "EXTERNAL"} if operation == "CreateKey" else {}
    record.write(path, HEAD, [call(operation=operation, request=request, answer=answer)])
    assert not compare(path)
    assert "1 answers differ." in capsys.readouterr().out


def test_a_terminal_is_not_controlled(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"Aliases": [{ESCAPE: ESCAPE}], ESCAPE: {"text": 1}}
    calls = [
        call(scenario=ESCAPE, answer=answer),
        call(scenario=ESCAPE, operation="DescribeKey", request={"KeyId": ESCAPE}),
        call(answer=..., error={"class": ESCAPE}),
        call(request={"KeyId": "<key 1>"}),
    ]
    record.write(path, {**HEAD, "service": ESCAPE, "day": ESCAPE}, calls)
    assert not compare(path)
    shown = capsys.readouterr().out
    assert shown.replace("\n", "").isprintable()
    assert "owned" in shown


@given(st.text())
def test_a_line_is_printable(text: str) -> None:
    assert printable(text).isprintable()


@pytest.mark.parametrize("kind", ["opaque", "principal", "arn", "mail", "url", "unknown kind", "alias", "host"])
def test_many_identifiers_cost_no_time(kind: str) -> None:
    """A regular expression with as many repetitions would not end."""
    recorded = "".join(f"<{kind} {number}>a" for number in range(60)) if kind != "url" else "<url>a" * 60
    for actual in ("a" * 400 + "!", "arn:" + "a" * 400 + " ", "https://" + "a" * 400, "a@" * 200 + "!"):
        assert not Bindings().matches(recorded, actual)


def raising(*_arguments: Any, **_named: Any) -> Any:
    raise KeyError("Arn")


def test_an_unforeseen_form_is_a_difference(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fails: Callable[..., Any] = raising
    monkeypatch.setattr("acceptance.comparison.replay.differences", fails)
    record.write(path, HEAD, [call()])
    assert not compare(path)
    assert "its form is unknown (KeyError)" in capsys.readouterr().out
