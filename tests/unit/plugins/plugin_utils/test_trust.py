# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which targets, routes, and bundles are trusted to supply the wrapping public key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import botocore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import (
    Provenance,
    without_credentials,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._trust import check_provenance, recorded_connection

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
    "https://vpce-0abc123def456-gh78ij90.kms-fips.us-gov-east-1.vpce.amazonaws.com",
    "https://vpce-0abc123def456-gh78ij90.kms.cn-north-1.vpce.amazonaws.com.cn",
    "https://kms.eusc-de-east-1.amazonaws.eu",
    "https://kms-fips.us-iso-east-1.c2s.ic.gov",
    "https://kms.us-isob-east-1.sc2s.sgov.gov",
    "https://kms.eu-isoe-west-1.cloud.adc-e.uk",
    "https://kms.us-isof-south-1.csp.hci.ic.gov",
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
    "https://kms.s3.amazonaws.com",
    "https://kms.s3-us-west-2.amazonaws.com",
    "https://kms.s3-website-us-east-1.amazonaws.com",
    "https://kms-fips.s3.amazonaws.com",
    "https://kms.execute-api.amazonaws.com",
    "https://kms.s3.amazonaws.com.cn",
    "https://kms.s3.api.aws",
    "https://kms.us-east-1.amazonaws.com.cn",
    "https://kms.cn-north-1.amazonaws.eu",
    "https://kms.us-east.amazonaws.com",
    "https://kms.us-east-1a.amazonaws.com",
    "https://kms-us-east-1.amazonaws.com",
    "https://us-east-1.kms.amazonaws.com",
    "https://kms.us-east-1.s3.amazonaws.com",
    "https://vpce-0abc.kms.s3.vpce.amazonaws.com",
    "https://[",
    "https://example.com\\@kms.us-east-1.amazonaws.com",
    "https://example.com/@kms.us-east-1.amazonaws.com",
    "https://10.0.0.1",
    "https://127.0.0.1.example.com",
    "https://localhost.example.com",
    "",
    "kms.us-east-1.amazonaws.com",
)


def local(url: str, **more: Any) -> Provenance:
    return Provenance(**{"url": url, "certificates": "verified", "connection": "local", **more})


def refusal_of(provenance: Provenance, bundle: str | None = None) -> str:
    with pytest.raises(Refusal) as caught:
        check_provenance(provenance, "kms_direct", bundle)
    return caught.value.sentence


def is_trusted(provenance: Provenance) -> bool:
    try:
        check_provenance(provenance, "kms_direct")
    except Refusal:
        return False
    return True


@pytest.mark.parametrize("url", AWS)
def test_aws_own_hosts(url: str) -> None:
    assert check_provenance(local(url), "kms_direct") is None


@pytest.mark.parametrize("url", OTHERS)
def test_everything_else(url: str) -> None:
    said = refusal_of(local(url))
    assert "Nothing was wrapped" in said
    assert "wrapping_key_trust: target" in said


@pytest.mark.parametrize("url", [*AWS, *OTHERS])
def test_what_is_left_without_credentials_is_judged_alike(url: str) -> None:
    assert is_trusted(local(without_credentials(url))) == is_trusted(local(url))


@pytest.mark.parametrize("url", ["http://127.0.0.1:4599", "http://localhost:4599", "https://[::1]:8443"])
@pytest.mark.parametrize(("bundle", "where"), [(None, "this machine"), ("It", "the machine that exported it")])
def test_loopback_is_for_emulators(url: str, bundle: str | None, where: str) -> None:
    warning = check_provenance(local(url), "kms_direct", bundle)
    assert warning is not None
    assert f"came from {url}, on {where}." in warning


@pytest.mark.parametrize("certificates", ["unverified", "/etc/ssl/certs/company.pem"])
def test_certificates_that_another_server_could_have(certificates: str) -> None:
    assert "certificate" in refusal_of(local(AWS[0], certificates=certificates))


@pytest.mark.parametrize("url", [AWS[0], "http://127.0.0.1:4599"])
@pytest.mark.parametrize("connection", ["ssh", "community.docker.docker", "winrm"])
def test_another_machine(connection: str, url: str) -> None:
    assert connection in refusal_of(local(url, connection=connection))


@pytest.mark.parametrize("url", [AWS[0], *OTHERS])
@pytest.mark.parametrize("connection", ["local", "ssh"])
@pytest.mark.parametrize("bundle", [None, "It"])
def test_unless_the_user_trusts_them(connection: str, url: str, bundle: str | None) -> None:
    provenance = Provenance(url, "unverified", connection=connection)
    assert check_provenance(provenance, "target", bundle) is None


def test_what_a_bundle_says_of_itself() -> None:
    """The custodian who wraps did not choose the target. The message therefore advises a new export."""
    said = refusal_of(local(AWS[0], connection="ssh"), "The bundle it.json")
    assert said.startswith("Nothing was wrapped. The bundle it.json records how its wrapping public key was obtained: ")
    assert "Export the import parameters again" in said


def _partitions() -> list[dict[str, Any]]:
    path = Path(botocore.__file__).parent / "data" / "partitions.json"
    partitions: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["partitions"]
    return partitions


@pytest.mark.parametrize("partition", _partitions(), ids=lambda partition: partition["id"])
def test_every_region_that_botocore_knows(partition: dict[str, Any]) -> None:
    regions = [name for name in partition["regions"] if re.fullmatch(partition["regionRegex"], name)]
    assert regions
    for region in regions:
        for suffix in (partition["outputs"]["dnsSuffix"], partition["outputs"]["dualStackDnsSuffix"]):
            for service in ("kms", "kms-fips"):
                assert is_trusted(local(f"https://{service}.{region}.{suffix}"))


LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
LIKE_A_REGION = re.compile(r"(cn|us-iso|us-isob|eu-isoe|us-isof|eusc-[a-z]{2}|[a-z]{2}(-gov)?)-[a-z]+-[0-9]+")


@settings(deadline=None)
@given(
    service=LABELS,
    region=LABELS,
    suffix=st.sampled_from(["amazonaws.com", "api.aws", "amazonaws.com.cn", "amazonaws.eu"]),
)
def test_the_service_first_and_a_region_second(service: str, region: str, suffix: str) -> None:
    for first, second in ((service, region), ("kms", region), (service, "us-east-1")):
        if is_trusted(local(f"https://{first}.{second}.{suffix}")):
            assert first in ("kms", "kms-fips")
            assert LIKE_A_REGION.fullmatch(second)


PROXY = "http://proxy.example.com:3128"


@pytest.mark.parametrize("url", AWS)
def test_a_proxy_passes_tls_on(url: str) -> None:
    assert check_provenance(local(url, proxy=PROXY), "kms_direct") is None


@pytest.mark.parametrize("url", AWS)
def test_unless_tls_ends_there(url: str) -> None:
    assert PROXY in refusal_of(local(url, proxy=PROXY, proxy_ends_tls=True))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4599",
        "http://localhost:4599",
        "https://[::1]:8443",
        "https://localhost",
        "http://kms.us-east-1.amazonaws.com",
    ],
)
def test_an_attacker_on_the_route_of_a_proxy_could_answer(url: str) -> None:
    """The loopback address refers to the proxy's machine, not to the controller."""
    provenance = local(url, proxy=PROXY)
    assert f"{url} over the proxy {PROXY}" in refusal_of(provenance)
    assert check_provenance(provenance, "target") is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:4599", AWS[0], "https://localhost"])
@pytest.mark.parametrize("ends_tls", [True, False])
def test_a_recorded_route_is_not_trusted_more_than_the_route_was(url: str, ends_tls: bool) -> None:
    """A bundle records only the URL, the certificates, and the connection."""
    provenance = local(url, proxy=PROXY, proxy_ends_tls=ends_tls)
    recorded = local(url, connection=recorded_connection(provenance))
    assert is_trusted(recorded) == is_trusted(provenance)


@pytest.mark.parametrize("connection", ["local", "ssh"])
def test_without_a_proxy_the_connection_is_recorded_as_it_is(connection: str) -> None:
    for url in (*AWS, *OTHERS):
        assert recorded_connection(local(url, connection=connection)) == connection
