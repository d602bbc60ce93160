# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Import parameters of many keys, on the target: the keys are described, then KMS is asked at the pace it allows."""

from __future__ import annotations

import base64
import time
import typing as t

from .._errors import CloudKeysError
from .._key.expiration import format_time
from .._key.facts import KeyFacts
from .._kms.client import Kms
from .._kms.concurrency import concurrently

__all__ = ("describe", "download", "import_parameters")

Answer = dict[str, t.Any]
Entry = t.Mapping[str, t.Any]

# "GetParametersForImport 1" (requests a second, for an account and Region; AWS KMS Developer Guide, request quotas).
# Keeping to it costs little time, where a refused request costs a backoff. Counted from the answer: a request that was
# slow on its way to KMS would otherwise have the next one close behind it. The tenth is for KMS's own way to count.
SECONDS_BETWEEN = 1.1


def describe(kms: Kms, entries: t.Sequence[Entry]) -> list[Answer]:
    def look(entry: Entry) -> Answer:
        metadata = kms.describe_key(entry["key_id"])
        return {"facts": KeyFacts.from_kms(metadata, None, None).to_json()}

    return concurrently(lambda entry: _answer(look, entry), entries)


def download(kms: Kms, entries: t.Sequence[Entry]) -> list[Answer]:
    answers = []
    last: float | None = None
    for entry in entries:
        if last is not None:
            time.sleep(max(0.0, last + SECONDS_BETWEEN - time.monotonic()))
        answers.append(_answer(lambda one: _download(kms, one), entry))
        last = time.monotonic()
    return answers


def _download(kms: Kms, entry: Entry) -> Answer:
    given = import_parameters(kms, entry["key_id"], entry["wrapping_algorithm"], entry["wrapping_key_spec"])
    return {"parameters": given, "now": format_time(kms.now)}


def import_parameters(kms: Kms, key: str, wrapping_algorithm: str, wrapping_key_spec: str) -> Answer:
    """What GetParametersForImport gives, as JSON can carry it.

    :param key: a key ID or key ARN; KMS takes no alias here.
    """
    answer = kms.get_parameters_for_import(key, wrapping_algorithm, wrapping_key_spec)
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
