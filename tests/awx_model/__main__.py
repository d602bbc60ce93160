# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the model as a server until it is stopped: ``python tests/awx_model --port 4600``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

# Run as a folder, this is not part of a package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from awx_model.model import Model
from awx_model.server import ModelServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="awx_model", description="A model of AWX's API, on loopback only.")
    parser.add_argument("--port", type=int, default=4600, help="0 chooses a free port (default: %(default)s)")
    parser.add_argument(
        "--project",
        action="append",
        default=[],
        metavar="URL=FOLDER",
        help="the folder that a repository's URL refers to; file:// URLs refer to their own folder",
    )
    arguments = parser.parse_args()
    folders = {url: Path(folder) for url, _equals, folder in (one.rpartition("=") for one in arguments.project)}
    ModelServer(arguments.port, Model(projects=folders)).serve_as("AWX model")


if __name__ == "__main__":
    main()
