# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates that awx_setup makes, run as AWX runs them: real key material gets into KMS, and nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from kms_emulator.specs import SPECS
from support.emulator import Emulator
from support.external_key import ExternalKey

from .awx import AWS_SECRET, Awx, Typed, awx_for, three_accounts
from .leaks import Traces
from .on_time import emulator_on_time
from .playbooks import Project
from .secret_tasks import VAULT_PASSWORD

emulator = emulator_on_time
REGION = "eu-central-1"


@pytest.fixture
def awx(project: Project, emulator: Emulator) -> Iterator[Awx]:
    with awx_for(project, emulator) as awx:
        awx.accounts = three_accounts()
        yield awx
