# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

.DEFAULT_GOAL := venv
venv:
	@dev/python dev venv
unit:
	@dev/python dev run pytest tests/unit $(ARGS)
behaviour:
	@dev/python dev run pytest tests/behaviour $(ARGS)
system:
	@dev/python dev run pytest tests/system $(ARGS)
.PHONY: venv unit behaviour system
