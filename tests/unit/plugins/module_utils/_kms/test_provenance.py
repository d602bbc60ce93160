# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reported proxy of a client is the proxy of its requests."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import (
    Provenance,
    host_of,
    provenance_of,
    without_credentials,
)

KMS = "https://kms.us-east-1.amazonaws.com"
LOOPBACK = "http://127.0.0.1:4599"
PROXY = "http://proxy.example.com:3128"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def _client(url: str, **config: Any) -> Any:
    return boto3.client(
        "kms",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="a",
        aws_secret_access_key="not-a-secret",
        config=Config(**config),
    )


def _proxy(url: str, **config: Any) -> tuple[str, bool]:
    client = _client(url, **config)
    found = provenance_of(client)
    assert (found.url, found.certificates, found.connection) == (url, "verified", "")
    # How botocore's own HTTP session would send a request. No public function returns it.
    used = client._endpoint.http_session._proxy_config.proxy_url_for(url)
    assert bool(used) == bool(found.proxy)
    return found.proxy, found.proxy_ends_tls


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, KMS, ""),
        ({"HTTPS_PROXY": PROXY}, KMS, PROXY),
        ({"HTTPS_PROXY": PROXY}, LOOPBACK, ""),
        ({"HTTP_PROXY": PROXY}, LOOPBACK, PROXY),
        ({"http_proxy": PROXY}, LOOPBACK, PROXY),
        ({"HTTP_PROXY": PROXY}, KMS, ""),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "127.0.0.1"}, LOOPBACK, ""),
        ({"HTTP_PROXY": PROXY, "no_proxy": "*"}, LOOPBACK, ""),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "localhost"}, LOOPBACK, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "amazonaws.com"}, KMS, ""),
        ({"HTTP_PROXY": "http://user:pass@word@proxy.example.com:3128"}, LOOPBACK, PROXY),
        ({"HTTP_PROXY": "proxy.example.com:3128"}, LOOPBACK, "proxy.example.com:3128"),
        ({"HTTP_PROXY": "user:password@proxy.example.com"}, LOOPBACK, "proxy.example.com"),
    ],
)
def test_of_the_environment(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert _proxy(url) == (proxy, False)


def test_of_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's proxy overrides the environment, and no_proxy does not apply to it."""
    assert _proxy(LOOPBACK, proxies={"http": PROXY}) == (PROXY, False)
    assert _proxy(LOOPBACK, proxies={"https": PROXY}) == ("", False)
    monkeypatch.setenv("HTTP_PROXY", "http://another.example.com")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert _proxy(LOOPBACK, proxies={"http": PROXY}) == (PROXY, False)
    assert _proxy(LOOPBACK, proxies={}) == ("", False)


def test_a_proxy_that_ends_tls() -> None:
    config = {"proxies": {"https": "https://proxy.example.com"}}
    assert _proxy(KMS, **config) == ("https://proxy.example.com", False)
    ends = {"proxies_config": {"proxy_use_forwarding_for_https": True}}
    assert _proxy(KMS, **config, **ends) == ("https://proxy.example.com", True)
    assert _proxy(KMS, **ends) == ("", False)


@pytest.mark.parametrize("url", [LOOPBACK, "http://LOCALHOST:4599", "https://[::1]:8443", "http://127.8.9.1"])
def test_an_emulator_is_on_the_machine_that_asks(url: str) -> None:
    assert Provenance(url, "verified").from_this_machine
    assert not Provenance(url, "verified", proxy=PROXY).from_this_machine, "the loopback address of the proxy"


@pytest.mark.parametrize("url", [KMS, "https://localhost.example.com", "https://127.0.0.1.example.com", "http://[", ""])
def test_everything_else_is_not(url: str) -> None:
    assert not Provenance(url, "verified").from_this_machine


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (KMS, KMS),
        ("https://me:wJalr@kms.example.com:8443/it?x=1", "https://kms.example.com:8443/it"),
        ("https://kms.example.com?token=wJalr", "https://kms.example.com"),
        ("https://kms.example.com/it#token=wJalr?x", "https://kms.example.com/it"),
        ("https://kms.example.com/it?next=https://other.example.com#x", "https://kms.example.com/it"),
        ("https://me:wJ@lr@kms.example.com", "https://kms.example.com"),
        ("https://me@[::1]:8443", "https://[::1]:8443"),
        ("me:wJalr@proxy.example.com:3128", "proxy.example.com:3128"),
        # A password with a slash is not part of a host. Text after an @ in a path is not a host.
        ("https://me:wJ/lr@kms.example.com", "https://me"),
        ("https://me:wJ\\lr@kms.example.com", "https://me"),
        (f"https://kms.example.com/@{KMS[8:]}", "https://kms.example.com"),
        (f"https://kms.example.com?@{KMS[8:]}", "https://kms.example.com"),
        (f"https://kms.example.com#{KMS}@", "https://kms.example.com"),
        ("", ""),
    ],
)
def test_a_url_as_it_may_be_shown(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_a_backslash_ends_a_host_for_who_connects() -> None:
    """urllib3 connects to the host before the backslash. urllib.parse returns the text after the @ as the host."""
    assert host_of(f"https://kms.example.com\\@{KMS[8:]}") == ""


@pytest.mark.parametrize("url", ["https://me:wJalr@kms.example.com", "http://me:wJalr@127.0.0.1:4599"])
def test_no_password_of_an_endpoint(url: str) -> None:
    client = _client(url)
    assert client.meta.endpoint_url == url, "boto3 keeps the backslash"
    assert provenance_of(client).url == url.replace("me:wJalr@", "")
