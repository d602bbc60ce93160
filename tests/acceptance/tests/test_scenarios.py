# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scenarios run, how many keys they have, and what they cost."""

from __future__ import annotations

import re

import pytest
from support.materials import IMPORTABLE, SYMMETRIC

from acceptance import price
from acceptance.arguments import Refused
from acceptance.scenarios import chosen, every_scenario, keys_of, specs

from .runs import PROGRAM, Shell

README = (PROGRAM / "README.md").read_text("utf-8")


def names(only: tuple[str, ...], replica_region: str | None = None) -> list[str]:
    return [scenario.name for scenario in chosen(only, replica_region)]


def test_names_are_unique() -> None:
    every = [scenario.name for scenario in every_scenario()]
    assert len(set(every)) == len(every)


def test_by_name_and_by_group() -> None:
    assert names(("renewal", "specs")) == ["renewal", "hmac", "rsa", "nist-curves", "other-curves"]
    assert "multi-region" not in names(())
    assert names((), "eu-west-1")[-1] == "multi-region"


@pytest.mark.parametrize(
    ("only", "said"), [("renewals", "no scenario or group renewals"), ("multi-region", "--replica-region")]
)
def test_what_cannot_run(only: str, said: str) -> None:
    with pytest.raises(Refused, match="AWS was not called") as refused:
        chosen((only,), None)
    assert said in str(refused.value)


def test_every_key_spec() -> None:
    """Beside the symmetric one, which the other scenarios use."""
    assert sorted(spec for batch in specs.BATCHES.values() for spec in batch) == sorted({*IMPORTABLE} - {SYMMETRIC})


def test_every_batch_is_affordable() -> None:
    """The main key may exist at the same time."""
    assert max(map(len, specs.BATCHES.values())) < price.MOST_ALIVE
    budget = price.Budget()
    budget.take(["main"])
    budget.take(["main"])
    budget.take(list("abcd"))
    with pytest.raises(price.TooManyKeys, match="5 keys exist, and 1 more would exceed the maximum of 5"):
        budget.take(["e"])
    budget.give_back(["a"])
    budget.take(["e"])
    assert (len(budget.alive), budget.created) == (5, 6)


def test_the_price_is_the_one_in_the_readme() -> None:
    text = " ".join(README.split())
    assert keys_of(chosen((), "eu-west-1")) == (15, 3)
    assert keys_of(chosen((), None)) == (13, 1)
    assert "At most five keys exist at a time, and fifteen in all (thirteen without `--replica-region`)" in text
    assert price.most_expensive(15, 3) < 0.10
    assert "less than 10 cents" in text
    assert price.SOURCE.partition(" ")[0] in text


def test_the_price_grows() -> None:
    assert price.most_expensive(1, 0) < price.most_expensive(15, 0) < price.most_expensive(15, 30)


def test_the_arguments_in_the_readme(tmp_path_factory: pytest.TempPathFactory) -> None:
    """They are those of --help. --folder is for the tests."""
    shell = Shell(tmp_path_factory.mktemp("help"), "http://127.0.0.1:1", "111122223333")
    options = set(re.findall(r"--[a-z-]+", shell.run("--help").output))
    named = set(re.findall(r"(?<!-)--[a-z][a-z-]+", README))
    assert options - {"--help", "--folder"} == named


def test_a_list_calls_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """There is nothing at this endpoint."""
    ran = Shell(tmp_path_factory.mktemp("list"), "http://127.0.0.1:1", "111122223333").run("--list")
    assert ran.code == 0
    assert len(ran.output.splitlines()) == len(every_scenario())
