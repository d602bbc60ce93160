# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without an account, a Region and consent there is no run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.account import without_password
from acceptance.arguments import Arguments, Refused, confirm, parse

RIGHT = ("--account", "111122223333", "--region", "eu-central-1")


def never(_question: str) -> str:
    raise AssertionError("no question was expected")


def test_what_is_enough() -> None:
    arguments = parse((*RIGHT, "--only", "specs,renewal", "--replica-region", "eu-west-1"))
    assert (arguments.account, arguments.regions) == ("111122223333", ("eu-central-1", "eu-west-1"))
    assert arguments.only == ("specs", "renewal")
    assert not arguments.yes


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "No account was named"),
        (("--account", "111122223333"), "No Region was named"),
        (("--region", "eu-central-1"), "No account was named"),
        (("--account", "1111-2222-3333", "--region", "eu-central-1"), "'1111-2222-3333' is not an account number"),
        (("--account", "111122223333", "--region", "Frankfurt"), "'Frankfurt' is not the name of a Region"),
        ((*RIGHT, "--replica-region", "eu-central-1"), "are both eu-central-1"),
        ((*RIGHT, "--also-region", "eu-west-1"), "--also-region is for --clean-up only"),
    ],
    ids=["nothing", "no Region", "no account", "account", "Region", "replica", "also"],
)
def test_what_is_not(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(Refused, match="AWS was not called") as refused:
        parse(words)
    assert said in str(refused.value)


@given(st.text())
def test_an_account_is_twelve_digits(account: str) -> None:
    if len(account) == 12 and account.isascii() and account.isdigit():
        return
    with pytest.raises((Refused, SystemExit)):
        parse((f"--account={account}", "--region", "eu-central-1"))


def test_a_list_needs_no_account() -> None:
    assert parse(("--list",)).list


@given(st.text())
def test_only_yes_is_consent(answer: str) -> None:
    def ask(_question: str) -> str:
        return answer

    if answer.strip().lower() == "yes":
        confirm(Arguments(), "Go?", True, ask)
        return
    with pytest.raises(Refused, match="No key was created"):
        confirm(Arguments(), "Go?", True, ask)


def test_without_a_terminal() -> None:
    confirm(Arguments(yes=True), "Go?", False, never)
    with pytest.raises(Refused, match="Add --yes"):
        confirm(Arguments(), "Go?", False, never)


def test_the_end_of_input() -> None:
    def ask(_question: str) -> str:
        raise EOFError

    with pytest.raises(Refused, match="did not answer yes"):
        confirm(Arguments(), "Go?", True, ask)


@pytest.mark.parametrize("words", [("--y",), ("--clean",), ("--comp", "record.jsonl"), ("--li",)])
def test_abbreviations_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        parse((*RIGHT, *words))


@pytest.mark.parametrize("url", ["https://jane:hunter2@host", "http://hunter2@host:1/x"])
def test_an_endpoint_is_shown_without_its_password(url: str) -> None:
    shown = without_password(f"({url}) and ({url})")
    assert "hunter2" not in shown
    assert "host" in shown
