# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user writes behind ``make acceptance``, and the consent that a run needs."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


class Refused(Exception):
    """The run does not take place. The message states why and what to do."""


@dataclass(frozen=True)
class Arguments:
    """:ivar regions: the first is the one that the scenarios use; the others have replica keys, or leftovers."""

    account: str = ""
    region: str = ""
    replica_region: str | None = None
    more_regions: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    yes: bool = False
    clean_up: bool = False
    list: bool = False
    compare: Path | None = None
    folder: Path | None = None

    @property
    def regions(self) -> tuple[str, ...]:
        named = (self.region, self.replica_region, *self.more_regions)
        return tuple(dict.fromkeys(region for region in named if region))


def parse(words: Sequence[str]) -> Arguments:
    """:raises Refused: a value is missing or cannot be right."""
    parser = argparse.ArgumentParser(
        prog="make acceptance",
        description="Run the collection's promises against a real AWS account, and record what KMS answers.",
        usage='make acceptance ARGS="--account 111122223333 --region eu-central-1"',
        # An abbreviation of --yes or --clean-up may be a mistake.
        allow_abbrev=False,
    )
    parser.add_argument("--account", default="", help="the account, 12 digits; the credentials must belong to it")
    parser.add_argument("--region", default="", help="the Region in which keys are created")
    parser.add_argument("--replica-region", help="also run the multi-Region scenario, with a replica key there")
    parser.add_argument(
        "--only", default="", metavar="NAMES", help="scenarios or groups to run, separated by commas; see --list"
    )
    parser.add_argument("--yes", action="store_true", help="consent in advance, without a prompt")
    parser.add_argument(
        "--clean-up",
        action="store_true",
        help="run nothing: schedule the deletion of keys that earlier runs have left in the named Regions",
    )
    parser.add_argument(
        "--also-region", action="append", default=[], metavar="REGION", help="with --clean-up: another Region"
    )
    parser.add_argument("--list", action="store_true", help="list the scenarios; AWS is not called")
    parser.add_argument("--compare", type=Path, metavar="RECORD", help="compare a record with the KMS emulator")
    parser.add_argument("--folder", type=Path, help="where runs are recorded (default: .build/acceptance)")
    given = parser.parse_args(words)
    arguments = Arguments(
        account=given.account,
        region=given.region,
        replica_region=given.replica_region,
        more_regions=tuple(given.also_region),
        only=tuple(name for name in re.split(r"[,\s]+", given.only) if name),
        yes=given.yes,
        clean_up=given.clean_up,
        list=given.list,
        compare=given.compare,
        folder=given.folder,
    )
    if not (arguments.list or arguments.compare):
        _check(arguments)
    return arguments


def _check(arguments: Arguments) -> None:
    if not re.fullmatch(r"[0-9]{12}", arguments.account):
        given = f"{arguments.account!r} is not an account number" if arguments.account else "No account was named"
        raise Refused(f"{given}. AWS was not called. Name the account with --account and its 12 digits.")
    for region in arguments.regions or ("",):
        if not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-[0-9]+", region):
            given = f"{region!r} is not the name of a Region" if region else "No Region was named"
            raise Refused(f"{given}. AWS was not called. Name the Region with --region, for example eu-central-1.")
    if arguments.replica_region == arguments.region:
        raise Refused(
            f"--replica-region and --region are both {arguments.region}. AWS was not called. KMS creates a replica key"
            " only in another Region: name another one, or omit --replica-region."
        )
    if arguments.more_regions and not arguments.clean_up:
        raise Refused("--also-region is for --clean-up only. AWS was not called. Use --replica-region, or omit it.")


def confirm(
    arguments: Arguments,
    question: str,
    terminal: bool,
    ask: Callable[[str], str] = input,
    nothing: str = "No key was created",
) -> None:
    """:param terminal: whether standard input is a terminal.
    :param nothing: what has not happened, at the beginning of a sentence.
    :raises Refused: there is no consent.
    """
    if arguments.yes:
        return
    if not terminal:
        raise Refused(f"{nothing}: this needs your consent, and there is no terminal. Add --yes to give it.")
    try:
        answer = ask(f"{question} Type yes to continue: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        raise Refused(f"{nothing}: you did not answer yes.")
