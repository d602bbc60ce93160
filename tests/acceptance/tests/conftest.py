# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator for the process, and an account without keys for each test."""

from __future__ import annotations

from support.fixtures import account, emulator, kms, undo

__all__ = ["account", "emulator", "kms", "undo"]
