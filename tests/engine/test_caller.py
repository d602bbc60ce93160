# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The caller identity: which STS endpoint is called, and which message follows if it does not respond."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from support.emulator import Emulator

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.account import Caller
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.caller import ask_caller, sts_client
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, proxies={})
ROLE = "arn:aws:iam::444455556666:role/KeyImporter"


def client(endpoint: str | None, config: Any = ONCE, region: str = "eu-central-1", **credentials: str) -> Any:
    given = {"aws_access_key_id": "111122223333", "aws_secret_access_key": "not-a-secret", **credentials}
    return boto3.Session(**given).client("sts", region_name=region, endpoint_url=endpoint, config=config)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Remove the user's own AWS settings."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_PROFILE", "AWS_USE_FIPS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return monkeypatch


def test_a_user_and_a_role(emulator: Emulator) -> None:
    sts = client(emulator.url)
    assert ask_caller(sts) == Caller("111122223333", "arn:aws:iam::111122223333:user/Delegated")
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="night")["Credentials"]
    of_role = client(
        emulator.url,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    arn = "arn:aws:sts::444455556666:assumed-role/KeyImporter/night"
    assert ask_caller(of_role) == Caller("444455556666", arn)


FAULTS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "denied": (
        {"error": "AccessDenied", "status": 403, "message": "because no VPC endpoint policy allows it"},
        ("STS denied GetCallerIdentity at {url} (AccessDenied). IAM policies", "AWS reports: because no VPC endpoint"),
    ),
    "expired": (
        {"error": "ExpiredToken", "status": 403, "message": "The security token included in the request is expired"},
        ("STS returned ExpiredToken for GetCallerIdentity at {url}", "AWS reports: The security token"),
    ),
    "a Region that is not enabled": (
        {"error": "InvalidClientTokenId", "status": 403},
        (
            "STS returned InvalidClientTokenId for GetCallerIdentity at {url}. Check that the credentials are"
            " correct and",
        ),
    ),
    "a page of HTML, and an error": (
        {"body": "<html>A proxy says no: wJalrXUtnFEMI</html>", "status": 502},
        ("is not STS. To use another STS endpoint, set AWS_ENDPOINT_URL_STS on the target",),
    ),
    "a page of HTML": ({"body": "<html>Welcome</html>"}, ("the service that responded at {url} is not STS",)),
    "JSON": ({"body": '{"Account": "111122223333"}'}, ("the service that responded at {url} is not STS",)),
    "XML of another service": ({"body": "<ListKeysResponse/>"}, ("the service that responded at {url} is not STS",)),
    "without the account": (
        {"body": "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>"},
        ("the service that responded at {url} is not STS",),
    ),
    "no answer": ({"drop": True}, ("the STS endpoint {url} did not respond (ConnectionClosedError)",)),
}


@pytest.mark.parametrize(("fault", "told"), FAULTS.values(), ids=list(FAULTS))
def test_an_sts_that_does_not_say_it(emulator: Emulator, fault: dict[str, Any], told: tuple[str, ...]) -> None:
    emulator.control.faults([{"operation": "GetCallerIdentity", **fault}])
    with pytest.raises(Refusal) as caught:
        ask_caller(client(emulator.url))
    said = caught.value.sentence
    assert said.startswith("expected_account_id is set, but the account of the credentials could not be determined: ")
    assert all(words.format(url=emulator.url) in said for words in told), said
    assert "No request was sent to KMS." in said
    assert "wJalrXUtnFEMI" not in said
    assert caught.value.__cause__ is None


def test_an_endpoint_that_is_not_reached() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(Refusal, match=rf"the STS endpoint {url} did not respond \(EndpointConnectionError\)"):
        ask_caller(client(url))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_no_password_of_the_endpoint_is_told(emulator: Emulator, fault: tuple[dict[str, Any], Any]) -> None:
    emulator.control.faults([{"operation": "GetCallerIdentity", **fault[0]}])
    with pytest.raises(Refusal, match=re.escape(emulator.url)) as caught:
        ask_caller(client(emulator.url.replace("//", "//me:wJ@lr@")))
    assert "lr@" not in caught.value.sentence


def test_credentials_that_cannot_be_had(environment: pytest.MonkeyPatch, emulator: Emulator, tmp_path: Path) -> None:
    """The role must not be assumed, or no credentials exist."""
    (tmp_path / "config").write_text(
        f"[profile importer]\nrole_arn = {ROLE}\nsource_profile = source\n"
        "[profile source]\naws_access_key_id = 111122223333\naws_secret_access_key = not-a-secret\n",
        "utf-8",
    )
    environment.setenv("AWS_ENDPOINT_URL_STS", emulator.url)
    emulator.control.denied(["AssumeRole"])
    for profile, told in (
        ("importer", "boto3 found no AWS credentials on the target: AWS returned AccessDenied for AssumeRole."),
        ("source", None),
    ):
        sts = boto3.Session(profile_name=profile).client("sts", region_name="eu-central-1", config=ONCE)
        if told is None:
            assert ask_caller(sts).account == "111122223333"
            continue
        with pytest.raises(Refusal) as caught:
            ask_caller(sts)
        assert told in caught.value.sentence
        assert f"on resource: {ROLE}" in caught.value.sentence, "in the words of AWS"
    anonymous = boto3.client("sts", region_name="eu-central-1", endpoint_url=emulator.url, config=ONCE)
    anonymous._request_signer._credentials = None
    with pytest.raises(Refusal, match=r"boto3 found no AWS credentials on the target \(NoCredentialsError\)"):
        ask_caller(anonymous)


VPC = "https://vpce-0123456789abcdef0-abcdefgh.kms.eu-central-1.vpce.amazonaws.com"
EMULATOR = "http://127.0.0.1:4599"
SERVICES = "[default]\nservices = here\n[services here]\nsts =\n  endpoint_url = https://sts.example.com\n"


def endpoint_of(kms: Provenance, region: str = "eu-central-1") -> str:
    url: str = sts_client(lambda url, config: client(url, config, region), kms).meta.endpoint_url
    return url


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("eu-central-1", "https://sts.eu-central-1.amazonaws.com"),
        ("us-east-1", "https://sts.us-east-1.amazonaws.com"),
        ("cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com"),
    ],
)
@pytest.mark.parametrize("url", ["https://kms.eu-central-1.amazonaws.com", VPC, "https://kms.example.com"])
def test_sts_is_not_asked_where_kms_is(url: str, region: str, expected: str) -> None:
    assert endpoint_of(Provenance(url, "verified"), region) == expected


def test_an_emulator_answers_for_both() -> None:
    assert endpoint_of(Provenance(EMULATOR, "verified")) == EMULATOR
    over_a_proxy = Provenance(EMULATOR, "verified", proxy="http://proxy.example.com:3128")
    assert endpoint_of(over_a_proxy) == "https://sts.eu-central-1.amazonaws.com", "the loopback address of the proxy"


@pytest.fixture(params=["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL", "services", "AWS_STS_REGIONAL_ENDPOINTS", "FIPS"])
def configured(request: pytest.FixtureRequest, environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The endpoint chosen by boto3's own settings."""
    if request.param == "services":
        (tmp_path / "config").write_text(SERVICES, "utf-8")
    elif request.param == "AWS_STS_REGIONAL_ENDPOINTS":
        environment.setenv(request.param, "legacy")
        yield "https://sts.amazonaws.com"
        return
    elif request.param == "FIPS":
        environment.setenv("AWS_USE_FIPS_ENDPOINT", "true")
        yield "https://sts-fips.us-east-1.amazonaws.com"
        return
    else:
        environment.setenv(request.param, "https://sts.example.com")
    yield "https://sts.example.com"


def test_what_boto3_is_told_counts(configured: str) -> None:
    assert endpoint_of(Provenance(VPC, "verified"), "us-east-1") == configured


def test_an_endpoint_of_sts_counts_beside_an_emulator(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two emulators, one of them for STS alone."""
    environment.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:4600")
    assert endpoint_of(Provenance(EMULATOR, "verified")) == "http://127.0.0.1:4600"
    environment.delenv("AWS_ENDPOINT_URL_STS")
    (tmp_path / "config").write_text(SERVICES, "utf-8")
    assert endpoint_of(Provenance(EMULATOR, "verified")) == "https://sts.example.com"
