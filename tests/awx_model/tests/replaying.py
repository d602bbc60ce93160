# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded conversation of awx.awx with a real AWX, said again to the model."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from awx_model.model import Model

_FILE: Final = Path(__file__).with_name("exchanges.jsonl")
_MOMENT: Final = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
_UUID: Final = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_REVISION: Final = re.compile(r"^[0-9a-f]{40}$")
#: What the recording shows in place of values that were taken out.
SCRUBBED: Final = "scrubbed"


@dataclass(frozen=True)
class Exchange:
    """A request, and AWX's answer to it."""

    number: int
    method: str
    path: str
    request: Any
    status: int
    response: Any


def recorded() -> list[Exchange]:
    lines = _FILE.read_text("utf-8").splitlines()
    return [Exchange(number, **json.loads(line)) for number, line in enumerate(lines, start=1)]


def said(model: Model, exchange: Exchange) -> tuple[int, Any]:
    """What the model answers to a request."""
    parts = urlsplit(exchange.path)
    return model.request(exchange.method, parts.path, parse_qsl(parts.query), exchange.request)


def differences(expected: Any, got: Any, where: str = "") -> list[str]:
    """Where an answer of the model is unlike AWX's.

    Every key and every value counts. Moments, UUIDs, revisions and the ids of roles are only of the same form: they are
    others in each AWX. What was scrubbed is a text.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        found = [f"{where}.{name} is missing" for name in sorted(expected.keys() - got.keys())]
        found += [f"{where}.{name} is not AWX's" for name in sorted(got.keys() - expected.keys())]
        for name in sorted(expected.keys() & got.keys()):
            found += differences(expected[name], got[name], f"{where}.{name}")
        return found
    if isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            return [f"{where} has {len(got)} members, and {len(expected)} in AWX"]
        return [one for pair in enumerate(zip(expected, got, strict=True)) for one in _member(where, *pair)]
    if type(expected) is not type(got):
        return [f"{where} is {got!r}, and {expected!r} in AWX"]
    if re.search(r"\.object_roles\.\w+\.id$", where):
        return []
    if isinstance(expected, str):
        for form in (_MOMENT, _UUID, _REVISION):
            if form.match(expected) and form.match(got):
                return []
    if expected == SCRUBBED and got:
        return []
    return [] if expected == got else [f"{where} is {got!r}, and {expected!r} in AWX"]


def _member(where: str, index: int, pair: tuple[Any, Any]) -> list[str]:
    return differences(*pair, f"{where}[{index}]")


def set_up(folder: Path) -> Model:
    """A model in the state that the recording began with, with the next ids of the recording.

    :param folder: for the project's playbooks.
    """
    (folder / "renew.yml").write_text("- hosts: all\n", "utf-8")
    (folder / "report.yml").write_text("- hosts: all\n", "utf-8")
    first = {one.path: one.response["results"][0] for one in recorded() if one.response and one.response.get("results")}
    model = Model(projects={_shown(first, "projects")["scm_url"]: folder})
    store = model.store
    for collection, numbers in (
        ("organizations", 3),
        ("credential_types", 34),
        ("execution_environments", 4),
        ("inventories", 3),
        ("hosts", 4),
        ("project_updates", 16),
    ):
        store.count_from(collection, numbers)
    for collection in ("organizations", "credential_types", "execution_environments", "inventories"):
        _make(model, collection, _shown(first, collection, also="KMS"))
    for name in ("prod-frankfurt", "prod-dublin"):
        _make(model, "hosts", _shown(first, "hosts", also=name))
    store.count_from("projects", 20)
    _make(model, "projects", _shown(first, "projects"))
    store.count_from("credentials", 12)
    store.count_from("workflow_job_template_nodes", 4)
    store.count_from("schedules", 7)
    return model


def _shown(first: dict[str, Any], collection: str, also: str = "") -> dict[str, Any]:
    """An object as the recording's first answer about it shows it."""
    paths = [path for path in first if path.startswith(f"/api/v2/{collection}/?")]
    return next((first[path] for path in paths if also in path), first[paths[0]])


def _make(model: Model, collection: str, shown: dict[str, Any]) -> None:
    status, answer = model.request("POST", f"/api/v2/{collection}/", [], shown)
    assert status == 201, answer
    assert answer["id"] == shown["id"]
