# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``kms_external_key`` as the answer to a request, for one key among many, and for the module, which has only one."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from .._errors import CloudKeysError, Refusal
from .._key.ensured_key import EnsuredKeyResult, EnsuredReplica, KeyDiff
from .._key.facts import KeyFacts
from .._kms.client import Kms
from .._kms.traffic import PatienceExceeded
from .._messages import EnsuredKey, EnsureKey, Failure, Seen
from .apply import declared_key
from .declaration import declared
from .keys_without_alias import KeysWithoutAlias
from .options import EXTERNAL_KEY
from .plan import WantedKey
from .replicas import refuse_regions

__all__ = ("EnsureKeyHandler",)

_OMITTED = {name: option.get("default") for name, option in EXTERNAL_KEY.items()}


class EnsureKeyHandler:
    """Answer the requests of one visit. They share what they look up."""

    def __init__(self, clients: t.Mapping[str | None, Kms | Refusal]) -> None:
        self._clients = clients
        self._unnamed = {region: KeysWithoutAlias(kms) for region, kms in clients.items() if isinstance(kms, Kms)}

    def ensure(self, kms: Kms, request: EnsureKey) -> EnsuredKey:
        """:raises Refusal: KMS would reject an option, or a Region is unusable."""
        if not request.check_mode:
            # Complete an operation that has begun.
            kms = kms.with_unlimited_patience()
        options = {**_OMITTED, **request.options}
        wanted = declared(options)
        refuse_regions(wanted, kms.region)
        elsewhere: dict[str, Kms] = {}
        for region in wanted.replica_regions:
            client = self._clients[region]
            if isinstance(client, Refusal):
                raise client
            elsewhere[region] = client if request.check_mode else client.with_unlimited_patience()
        key = declared_key(
            kms,
            elsewhere,
            wanted,
            options,
            check_mode=request.check_mode,
            unnamed=self._unnamed[request.region],
            expected=request.arn,
        )
        failure = None
        try:
            key.present()
        except PatienceExceeded:
            raise
        except CloudKeysError as error:
            failure = Failure.of(error)
        result = key.to_result()
        created = request.check_mode and "create_key" in result["actions"]
        seen = _new_key(kms, wanted, result) if created else None
        return EnsuredKey(
            _to_result(result), tuple(key.warnings), kms.provenance, request.check_mode, failure, seen, key.waiting
        )


def _to_result(result: t.Mapping[str, t.Any]) -> EnsuredKeyResult:
    key = dict(result.get("kms_key") or {})
    diff = result.get("diff") or ()
    return EnsuredKeyResult(
        result["changed"],
        tuple(result["actions"]),
        key.pop("arn", None),
        key,
        tuple(KeyDiff(**one) for one in ([diff] if isinstance(diff, dict) else diff)),
        tuple(EnsuredReplica(**{**one, "actions": tuple(one["actions"])}) for one in result.get("replicas") or ()),
    )


def _new_key(kms: Kms, wanted: WantedKey, result: t.Mapping[str, t.Any]) -> Seen:
    """A key that does not exist yet. KMS will assign its ID, so it is identified by its alias."""
    planned = result["diff"] if isinstance(result["diff"], dict) else result["diff"][0]
    facts = KeyFacts(
        key_id=str(wanted.alias),
        arn=str(wanted.alias),
        region=kms.region,
        key_spec=planned["after"]["key_spec"],
        key_usage=planned["after"]["key_usage"],
        origin="EXTERNAL",
        key_state="PendingImport",
        multi_region=bool(wanted.multi_region),
        multi_region_key_type="PRIMARY" if wanted.multi_region else None,
        primary_region=kms.region if wanted.multi_region else None,
        materials=() if planned["after"]["key_spec"] == "SYMMETRIC_DEFAULT" else None,
    )
    # KMS has already returned its aliases and keys at this point.
    now = kms.now or datetime.now(timezone.utc).replace(microsecond=0)
    return Seen(facts, now, kms.provenance)
