# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two spellings of the same key policy are equal. Any difference in meaning is a difference."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.policy import same_policy

ACCOUNT, OTHER = "111122223333", "444455556666"
PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso")


def statement(**elements: Any) -> dict[str, Any]:
    return {
        "Sid": "Use",
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": "kms:Decrypt",
        "Resource": "*",
        **elements,
    }


def policy(*statements: Any, **elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **elements}


def root(partition: str, account: str = ACCOUNT) -> str:
    return f"arn:{partition}:iam::{account}:root"


ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"

SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "itself": (statement(), statement()),
    "a list of one principal": (statement(), statement(Principal={"AWS": [ACCOUNT]})),
    "an account by its ARN": (statement(), statement(Principal={"AWS": root("aws")})),
    "an account by its ARN in a list": (statement(), statement(Principal={"AWS": [root("aws")]})),
    "the same account twice": (statement(), statement(Principal={"AWS": [root("aws"), ACCOUNT]})),
    "an account without quotation marks": (statement(), statement(Principal={"AWS": int(ACCOUNT)})),
    "principals in another order": (
        statement(Principal={"AWS": [ACCOUNT, ALICE, OTHER]}),
        statement(Principal={"AWS": [OTHER, ACCOUNT, ALICE]}),
    ),
    "everybody": (statement(Principal="*"), statement(Principal={"AWS": "*"})),
    "everybody in a list": (statement(Principal="*"), statement(Principal={"AWS": ["*"]})),
    "a service in a list": (
        statement(Principal={"Service": "s3.amazonaws.com"}),
        statement(Principal={"Service": ["s3.amazonaws.com"]}),
    ),
    "not this principal": (
        statement(NotPrincipal={"AWS": ACCOUNT}),
        statement(NotPrincipal={"AWS": [root("aws")]}),
    ),
    "a list of one action": (statement(), statement(Action=["kms:Decrypt"])),
    "actions in another order": (
        statement(Action=["kms:Decrypt", "kms:Encrypt"]),
        statement(Action=["kms:Encrypt", "kms:Decrypt"]),
    ),
    "actions in small letters": (statement(), statement(Action="KMS:decrypt")),
    "a list of one resource": (statement(), statement(Resource=["*"])),
    "an empty condition": (statement(), statement(Condition={})),
    "a condition with a list of one": (
        statement(Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
        statement(Condition={"StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]}}),
    ),
    "a condition key in small letters": (
        statement(Condition={"StringEquals": {"kms:ViaService": "x"}}),
        statement(Condition={"StringEquals": {"kms:viaservice": "x"}}),
    ),
    "a Boolean without quotation marks": (
        statement(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        statement(Condition={"Bool": {"aws:SecureTransport": True}}),
    ),
    "a number without quotation marks": (
        statement(Condition={"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"}}),
        statement(Condition={"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": 7}}),
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_other_ways_to_write_the_same(case: str) -> None:
    one, other = SAME[case]
    assert same_policy(policy(one), policy(other), "aws")
    assert same_policy(policy(other), policy(one), "aws")


@pytest.mark.parametrize("partition", PARTITIONS)
def test_accounts_in_every_partition(partition: str) -> None:
    by_id, by_arn = policy(statement()), policy(statement(Principal={"AWS": [root(partition)]}))
    assert same_policy(by_id, by_arn, partition)
    for elsewhere in set(PARTITIONS) - {partition}:
        assert not same_policy(by_id, by_arn, elsewhere), "an account of another partition is another account"


def test_the_document_around_the_statements() -> None:
    assert same_policy(policy(statement()), {"Version": "2012-10-17", "Statement": statement()}, "aws")
    two = statement(), statement(Sid="Other")
    assert same_policy(policy(*two), policy(*two[::-1]), "aws")
    assert same_policy(policy(*two), policy(*two, two[0]), "aws")
    assert same_policy({"Statement": [statement()]}, policy(statement(), Version="2008-10-17"), "aws")
    assert not same_policy({"Statement": [statement()]}, policy(statement()), "aws")
    assert not same_policy(policy(statement(), Id="a"), policy(statement()), "aws")
    assert not same_policy(policy(two[0]), policy(*two), "aws")
    assert not same_policy(policy(), policy(statement()), "aws")


DIFFERENT: dict[str, dict[str, Any]] = {
    "denied": statement(Effect="Deny"),
    "another account": statement(Principal={"AWS": OTHER}),
    "one account more": statement(Principal={"AWS": [ACCOUNT, OTHER]}),
    "a user of the account": statement(Principal={"AWS": ALICE}),
    "the account as a service": statement(Principal={"Service": ACCOUNT}),
    "everybody": statement(Principal="*"),
    "one action more": statement(Action=["kms:Decrypt", "kms:Encrypt"]),
    "all actions": statement(Action="kms:*"),
    "another resource": statement(Resource="arn:aws:kms:us-east-1:111122223333:key/1"),
    "all but": {**{k: v for k, v in statement().items() if k != "Action"}, "NotAction": "kms:Decrypt"},
    "a condition": statement(Condition={"Bool": {"aws:SecureTransport": "true"}}),
    "another name": statement(Sid="use"),
    "an account ID as a resource": statement(Resource=ACCOUNT),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_says_something_else(case: str) -> None:
    assert not same_policy(policy(statement()), policy(DIFFERENT[case]), "aws")
    assert not same_policy(policy(DIFFERENT[case]), policy(statement()), "aws")


def test_an_account_id_means_an_account_among_principals_only() -> None:
    """Elsewhere, it is ordinary text."""
    for name in ("Resource", "Action", "Sid"):
        one, other = (policy(statement(**{name: text})) for text in (ACCOUNT, root("aws")))
        assert not same_policy(one, other, "aws")
    one, other = (
        policy(statement(Condition={"StringEquals": {"kms:CallerAccount": text}})) for text in (ACCOUNT, root("aws"))
    )
    assert not same_policy(one, other, "aws")


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.lists(values, min_size=1, max_size=3))


accounts = st.sampled_from([ACCOUNT, OTHER])
principals = st.one_of(
    st.just("*"),
    st.fixed_dictionaries(
        {},
        optional={
            "AWS": several(st.one_of(accounts, st.just(ALICE), st.just("*"))),
            "Service": several(st.sampled_from(["s3.amazonaws.com", "ec2.amazonaws.com"])),
        },
    ).filter(bool),
)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "StringEquals": st.dictionaries(
            st.sampled_from(["kms:ViaService", "kms:CallerAccount"]),
            several(st.sampled_from(["x", ACCOUNT])),
            min_size=1,
        ),
        "Bool": st.just({"kms:GrantIsForAWSResource": True}),
    },
)
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": principals,
        "Action": several(st.sampled_from(["kms:*", "kms:Decrypt", "kms:Encrypt"])),
        "Resource": several(st.just("*")),
    },
    optional={"Sid": st.sampled_from(["a", "b"]), "Condition": conditions},
)
policies = st.fixed_dictionaries(
    {"Version": st.just("2012-10-17"), "Statement": st.one_of(statements, st.lists(statements, max_size=3))},
    optional={"Id": st.just("key-default-1")},
)


@st.composite
def rewritten(draw: st.DrawFn, policy: dict[str, Any], partition: str) -> dict[str, Any]:
    """The same policy in another form: another order, with or without lists, accounts as IDs or ARNs."""

    def listed(value: Any) -> Any:
        entries = draw(st.permutations(value if isinstance(value, list) else [value]))
        return entries[0] if len(entries) == 1 and draw(st.booleans()) else entries

    def principal(value: Any) -> Any:
        if isinstance(value, list):
            return [principal(one) for one in value]
        return root(partition, value) if value in (ACCOUNT, OTHER) and draw(st.booleans()) else value

    def rewrite(one: dict[str, Any]) -> dict[str, Any]:
        written = {**one, **{name: listed(one[name]) for name in ("Action", "Resource")}}
        if isinstance(one["Principal"], dict):
            written["Principal"] = {kind: listed(principal(value)) for kind, value in one["Principal"].items()}
        elif draw(st.booleans()):
            written["Principal"] = {"AWS": listed("*")}
        if "Condition" in one:
            written["Condition"] = {
                operator: {key: listed(values) for key, values in tests.items()}
                for operator, tests in one["Condition"].items()
            }
        return dict(draw(st.permutations(list(written.items()))))

    given_statements = policy["Statement"]
    entries = given_statements if isinstance(given_statements, list) else [given_statements]
    return {**policy, "Statement": listed([rewrite(one) for one in entries])}


@given(policies, st.sampled_from(PARTITIONS), st.data())
def test_any_other_way_to_write_it(given_policy: dict[str, Any], partition: str, data: st.DataObject) -> None:
    other = data.draw(rewritten(given_policy, partition))
    assert same_policy(given_policy, other, partition)
    assert same_policy(other, given_policy, partition)


@given(policies, policies, policies, st.sampled_from(PARTITIONS))
def test_to_be_the_same_is_an_equivalence(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any], partition: str
) -> None:
    assert same_policy(one, copy.deepcopy(one), partition)
    assert same_policy(one, two, partition) == same_policy(two, one, partition)
    if same_policy(one, two, partition) and same_policy(two, three, partition):
        assert same_policy(one, three, partition)


@given(policies, st.data())
def test_one_more_principal_is_a_difference(given_policy: dict[str, Any], data: st.DataObject) -> None:
    """The comparison omits no statement, whatever its position."""
    wanted = copy.deepcopy(given_policy)
    if not isinstance(wanted["Statement"], list):
        wanted["Statement"] = [wanted["Statement"]]
    added = statement(Principal={"AWS": "999999999999"})
    place = data.draw(st.integers(0, len(wanted["Statement"])))
    wanted["Statement"].insert(place, added)
    assert not same_policy(given_policy, wanted, "aws")


@pytest.mark.parametrize("strange", [None, 1, "text", [], [[]], {"AWS": {"a": "b"}}, [None]])
@pytest.mark.parametrize("name", ["Principal", "Action", "Resource", "Condition", "Statement", "Id"])
def test_what_is_no_policy_is_only_the_same_as_itself(name: str, strange: Any) -> None:
    """KMS refuses an invalid policy with its own message. The comparison raises no exception."""
    odd = policy(statement())
    (odd if name in ("Statement", "Id") else odd["Statement"][0])[name] = strange
    assert same_policy(odd, copy.deepcopy(odd), "aws")
    assert not same_policy(odd, policy(statement()), "aws")
