# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run: JSON lines, the first about the run, and one for each KMS call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .comparison.shape import check, parse
from .pseudonyms import Pseudonyms, concerns_run, created_keys, without_others

FORMAT = 1

Call = dict[str, Any]


def read_journal(path: Path) -> list[Call]:
    """The calls in the order in which they were made. A line that a kill cut off is left out."""
    calls = []
    for line in path.read_text("utf-8", "replace").splitlines() if path.exists() else ():
        try:
            calls.append(json.loads(line))
        except ValueError:
            continue
    return sorted(calls, key=lambda call: call["at"])


def publishable(journal: list[Call], run: str, account: str) -> list[Call]:
    """Return the calls of a journal, without anything that identifies the account or its other keys."""
    own = {metadata["KeyId"] for metadata in created_keys(journal)}
    names = Pseudonyms(run, account)
    began = journal[0]["at"] if journal else 0.0
    return [
        _published(without_others(call, own, run), names, began) for call in journal if concerns_run(call, own, run)
    ]


def _published(call: Call, names: Pseudonyms, began: float) -> Call:
    at = call["at"]
    published: Call = {
        "at": round(at - began, 3),
        "seconds": round(call["seconds"], 3),
        "scenario": call["scenario"],
        "region": call["region"],
        "operation": call["operation"],
        "request": names.value(call["request"], at, request=True),
        "status": call["status"],
    }
    for part in ("answer", "error"):
        if part in call:
            published[part] = names.value(call[part], at, request=False)
    return published


def write(path: Path, head: dict[str, Any], calls: Sequence[Call]) -> None:
    """The number of calls shows later whether lines are missing."""
    with path.open("w", encoding="utf-8") as stream:
        for entry in ({"format": FORMAT, **head, "calls": len(calls)}, *calls):
            stream.write(json.dumps(entry) + "\n")


def read(path: Path) -> tuple[dict[str, Any], list[Call]]:
    """Return the first line and the calls.

    :raises ValueError: the file is not a record. The message is a sentence.
    """
    try:
        head, *calls = parse(path) or [None]
        check(head, calls, FORMAT)
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}). Name the record.jsonl of a run.") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not a record: it is not text. Name the record.jsonl of a run.") from None
    except ValueError as error:
        raise ValueError(f"{path} is not a record: {error}. Name the record.jsonl of a run.") from None
    return head, calls
