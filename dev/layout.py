# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths. Everything that make creates is in these folders of the checkout."""

from __future__ import annotations

from pathlib import Path

NAMESPACE = "cloudkeys"
NAME = "aws"

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
MORE_VENVS = ROOT / ".venv-core"
COLLECTIONS = ROOT / ".collections"
CACHE = ROOT / ".cache"
NOX = ROOT / ".nox"
BUILD = ROOT / ".build"

REQUIREMENTS = ROOT / "dev" / "requirements"
TARGETS = ROOT / "tests" / "integration" / "targets"

HOME = CACHE / "home"
"""HOME of every program that make starts, to exclude the user's settings and to leave nothing outside the checkout."""
