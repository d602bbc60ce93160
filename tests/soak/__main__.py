# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make soak``: 500 keys, one call in twenty fails, and the playbook is killed three times."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent))

from kms_emulator.process import start_emulator
from support.emulator import Emulator

from soak.campaign import Soak, make_project
from soak.fleet import make_fleet
from soak.verdict import faults_met, given_up, leaked, repeated_imports, unfinished, wrong_keys

ACCOUNT = "111122223333"
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
# Enough downloads per second for a run of minutes. All other quotas are AWS's.
QUOTAS = {"GetParametersForImport": 10}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--keys", type=int, default=500, help="how many (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=3, help="how often to kill the playbook (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the seed of an earlier soak test, to repeat it; random when omitted")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"{arguments.keys} keys in {len(REGIONS)} Regions, {arguments.kills} kills, seed {seed}.", flush=True)
    with tempfile.TemporaryDirectory() as name, start_emulator() as process:
        emulator, folder = Emulator(process.url), Path(name)
        project = make_project(folder, process.url, ACCOUNT)
        fleet = make_fleet(emulator, ACCOUNT, project.files, random.Random(seed), arguments.keys, REGIONS)
        soak = Soak(project, emulator, fleet, seed, QUOTAS)
        soak.go(arguments.kills)
        return 0 if _tell(soak) else 1


def _tell(soak: Soak) -> bool:
    """Print the figures. Return whether the soak test succeeded."""
    for number, run in enumerate(soak.runs, 1):
        end = "killed" if run.killed else f"ended with {run.code}"
        failed = sum(call["fault"] is not None for call in run.calls)
        print(
            f"  run {number}: {len(run.calls):,} calls in {run.seconds:.0f} s, {failed} with a fault,"
            f" {len(run.imports)} imports, {end}"
        )
    met = faults_met(soak)
    share = sum(met.values()) / sum(len(run.calls) for run in soak.runs[:-1])
    print(f"Faults: {sum(met.values())} calls in the runs with faults ({share:.1%}): {_listed(met)}")
    imports = sum(len(run.imports) for run in soak.runs)
    repeated = repeated_imports(soak.calls, soak.kills)
    why: Counter[str] = Counter(one.reason or "unexplained" for one in repeated)
    print(f"Imports: {imports} for {len(soak.fleet.keys)} keys; {len(repeated)} of them repeated: {_listed(why)}")
    print(f"Keys left for the run without faults, after two refused import tokens: {len(given_up(soak))}.")
    wrong = wrong_keys(soak.emulator, ACCOUNT, soak.fleet)
    places = leaked(soak.project.folder, soak.fleet)
    size = sum(path.stat().st_size for path in soak.project.folder.rglob("*") if path.is_file())
    print(f"Keys that differ from the declaration: {len(wrong)}. Leaks in {size / 2**20:,.0f} MiB: {len(places)}.")
    unexplained = [f"{one.key} was imported twice without an explanation" for one in repeated if not one.reason]
    faults = [*unfinished(soak), *wrong, *unexplained, *places]
    for fault in faults[:50]:
        print(f"FAULT: {fault}")
    return not faults


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{what} {number}" for what, number in sorted(counted.items())) or "none"


if __name__ == "__main__":
    sys.exit(main())
