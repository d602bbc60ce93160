# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the emulator as a server until it is stopped: ``python tests/kms_emulator --port 4599``."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

# Run as a folder, this is not part of a package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kms_emulator.clock import Clock
from kms_emulator.server import EmulatorServer
from kms_emulator.world import World


def main() -> None:
    parser = argparse.ArgumentParser(prog="kms_emulator", description="An AWS KMS emulator, on loopback only.")
    parser.add_argument("--port", type=int, default=4599, help="0 chooses a free port (default: %(default)s)")
    parser.add_argument(
        "--now", type=datetime.fromisoformat, help="start time of the emulator's clock, in ISO 8601 with an offset"
    )
    arguments = parser.parse_args()
    start = arguments.now.timestamp() if arguments.now else None
    EmulatorServer(arguments.port, World(Clock(start))).serve_as("KMS emulator")


if __name__ == "__main__":
    main()
