# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The AWS account that a task expects for its credentials and keys. Pure."""

from __future__ import annotations

import re
import typing as t

from .._errors import Refusal
from .identifiers import account_of_arn

__all__ = ("EXPECTED_ACCOUNT", "Caller", "expected_account", "refuse_caller", "refuse_named_key", "refuse_shown_key")

EXPECTED_ACCOUNT: dict[str, dict[str, t.Any]] = {"expected_account_id": {"type": "str"}}

# "The regex pattern for an account ID string requires exactly 12 digits." (AWS Organizations API Reference, Account)
_ACCOUNT_ID = r"[0-9]{12}"


class Caller(t.NamedTuple):
    """The owner of the credentials, as STS GetCallerIdentity returns it.

    :ivar arn: of the user, or of the role session.
    """

    account: str
    arn: str


def expected_account(given: t.Any) -> str | None:
    """The account ID from the option ``expected_account_id``, 12 digits; None if the option is not set.

    :param given: the option's value. It may be a number, because YAML reads unquoted digits as one.
    :raises Refusal: it is not an account ID. An empty value is also refused: a variable that is empty by mistake is not
        consent.
    """
    if given is None:
        return None
    text = str(given)
    if re.fullmatch(_ACCOUNT_ID, text):
        return text
    what = f"expected_account_id is {text}" if text.strip() else "expected_account_id is empty"
    advice = "Correct it, or omit the option."
    if re.fullmatch(r"[0-9]{1,11}", text):
        # YAML 1.1 reads 012345670123 as the octal number 1402433619. A number also loses its leading zeros.
        advice = "Quote the value: YAML reads unquoted digits as a number and drops leading zeros."
    raise Refusal(f"{what}, but an AWS account ID has 12 digits, without hyphens. {advice}")


def refuse_caller(caller: Caller, expected: str) -> None:
    """:raises Refusal: the credentials belong to another account than the *expected* one."""
    if caller.account != expected:
        raise Refusal(
            f"The credentials belong to account {caller.account} ({caller.arn}), but expected_account_id is"
            f" {expected}. No request was sent to KMS. Check profile, or access_key, session_token and their role; or"
            " correct expected_account_id."
        )


def refuse_named_key(key: str | None, expected: str | None, option: str = "key_id") -> None:
    """:param key: as the task names it.
    :param expected: None if the task does not expect a specific account.
    :raises Refusal: it is the ARN of a key or alias in another account.
    """
    if key is None or expected is None:
        return
    account = account_of_arn(key)
    if account not in (None, expected):
        raise Refusal(
            f"{option}, {key}, is in account {account}, but expected_account_id is {expected}. No request about this"
            " key was sent to KMS. Correct one of the two options."
        )


def refuse_shown_key(key: str, arn: str, expected: str | None) -> None:
    """:param key: as requested.
    :param arn: of the key that KMS returned.
    :raises Refusal: the key is in another account.
    """
    if expected is not None and account_of_arn(arn) != expected:
        raise Refusal(
            f"{key}: KMS returned the key {arn}, which is not in the account of expected_account_id, {expected}. The"
            " key was not used. Check endpoint_url, AWS_ENDPOINT_URL_KMS and AWS_ENDPOINT_URL_STS on the target:"
            " they may belong to different accounts."
        )
