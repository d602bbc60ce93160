# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The AWS account that a task expects: whose the credentials and the keys must be. Pure."""

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
    """Whose the credentials are, as STS answers GetCallerIdentity.

    :ivar arn: of the user, or of the session of a role.
    """

    account: str
    arn: str


def expected_account(given: t.Any) -> str | None:
    """The account ID of the option ``expected_account_id``, 12 digits; None where the option is not given.

    :param given: its value, which may be a number: YAML makes one of digits without quotes.
    :raises Refusal: it is no account ID, also where it is empty; a variable that is empty by mistake is no consent.
    """
    if given is None:
        return None
    text = str(given)
    if re.fullmatch(_ACCOUNT_ID, text):
        return text
    what = f"expected_account_id is {text}" if text.strip() else "expected_account_id is empty"
    advice = "Correct it, or leave the option out."
    if re.fullmatch(r"[0-9]{1,11}", text):
        # 012345670123 is the octal number 1402433619 in YAML 1.1, and a number has no zeros before it in any case.
        advice = "Write it in quotes: YAML takes digits without quotes for a number, and zeros before it get lost."
    raise Refusal(f"{what}, and the ID of an AWS account has 12 digits, without hyphens. {advice}")


def refuse_caller(caller: Caller, expected: str) -> None:
    """:raises Refusal: the credentials are of another account than the *expected* one."""
    if caller.account != expected:
        raise Refusal(
            f"The credentials are of account {caller.account} ({caller.arn}), and expected_account_id is {expected}."
            " KMS was asked for nothing with them. Check profile, or access_key and session_token, and the role that"
            " they are of; or correct expected_account_id."
        )


def refuse_named_key(key: str | None, expected: str | None, option: str = "key_id") -> None:
    """:param key: as the task names it.
    :param expected: None where the task expects no account.
    :raises Refusal: it is the ARN of a key or alias in another account.
    """
    if key is None or expected is None:
        return
    account = account_of_arn(key)
    if account not in (None, expected):
        raise Refusal(
            f"{option}, {key}, is in account {account}, and expected_account_id is {expected}. KMS was asked for"
            " nothing about it. Correct one of them."
        )


def refuse_shown_key(key: str, arn: str, expected: str | None) -> None:
    """:param key: as it was asked for.
    :param arn: of the key that was shown.
    :raises Refusal: it is in another account.
    """
    if expected is not None and account_of_arn(arn) != expected:
        raise Refusal(
            f"{key}: the key that was shown, {arn}, is not in account {expected} of expected_account_id. Nothing was"
            " done with it. Check endpoint_url, AWS_ENDPOINT_URL_KMS and AWS_ENDPOINT_URL_STS of the target: they may"
            " be of different accounts."
        )
