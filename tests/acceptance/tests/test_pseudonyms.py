# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record can be published: it identifies neither the account nor anything in it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.comparison.matching import Bindings
from acceptance.pseudonyms import ACCOUNT, Pseudonyms
from acceptance.record import publishable

OWN, OTHER_ACCOUNT, RUN = "987654321098", "876543210987", "20261129-0123abcd"
KEY, OTHERS = "1234abcd-12ab-34cd-56ef-1234567890ab", "0987dcba-09fe-87dc-65ba-ab0987654321"
MATERIAL = "0123456789abcdef" * 4
ARN = f"arn:aws:kms:us-east-1:{OWN}:key/"
ALIAS = f"alias/cloudkeys-acceptance-{RUN}-main"


def text(given: str) -> str:
    return Pseudonyms(RUN, OWN).text(given)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (ARN + KEY, f"arn:aws:kms:us-east-1:{ACCOUNT}:key/<key 1>"),
        (f"{ARN}mrk-{KEY.replace('-', '')}", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/<multi-Region key 1>"),
        (f"{KEY} {OTHERS} {KEY}", "<key 1> <key 2> <key 1>"),
        (f"identifier ({MATERIAL}).", "identifier (<material 1>)."),
        (f"mine cloudkeys.aws/v1:{MATERIAL[:32]}", "mine cloudkeys.aws/v1:<label 1>"),
        (f"User: arn:aws:iam::{OWN}:user/Jane is not", "User: <principal 1> is not"),
        (f"arn:aws:sts::{OWN}:assumed-role/Admin/jane@example.com is", "<principal 1> is"),
        (f'"AWS" : "arn:aws:iam::{OWN}:root"', f'"AWS" : "arn:aws:iam::{ACCOUNT}:root"'),
        (f"{OWN} and {OTHER_ACCOUNT}", f"{ACCOUNT} and <account 1>"),
        ("AROAEXAMPLE1234567890", "<unique 1>"),
        ("Go to https://us-east-1.console.aws.amazon.com/iam/home#/authorization-details/E1 now", "Go to <url> now"),
        (ALIAS, "alias/cloudkeys-acceptance-<run>-main"),
        ("x" * 50, "<opaque 1>"),
        ("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"),
    ],
    ids=[
        "key",
        "multi-Region",
        "two",
        "material",
        "label",
        "user",
        "role",
        "root",
        "accounts",
        "principal ID",
        "link",
        "run",
        "opaque",
        "nothing",
    ],
)
def test_identifiers(given: str, shown: str) -> None:
    assert text(given) == shown


TOKEN = "FwoGZXIvYXdzEJr//////////wEaDB" + "aB3-_x" * 12
AWKWARD = [
    f"User: arn:aws:sts::{OWN}:assumed-role/Admin/doe,jane is not authorized",
    f"User: arn:aws:sts::{OWN}:assumed-role/Admin/jane@corp.example.",
    f"arn:aws:iam::{OWN}:user/o'brien/it's-me is not authorized",
    f"arn:aws:iam::{OWN}:rooted",
    f"explicit deny in a service control policy: arn:aws:organizations::{OWN}:policy/o-a1b2c3d4e5/x/p-corpsecret",
    f"arn:aws-us-gov:secretsmanager:us-gov-west-1:{OWN}:secret:corpsecret-AbCdEf",
    f"Key 'arn:aws:kms:us-east-1:{OWN}:alias/payroll' was not found",
    "Alias alias/corp/payroll-2026 is not found",
    f"{OWN}{OTHER_ACCOUNT} and 00{OWN} and x{OWN}y",
    f"role_{OWN}_x",
    f"The token {TOKEN} is not valid",
    "from vpce-0a1b2c3d4e5f6a7b8 at 10.20.30.40",
    "jane.doe@corp.example: no",
    f"{KEY.upper()} {MATERIAL.upper()}",
    "mrk-" + KEY.replace("-", "").upper(),
    "https://jane:hunter2@proxy.corp.example:3128/path and HTTPS://corp.example/x",
    "ASIAEXAMPLE123456789 AKIAEXAMPLE123456789",
]
HIDDEN = re.compile(
    rf"{OWN}|{OTHER_ACCOUNT}|jane|doe|brien|Admin|corp|rooted|payroll|hunter2|a1b2c3d4|10\.20|EXAMPLE"
    rf"|{KEY}|{MATERIAL}|{KEY.replace('-', '')}|FwoG|aB3-_",
    re.IGNORECASE,
)


@pytest.mark.parametrize("place", range(len(AWKWARD)))
def test_awkward_texts(place: int) -> None:
    assert HIDDEN.search(AWKWARD[place])
    assert not HIDDEN.search(text(AWKWARD[place])), text(AWKWARD[place])
    assert not HIDDEN.search(text(f'{{"Message": "{AWKWARD[place]}"}}'))


@given(st.text(), st.text())
def test_the_account_is_never_left(before: str, after: str) -> None:
    assert OWN not in text(f"{before}{OWN}{after}")


@pytest.mark.parametrize("place", range(len(AWKWARD)))
def test_an_answer_with_other_identifiers_is_the_same(place: int) -> None:
    """A comparison finds no difference where only the numbered identifiers differ."""
    shown = text(AWKWARD[place])
    other = AWKWARD[place].replace(OWN, ACCOUNT)
    assert Bindings().matches(shown, other), (shown, other)


@given(st.uuids(), st.text(), st.text())
def test_no_key_id_is_left(key: UUID, before: str, after: str) -> None:
    assert str(key) not in text(f"{before}{key}{after}")


def call(
    operation: str, request: dict[str, Any], answer: dict[str, Any] | None = None, at: float = 0.0
) -> dict[str, Any]:
    entry = {"at": at, "seconds": 0.01, "scenario": "s", "region": "us-east-1", "operation": operation}
    return {**entry, "request": request, "status": 200, "answer": answer or {}}


CREATED = call("CreateKey", {}, {"KeyMetadata": {"KeyId": KEY, "Arn": ARN + KEY}})


def test_keys_of_others_are_left_out() -> None:
    """kms_external_key looks at every key without an alias before it creates one, and at every alias."""
    keys = [{"KeyId": one, "KeyArn": ARN + one} for one in (KEY, OTHERS)]
    aliases = [{"AliasName": "alias/payroll", "TargetKeyId": OTHERS}, {"AliasName": ALIAS, "TargetKeyId": KEY}]
    journal = [
        call("ListKeys", {}, {"Keys": keys}),
        call("ListAliases", {}, {"Aliases": aliases}),
        call("ListResourceTags", {"KeyId": ARN + OTHERS}, {"Tags": [{"TagKey": "owner", "TagValue": "Jane"}]}),
        call("DescribeKey", {"KeyId": "alias/payroll"}),
        CREATED,
        call("DescribeKey", {"KeyId": ALIAS}),
        call("CreateAlias", {"AliasName": ALIAS, "TargetKeyId": ARN + KEY}),
    ]
    published = publishable(journal, RUN, OWN)
    operations = [one["operation"] for one in published]
    assert operations == ["ListKeys", "ListAliases", "CreateKey", "DescribeKey", "CreateAlias"]
    assert [len(published[0]["answer"]["Keys"]), len(published[1]["answer"]["Aliases"])] == [1, 1]
    assert not any(word in str(published) for word in ("payroll", "Jane", OTHERS, KEY, OWN, RUN))


def test_tags_and_aliases_of_others_are_left_out() -> None:
    """An organization adds tags to new keys, and another user adds an alias to a key of the run."""
    own = {"TagKey": "cloudkeys:acceptance", "TagValue": RUN}
    tags = [{"TagKey": "owner", "TagValue": "jane@corp.example"}, own]
    aliases = [{"AliasName": "alias/payroll", "TargetKeyId": KEY}, {"AliasName": ALIAS, "TargetKeyId": KEY}]
    journal = [
        CREATED,
        call("ListResourceTags", {"KeyId": ARN + KEY}, {"Tags": tags, "Truncated": False}),
        call("ListAliases", {"KeyId": ARN + KEY}, {"Aliases": aliases}),
    ]
    _created, listed, aliased = publishable(journal, RUN, OWN)
    assert listed["answer"]["Tags"] == [{"TagKey": "cloudkeys:acceptance", "TagValue": "<run>"}]
    assert [alias["AliasName"] for alias in aliased["answer"]["Aliases"]] == [ALIAS.replace(RUN, "<run>")]


def test_dates() -> None:
    """Those of a request are told by their distance from it, and recognized in answers; others are none."""
    moment, other = "2026-12-29T12:00:00+00:00", "2026-11-29T12:00:00.125000+00:00"
    at = 1798545600.0 - 30 * 86400
    journal = [
        CREATED,
        call("ImportKeyMaterial", {"KeyId": KEY, "ValidTo": {"time": moment}}, at=at),
        call("DescribeKey", {"KeyId": KEY}, {"ValidTo": {"time": moment}, "CreationDate": {"time": other}}, at=at),
    ]
    _created, imported, described = publishable(journal, RUN, OWN)
    assert imported["request"]["ValidTo"] == {"date": 1, "seconds_later": 30 * 86400}
    assert described["answer"] == {"ValidTo": {"date": 1}, "CreationDate": {"time": "milliseconds"}}
    assert "2026" not in str([imported, described])


def test_bytes_have_numbers() -> None:
    same, other = {"bytes": 32, "digest": "a" * 32}, {"bytes": 32, "digest": "b" * 32}
    journal = [CREATED, *(call("GenerateMac", {"KeyId": KEY, "Message": one}) for one in (same, other, same))]
    numbers = [one["request"]["Message"] for one in publishable(journal, RUN, OWN)[1:]]
    assert numbers == [{"bytes": 32, "number": 1}, {"bytes": 32, "number": 2}, {"bytes": 32, "number": 1}]
