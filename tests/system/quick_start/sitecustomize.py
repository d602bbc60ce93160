# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python imports this module at startup when its folder is on PYTHONPATH."""

from __future__ import annotations

import quick_start  # type: ignore[import-not-found]  # Beside this file, on PYTHONPATH.

quick_start.install()
