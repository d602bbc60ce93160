# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python imports this module at startup when its folder is on PYTHONPATH. Only acceptance runs put it there."""

from __future__ import annotations

import cloudkeys_recorder  # type: ignore[import-not-found]  # Beside this file, on PYTHONPATH.

cloudkeys_recorder.start()
