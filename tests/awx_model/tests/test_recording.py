# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model gives the same answers as a real AWX.

Source: exchanges.jsonl, recorded between the modules of awx.awx 24.6.1 and AWX 24.6.2.dev (devel of 2024-10-23).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .replaying import SCRUBBED, Exchange, differences, recorded, said, set_up


def _replayed(folder: Path, exchanges: list[Exchange]) -> list[str]:
    """Replay all requests in order, and list the differences from AWX."""
    model = set_up(folder)
    found = []
    for exchange in exchanges:
        status, answer = said(model, exchange)
        unlike = differences(exchange.response, answer)
        if status != exchange.status:
            unlike.append(f" has the status {status}, and {exchange.status} in AWX")
        found += [f"{exchange.number} {exchange.method} {exchange.path}: response{one}" for one in unlike]
    return found


def test_every_recorded_exchange_is_answered_as_awx_did(tmp_path: Path) -> None:
    exchanges = recorded()
    assert len(exchanges) == 142
    assert _replayed(tmp_path, exchanges) == []


def test_written_values_are_returned(tmp_path: Path) -> None:
    """The model returns each value that it receives, if AWX returns it."""
    model = set_up(tmp_path)
    written = 0
    for exchange in recorded():
        _status, answer = said(model, exchange)
        if exchange.method not in ("POST", "PATCH") or not answer:
            continue
        given = {name: value for name, value in exchange.request.items() if name in answer and value is not None}
        given.pop("inputs", None)
        assert {name: answer[name] for name in given} == given
        written += 1
    assert written == 14


def _another_status(exchange: dict[str, Any]) -> None:
    exchange["status"] = 418


def _a_key_less(exchange: dict[str, Any]) -> None:
    del exchange["response"]["results"][0]["summary_fields"]["object_roles"]["read_role"]


def _a_key_more(exchange: dict[str, Any]) -> None:
    exchange["response"]["results"][0]["related"]["tokens"] = "/api/v2/organizations/3/tokens/"


def _another_type(exchange: dict[str, Any]) -> None:
    exchange["response"]["results"][0]["max_hosts"] = "0"


def _another_value(exchange: dict[str, Any]) -> None:
    exchange["response"]["results"][0]["name"] = "Another"


def _no_moment(exchange: dict[str, Any]) -> None:
    exchange["response"]["results"][0]["created"] = "yesterday"


def _one_more(exchange: dict[str, Any]) -> None:
    exchange["response"]["results"].append({})


@pytest.mark.parametrize(
    "change",
    [_another_status, _a_key_less, _a_key_more, _another_type, _another_value, _no_moment, _one_more],
    ids=lambda change: change.__name__.strip("_"),
)
def test_a_changed_answer_is_detected(change: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    first = recorded()[0]
    changed = copy.deepcopy(vars(first))
    change(changed)
    (found,) = _replayed(tmp_path, [Exchange(**changed)])
    assert found.startswith("1 GET /api/v2/organizations/?name=Rec: response")


def test_scrubbed_secrets_are_only_texts() -> None:
    assert differences(SCRUBBED, "anything") == []
    assert differences(SCRUBBED, None)
