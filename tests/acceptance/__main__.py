# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make acceptance``: the collection against a real AWS account, with your consent."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent))

from acceptance.account import Account, identify
from acceptance.arguments import Arguments, Refused, confirm, parse
from acceptance.campaign import Campaign
from acceptance.clean_up import DAYS, PENDING, TAG, CleanUp, Leftover, Outcome, check_related
from acceptance.comparison.report import compare
from acceptance.folder import in_progress, remove_private
from acceptance.price import statement
from acceptance.scenarios import Scenario, chosen, every_scenario, keys_of

RUNS = Path(__file__).resolve().parents[2] / ".build" / "acceptance"


def main(words: Sequence[str]) -> int:
    try:
        arguments = parse(words)
        if arguments.list:
            return _list()
        if arguments.compare:
            return _compare(arguments.compare)
        if arguments.clean_up:
            return _clean_up(arguments)
        return _run(arguments)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # While a run has keys, it handles this itself.
        print("\nInterrupted.", file=sys.stderr)
        return 130


def _list() -> int:
    for scenario in every_scenario():
        more = " (with --replica-region)" if scenario.needs_replica_region else ""
        print(f"{scenario.group:12} {scenario.name:18} {scenario.promise}{more}")
    return 0


def _compare(path: Path) -> int:
    """:raises Refused: it is no record."""
    try:
        return 0 if compare(path) else 1
    except ValueError as error:
        raise Refused(str(error)) from None


def _run(arguments: Arguments) -> int:
    scenarios = chosen(arguments.only, arguments.replica_region)
    account = identify(arguments.account, arguments.region)
    campaign = Campaign(arguments, account, arguments.folder or RUNS)
    _show_plan(arguments, account, scenarios, campaign.run)
    confirm(arguments, f"Create keys in account {account.number}?", sys.stdin.isatty())
    well = campaign.go(scenarios)
    passed = sum(result.passed for result in campaign.results)
    print(f"{passed} of {len(scenarios)} scenarios passed.")
    _show_clean_up(campaign.cleaned, arguments)
    if campaign.unrecorded:
        print(f"NO RECORD: it could not be written ({campaign.unrecorded}).")
    else:
        print(f"Record, without secrets and identifiers: {campaign.folder.record}")
    print(f"Output of the playbooks, with identifiers: {campaign.folder.logs}")
    return 0 if well else 130 if campaign.interrupted else 1


def _show_plan(arguments: Arguments, account: Account, scenarios: Sequence[Scenario], run: str) -> None:
    _show(f"Account:   {account.number}, as {account.caller}.")
    for region in arguments.regions:
        note = "" if account.is_aws(region) else " It is not AWS's own, so this run is no evidence about AWS."
        _show(f"Region:    {region}, endpoint {account.endpoint(region)}.{note}")
    _show(f"Scenarios: {', '.join(scenario.name for scenario in scenarios)}.")
    _show(
        f"Keys:      They are created with the tag {TAG}={run}. Their deletion is scheduled, with a waiting period of"
        f" {DAYS} days, at the latest when the run ends or is interrupted. Keys without the tag are not changed."
    )
    if arguments.replica_region:
        _show("Role:      KMS creates a service-linked role for multi-Region keys if there is none. It remains.")
    for number, line in enumerate(statement(*keys_of(scenarios)).splitlines()):
        _show(("           " if number else "Price:     ") + line)
    sys.stdout.flush()


def _show(text: str) -> None:
    print(textwrap.fill(text, 110, subsequent_indent=" " * 11, break_long_words=False, break_on_hyphens=False))


def _clean_up(arguments: Arguments) -> int:
    """:raises Refused: there is no consent."""
    account, runs = identify(arguments.account, arguments.region), arguments.folder or RUNS
    running = in_progress(runs)
    for run in sorted(running):
        _show(f"Run {run} is in progress. Its keys are not changed.")
    outcome, clean_up = Outcome(), CleanUp(spared=running)
    found = {region: clean_up.find(account.kms(region), region, outcome) for region in arguments.regions}
    leftovers = [leftover for some in found.values() for leftover in some if leftover.state not in PENDING]
    if leftovers:
        _show_leftovers(leftovers)
        question = f"Schedule the deletion of {len(leftovers)} keys in account {account.number}?"
        confirm(arguments, question, sys.stdin.isatty(), nothing="No key was changed")
    for region, some in found.items():
        for leftover in some:
            clean_up.schedule(account.kms(region), leftover, outcome)
    check_related(outcome, account.kms)
    remove_private(runs)
    _show_clean_up(outcome, arguments)
    return 1 if outcome.failed else 0


def _show_leftovers(leftovers: Sequence[Leftover]) -> None:
    print("Keys that runs have created. A run may be in progress on another machine:")
    for leftover in leftovers:
        when = f"{leftover.created:%Y-%m-%d %H:%M %Z}" if leftover.created else "unknown"
        print(f"  {leftover.arn} {leftover.state}, created {when}, run {leftover.run}")
    sys.stdout.flush()


def _show_clean_up(outcome: Outcome, arguments: Arguments) -> None:
    where = ", ".join(arguments.regions)
    print(
        f"Clean-up in {where}: the deletion of {len(outcome.scheduled)} keys was scheduled, that of"
        f" {len(outcome.pending)} had been before; {len(outcome.aliases)} aliases were deleted."
    )
    if outcome.unread:
        print(f"  The tags of {outcome.unread} keys cannot be read with these credentials. They were not changed.")
    for sentence in outcome.others:
        print(f"  {sentence}")
    for sentence in outcome.failed:
        print(f"  NOT CLEANED UP: {sentence}")
    if outcome.failed:
        print('  Correct the cause, and run: make acceptance ARGS="--clean-up --account ... --region ..."')


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
