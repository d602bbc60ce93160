# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Import parameters of many keys, on the target: the keys are described, then KMS is asked at the pace it allows."""

from __future__ import annotations

import base64
import typing as t

from .._errors import CloudKeysError
from .._json import to_json
from .._key.expiration import format_time
from .._key.reading import read_key
from .._kms.client import Kms
from .._kms.concurrency import concurrently

__all__ = ("describe", "download", "parameters_of")

Answer = dict[str, t.Any]
Entry = t.Mapping[str, t.Any]


def describe(kms: Kms, entries: t.Sequence[Entry]) -> list[Answer]:
    def look(entry: Entry) -> Answer:
        return {"facts": to_json(read_key(kms, entry["key_id"], with_materials=False).facts)}

    return concurrently(lambda entry: _answer(look, entry), entries)


def download(kms: Kms, entries: t.Sequence[Entry]) -> list[Answer]:
    return [_answer(lambda one: _download(kms, one), entry) for entry in entries]


def _download(kms: Kms, entry: Entry) -> Answer:
    algorithm, spec = entry["wrapping_algorithm"], entry["wrapping_key_spec"]
    given = kms.get_parameters_for_import(entry["key_id"], algorithm, spec)
    return {"parameters": parameters_of(given, algorithm, spec), "now": format_time(given.now)}


def parameters_of(answer: t.Mapping[str, t.Any], wrapping_algorithm: str, wrapping_key_spec: str) -> Answer:
    """What GetParametersForImport gave, as JSON can carry it."""
    return {
        "wrapping_public_key": base64.b64encode(answer["PublicKey"]).decode("ascii"),
        "import_token": base64.b64encode(answer["ImportToken"]).decode("ascii"),
        "parameters_valid_to": format_time(answer["ParametersValidTo"]),
        "wrapping_algorithm": wrapping_algorithm,
        "wrapping_key_spec": wrapping_key_spec,
    }


def _answer(visit: t.Callable[[Entry], Answer], entry: Entry) -> Answer:
    try:
        return visit(entry)
    except CloudKeysError as error:
        return error.to_answer()
