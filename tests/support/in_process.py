# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both sides of the module in one process: fast enough for every row of a table. Only Ansible itself is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

import boto3
from botocore.config import Config
from kms_emulator.process import LONGEST

from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.answer import EnsureKeyHandler
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration_options import want_expiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms, client_config
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.quotas import read_quotas
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.traffic import Traffic
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial, Wanted
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    SECRETS,
    Answer,
    EnsuredKey,
    Failed,
    Postponed,
    Request,
    regions_of,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.answer import answer_all
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.wire import (
    answer_from_json,
    answer_to_json,
    request_from_json,
    request_to_json,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import (
    Lost,
    Pause,
    Runtime,
    converse,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.converge import converge
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.declaration import Declaration
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.one_key import OneKey
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.outcome import to_result
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import Sources

from .emulator import Emulator
from .external_key import ExternalKey
from .materials import SYMMETRIC, new_material

NEVER: dict[str, Any] = {"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
_PATIENT: WeakKeyDictionary[Any, dict[str, float]] = WeakKeyDictionary()
_EXPIRATION = ("expiration_model", "valid_to", "valid_for", "renew_before")
_WANTED = (
    "state", "enabled", "force", "on_unknown_material", "on_different_material", "description", "label", "replicas",
    "key_material_id", "all_materials",
)  # fmt: skip


def declaration(key: str, content: bytes | None, *, check_mode: bool = False, **options: Any) -> Declaration:
    """:param options: the options of the module; an entry of *previous* is the content, or a dictionary with it."""
    sources = options.pop("sources", None) or _source(content, options)
    expiration = _expiration(options)
    previous, wanted_previous = [], []
    for place, entry in enumerate(options.pop("previous", ())):
        entry = dict(entry) if isinstance(entry, dict) else {"content": entry}
        previous.append(entry.get("sources") or _source(entry["content"], entry, f"older material {place}"))
        own = _expiration(entry)
        wanted_previous.append(
            GivenMaterial(
                place + 1,
                previous[-1].kind,
                own if own.declared else expiration,
                key_material_id=entry.get("key_material_id"),
            )
        )
    wanted = Wanted(
        expiration=expiration,
        material=sources.kind,
        previous=tuple(wanted_previous),
        **{name: options.pop(name) for name in _WANTED if name in options},
    )
    settings = {"wrapping_key_spec": "RSA_3072", "wait_timeout": 600, **options}
    return Declaration(
        key=key, wanted=wanted, sources=sources, previous=tuple(previous), check_mode=check_mode, **settings
    )


def _source(content: bytes | None, options: dict[str, Any], origin: str = "the test's material") -> Sources:
    return Sources(content=content, key_material_format=options.pop("key_material_format", "auto"), origin=origin)


def _expiration(options: dict[str, Any]) -> WantedExpiration:
    return want_expiration(*(options.pop(name, None) for name in _EXPIRATION))


def run(client: Any, *declarations: Declaration) -> list[dict[str, Any]]:
    """The results of these declarations, whose conversations share their visits."""
    outcomes = converse([converge(OneKey(one)) for one in declarations], Runtime(visits(client), no_pause))
    return [to_result(outcome) for outcome in outcomes]


def no_pause(_pause: Pause) -> None:
    """What stands for a pause of the controller. It goes on at once: the emulator's rotations are over as soon."""


def visits(
    client: Any, elsewhere: Callable[[Any, str | None], Any] | None = None
) -> Callable[[Sequence[Request]], list[Answer | Lost]]:
    """Carries requests to KMS: with *client*, and where a request names another Region with one like it.

    :param elsewhere: makes that one.
    """
    clients: dict[str | None, Kms] = {}

    def visit(requests: Sequence[Request]) -> list[Answer | Lost]:
        # As Ansible does: what goes over is JSON, and options that were not given are None.
        entries = [{**dict.fromkeys(SECRETS), **over_the_wire(request_to_json(one))} for one in requests]
        received = [request_from_json(entry) for entry in entries]
        for region in set(regions_of(received)) - set(clients):
            own = region in (None, client.meta.region_name)
            clients[region] = kms_of(client if own else (elsewhere or fresh_client)(client, region))
        answers = [over_the_wire(answer_to_json(one)) for one in answer_all(clients, received, EnsureKeyHandler)]
        return [came_locally(answer_from_json(entry)) for entry in answers]

    return visit


def kms_of(client: Any) -> Kms:
    """As a module has it for a patient client; for another one without pauses and repetitions."""
    return Kms(client, traffic=Traffic(read_quotas(_PATIENT[client])) if client in _PATIENT else None)


def over_the_wire(value: Any) -> Any:
    return json.loads(json.dumps(value))


def came_locally(answer: Answer) -> Answer:
    if isinstance(answer, (Failed, Postponed)):
        return answer
    if isinstance(answer, EnsuredKey) and answer.seen is not None:
        answer = answer._replace(seen=answer.seen._replace(provenance=_local(answer.seen.provenance)))
    return answer._replace(provenance=_local(answer.provenance))


def _local(provenance: Provenance) -> Provenance:
    return provenance._replace(connection="local")


def result_of(client: Any, key: ExternalKey | str, content: bytes | None = None, **options: Any) -> dict[str, Any]:
    """The result of one task, whether it failed or not."""
    name = key if isinstance(key, str) else key.arn
    (result,) = run(client, declaration(name, content, **options))
    return result


def run_one(client: Any, key: ExternalKey | str, content: bytes | None = None, **options: Any) -> dict[str, Any]:
    """The result of one task, which succeeds."""
    result = result_of(client, key, content, **options)
    assert not result.get("failed"), result["msg"]
    return result


def run_failing(client: Any, key: ExternalKey | str, content: bytes | None = None, **options: Any) -> dict[str, Any]:
    """The result of one task, which fails."""
    result = result_of(client, key, content, **options)
    assert result.get("failed"), result
    return result


def fresh_client(client: Any, region: str | None = None) -> Any:
    """A client of one's own, to be tampered with, for the same endpoint, Region and account."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=LONGEST)
    return _another(client, config, region)


def patient_client(client: Any, **quotas: float) -> Any:
    """A client as a module has one, for the same endpoint, Region and account: what may pass is repeated.

    :param quotas: requests a second, by operation, where they are not AWS's.
    """
    patient = _another(client, client_config())
    _PATIENT[patient] = quotas
    return patient


def _another(client: Any, config: Config, region: str | None = None) -> Any:
    credentials = client._request_signer._credentials
    return boto3.client(
        "kms",
        region_name=region or client.meta.region_name,
        endpoint_url=client.meta.endpoint_url,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        config=config,
    )


def with_days(
    kms: Any,
    emulator: Emulator,
    alias: str | None,
    days: int | None,
    content: bytes | None = None,
    *,
    spec: str = SYMMETRIC,
    **request: Any,
) -> ExternalKey:
    """A key that has so many days left, and half of one more: no test hangs on a second. None is without end.

    :param request: more of CreateKey.
    """
    key = ExternalKey.create(kms, spec, **request)
    if alias is not None:
        kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=key.id)
    end = NEVER if days is None else {"valid_to": (emulator.now() + timedelta(days=days, hours=12)).isoformat()}
    key.material = content or new_material(spec)
    run_one(kms, key, key.material, **end)
    return key
