# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may choose the wrapping public key."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._trust import Way, judge_way

AWS = (
    "https://kms.us-east-1.amazonaws.com",
    "https://kms.us-east-1.amazonaws.com/",
    "https://kms.us-east-1.amazonaws.com:443",
    "https://KMS.us-east-1.amazonaws.com",
    "https://kms-fips.us-gov-west-1.amazonaws.com",
    "https://kms.eu-central-1.api.aws",
    "https://kms-fips.us-east-1.api.aws",
    "https://kms.cn-north-1.amazonaws.com.cn",
    "https://kms.cn-northwest-1.api.amazonwebservices.com.cn",
    "https://vpce-0abc123def456-gh78ij90.kms.us-east-1.vpce.amazonaws.com",
    "https://vpce-0abc123def456-gh78ij90-us-east-1a.kms.us-east-1.vpce.amazonaws.com",
)
OTHERS = (
    "http://kms.us-east-1.amazonaws.com",
    "https://kms.example.com",
    "https://kms.us-east-1.amazonaws.com.example.com",
    "https://kms.us-east-1.amazonaws.com@example.com",
    "https://example.com/kms.us-east-1.amazonaws.com",
    "https://example.com#kms.us-east-1.amazonaws.com",
    "https://kms.us-east-1.amazonaws.com.",
    "https://xkms.us-east-1.amazonaws.com",
    "https://s3.us-east-1.amazonaws.com",
    "https://kms.evil.us-east-1.amazonaws.com",
    "https://ec2-1-2-3-4.compute-1.amazonaws.com",
    "https://vpce-0abc.vpce-svc-0def.us-east-1.vpce.amazonaws.com",
    "https://10.0.0.1",
    "https://127.0.0.1.example.com",
    "https://localhost.example.com",
    "",
    "kms.us-east-1.amazonaws.com",
)


@pytest.mark.parametrize("url", AWS)
def test_aws_own_hosts(url: str) -> None:
    assert judge_way(Way("local", url, "verified"), "kms_direct") == (None, None)


@pytest.mark.parametrize("url", OTHERS)
def test_everything_else(url: str) -> None:
    refusal, warning = judge_way(Way("local", url, "verified"), "kms_direct")
    assert refusal is not None
    assert "Nothing was wrapped" in refusal
    assert "wrapping_key_trust: target" in refusal
    assert warning is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:4599", "http://localhost:4599", "https://[::1]:8443"])
def test_loopback_is_for_emulators(url: str) -> None:
    refusal, warning = judge_way(Way("local", url, "verified"), "kms_direct")
    assert refusal is None
    assert warning is not None
    assert url in warning


@pytest.mark.parametrize("certificates", ["unverified", "/etc/ssl/certs/company.pem"])
def test_certificates_that_somebody_else_could_have(certificates: str) -> None:
    refusal, _warning = judge_way(Way("local", AWS[0], certificates), "kms_direct")
    assert refusal is not None
    assert "certificate" in refusal


@pytest.mark.parametrize("url", [AWS[0], "http://127.0.0.1:4599"])
@pytest.mark.parametrize("connection", ["ssh", "community.docker.docker", "winrm"])
def test_another_machine(connection: str, url: str) -> None:
    refusal, _warning = judge_way(Way(connection, url, "verified"), "kms_direct")
    assert refusal is not None
    assert connection in refusal


@pytest.mark.parametrize("url", [AWS[0], *OTHERS])
@pytest.mark.parametrize("connection", ["local", "ssh"])
def test_unless_the_user_trusts_them(connection: str, url: str) -> None:
    assert judge_way(Way(connection, url, "unverified"), "target") == (None, None)
