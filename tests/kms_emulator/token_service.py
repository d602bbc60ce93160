# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of a request's credentials, and the STS operations of moto: GetCallerIdentity and AssumeRole.

STS uses the Query protocol: requests are forms, answers are XML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qs
from xml.sax.saxutils import escape, unescape

from moto.core.request import Request
from moto.iam.models import get_account_id_from
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from .errors import Refused
from .specs import partition

__all__ = ("DEFAULT_ACCOUNT", "Service", "account_of", "answer", "error_body", "forget_roles", "form")

Service = Literal["kms", "sts"]
DEFAULT_ACCOUNT = "123456789012"
_OPERATIONS = ("AssumeRole", "GetCallerIdentity")
_INVALID_TOKEN = "The security token included in the request is invalid."


def account_of(access_key: str, session_token: str | None, service: Service) -> str:
    """Return the account of the credentials.

    :param access_key: twelve digits are the account number; an access key from AssumeRole belongs to the role's
        account; any other belongs to the default account.
    :param service: the service that receives the request and refuses it.
    :raises Refused: the access key has the form of AssumeRole's, but AssumeRole did not return it with this session
        token.
    """
    if re.fullmatch(r"\d{12}", access_key):
        return access_key
    if not access_key.startswith("ASIA"):
        return DEFAULT_ACCOUNT
    account: str = get_account_id_from(access_key)
    roles = [role for backend in sts_backends[account].values() for role in backend.assumed_roles]
    if any((role.access_key_id, role.session_token) == (access_key, session_token) for role in roles):
        return account
    if service == "sts":
        raise Refused("InvalidClientTokenId", _INVALID_TOKEN, 403)
    raise Refused("UnrecognizedClientException", _INVALID_TOKEN)


def form(body: bytes) -> dict[str, str]:
    """The parameters of a request, including ``Action``."""
    return {name: values[-1] for name, values in parse_qs(body.decode()).items()}


def answer(operation: str, account: str, region: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return the answer as XML.

    :param body: the form.
    :raises Refused: moto refuses the parameters, or the emulator does not know the operation.
    """
    if operation not in _OPERATIONS:
        raise Refused("InvalidAction", f"Could not find operation {operation} for version 2011-06-15")
    # moto knows the account of the access keys that it has created. For all others it reads this header.
    request = Request.from_primitives("POST", "http://127.0.0.1/", {**headers, "x-moto-account-id": account}, body)
    status, _headers, answered = TokenResponse.dispatch(request, request.url, request.headers)
    text = answered.decode() if isinstance(answered, bytes) else str(answered)
    if status != 200:
        raise Refused(_within("Code", text), _within("Message", text), int(status))
    # AWS names a user like this; moto does not.
    user = f"arn:{partition(region)}:iam::{account}:user/Delegated"
    return text.replace(f"arn:{partition(region)}:sts::{account}:user/moto", user).encode()


def error_body(refused: Refused) -> bytes:
    """The error as XML of the Query protocol."""
    return (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{escape(refused.code)}</Code><Message>{escape(refused.message)}</Message></Error></ErrorResponse>"
    ).encode()


def forget_roles() -> None:
    """Make all credentials from AssumeRole invalid."""
    for account in list(sts_backends):
        for backend in sts_backends[account].values():
            backend.reset()


def _within(tag: str, text: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return unescape(found[1].strip()) if found else ""
