# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator that ``make third-parties`` started, and what it lacks."""

from __future__ import annotations

import os
from typing import Any

import boto3
import pytest
from botocore.config import Config
from kms_emulator.process import LONGEST

from .third_party import ThirdPartyEmulator

REGION = "us-east-1"


@pytest.fixture(scope="session")
def third_party() -> ThirdPartyEmulator:
    name, url = os.environ.get("THIRD_PARTY_NAME"), os.environ.get("THIRD_PARTY_URL")
    if not (name and url):
        pytest.skip("no emulator of a third party runs: `make third-parties` starts them")
    client = boto3.client(
        "kms",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=LONGEST),
    )
    return ThirdPartyEmulator(name, client)


@pytest.fixture
def kms(third_party: ThirdPartyEmulator) -> Any:
    return third_party.kms
