# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which import parameters must be fetched, and what becomes of those that KMS gives. Pure: files are bytes in here."""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass
from datetime import timedelta

from ...module_utils._errors import CloudKeysError, Refusal
from ...module_utils._key.expiration import (
    ExpirationError,
    format_time,
    parse_duration,
    parse_time,
)
from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.specs import (
    choose_wrapping_algorithm,
)
from ...module_utils._material.plan import refuse_key
from ...module_utils._material.wanted import Wanted
from .._cryptography.wrapping import public_key_sha256
from .._trust import Way
from .contents import (
    TOKEN_LIFETIME,
    Bundle,
    ImportParameters,
)
from .file import BundleError, is_of_format

__all__ = (
    "Request",
    "bundle_of",
    "earlier",
    "read_min_validity",
    "refuse_overwriting",
    "refuse_overwriting_token",
    "request_for",
    "told",
)


@dataclass(frozen=True)
class Request:
    """What is to be asked of KMS for one key."""

    facts: KeyFacts
    wrapping_algorithm: str
    wrapping_key_spec: str

    def to_json(self) -> dict[str, t.Any]:
        return {
            "key_id": self.facts.arn,
            "wrapping_algorithm": self.wrapping_algorithm,
            "wrapping_key_spec": self.wrapping_key_spec,
        }


def read_min_validity(text: str) -> timedelta:
    """:raises Refusal: it is no duration, or longer than an import token ever lives."""
    try:
        duration = parse_duration(text, "min_validity")
    except ExpirationError as error:
        raise Refusal(str(error)) from None
    if duration >= TOKEN_LIFETIME:
        raise Refusal(f"min_validity is {text}, and KMS takes an import token for 24 hours. Set a shorter one.")
    return duration


def request_for(facts: KeyFacts, wrapping_algorithm: str | None, wrapping_key_spec: str) -> Request:
    """:raises Refusal: nothing can be imported into the key, or not wrapped like this."""
    refuse_key(facts, Wanted())
    algorithm = choose_wrapping_algorithm(
        facts.arn, facts.key_spec, facts.region, wrapping_key_spec, wrapping_algorithm
    )
    return Request(facts, algorithm, wrapping_key_spec)


def refuse_overwriting(content: bytes | None, kind: type[Bundle], path: t.Any) -> None:
    """:raises Refusal: the file that is there is none of ours, and might be somebody's only copy of something."""
    if content is not None and not is_of_format(content, kind.FORMAT):
        raise Refusal(
            f"{path} is there, and is not a bundle of the format {kind.FORMAT}. It is not overwritten. Remove it, or"
            " name another file."
        )


def refuse_overwriting_token(content: bytes | None, earlier_bundle: ImportParameters | None, path: t.Any) -> None:
    """The same for a file with an import token alone, which nothing but the bundle beside it recognizes.

    :raises Refusal: the file that is there is not the import token of that bundle, or there is no such bundle.
    """
    if content is not None and (earlier_bundle is None or content != earlier_bundle.import_token):
        raise Refusal(
            f"{path} is there, and is not the import token of the bundle in dest. It is not overwritten. Remove it, or"
            " name another file."
        )


def earlier(content: bytes | None) -> ImportParameters | None:
    """The bundle that is there, whatever it is still good for."""
    try:
        return None if content is None else ImportParameters.from_content(content, "The bundle")
    except BundleError:
        return None


def bundle_of(request: Request, parameters: t.Mapping[str, t.Any], way: Way) -> ImportParameters:
    """:param parameters: what GetParametersForImport gave."""
    asked = (request.wrapping_algorithm, request.wrapping_key_spec)
    if (parameters["wrapping_algorithm"], parameters["wrapping_key_spec"]) != asked:
        raise CloudKeysError(f"{request.facts.arn}: the target answered for another wrapping than was asked for.")
    try:
        public_key, token = (
            base64.b64decode(parameters[name], validate=True) for name in ("wrapping_public_key", "import_token")
        )
    except ValueError:
        # Ansible masks a very short secret of the connection options wherever its characters occur.
        raise CloudKeysError(
            f"{request.facts.arn}: the import parameters did not come whole from the target. Nothing was written."
        ) from None
    return ImportParameters(
        key_arn=request.facts.arn,
        key_id=request.facts.key_id,
        key_spec=request.facts.key_spec,
        region=request.facts.region,
        wrapping_algorithm=request.wrapping_algorithm,
        wrapping_key_spec=request.wrapping_key_spec,
        wrapping_public_key_sha256=public_key_sha256(public_key),
        import_token=token,
        parameters_valid_to=parse_time(parameters["parameters_valid_to"], "parameters_valid_to"),
        endpoint=way.url,
        connection=way.recorded.connection,
        certificates=way.certificates,
        wrapping_public_key=public_key,
    )


def told(bundle: Bundle) -> dict[str, t.Any]:
    """What results say of a bundle: nothing that is a secret, or could become one."""
    return {
        "key_arn": bundle.key_arn,
        "key_spec": bundle.key_spec,
        "region": bundle.region,
        "wrapping_algorithm": bundle.wrapping_algorithm,
        "wrapping_key_spec": bundle.wrapping_key_spec,
        "wrapping_public_key_sha256": bundle.wrapping_public_key_sha256,
        "parameters_valid_to": format_time(bundle.parameters_valid_to),
        "endpoint": bundle.endpoint,
        "connection": bundle.connection,
        "check_code": bundle.check_code,
    }
