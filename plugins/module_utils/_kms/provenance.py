# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How a KMS response reached the controller. This determines whether its wrapping public key may be used."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import SplitResult, urlsplit

__all__ = ("Provenance", "host_of", "parts_of", "provenance_of", "without_credentials")


class Provenance(t.NamedTuple):
    """The facts that the target knows about the response, and the controller's connection to the target.

    :ivar url: the endpoint that the target's client used, whatever set it, without credentials.
    :ivar certificates: ``verified`` (against botocore's own CA bundle), ``unverified``, or the path of the bundle in
        ``aws_ca_bundle``.
    :ivar proxy: the URL of the proxy for the requests, without credentials; empty for none.
    :ivar proxy_ends_tls: whether the TLS connection to an https endpoint ends at the proxy, which can then read every
        request.
    :ivar connection: the name of Ansible's connection plugin for the target, such as ``local`` or ``ssh``. The
        controller sets it.
    """

    url: str
    certificates: str
    proxy: str = ""
    proxy_ends_tls: bool = False
    connection: str = ""

    @property
    def from_this_machine(self) -> bool:
        """Whether the target itself responded. A request through a proxy reaches the proxy's loopback address."""
        host = host_of(self.url)
        if self.proxy or host == "localhost":
            return not self.proxy
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False


def provenance_of(client: t.Any, certificates: str = "verified") -> Provenance:
    """The provenance of the responses that a boto3 *client* receives.

    The proxy is chosen as botocore chooses it: the proxies of the client's configuration (``proxies`` of
    ``aws_config``) always apply. Without them, the environment's proxies apply, unless ``no_proxy`` names the endpoint.
    """
    # Imported here because the controller has no botocore. If the target lacks it, AnsibleAWSModule reports that.
    from botocore.utils import get_environ_proxies

    settings, url = client.meta.config, client.meta.endpoint_url
    proxies = get_environ_proxies(url) if settings.proxies is None else settings.proxies
    proxy = proxies.get(url.partition(":")[0].lower()) or ""
    forwards = (settings.proxies_config or {}).get("proxy_use_forwarding_for_https")
    return Provenance(without_credentials(url), certificates, without_credentials(proxy), bool(proxy and forwards))


def without_credentials(url: str) -> str:
    """*url* in a form that can be displayed: without user name and password, and without query and fragment, which may
    contain a token. The host is unchanged.

    If an @ follows the host, only the host is kept: the text before the @ may be the rest of a password that contains a
    slash, and the text after it may imitate a host.
    """
    scheme, separator, rest = url.partition("://") if "://" in url else ("", "", url)
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    host, path = authority.rpartition("@")[2], rest[len(authority) :]
    shown = host.partition(":")[0] if "@" in path else host + re.split(r"[?#]", path, maxsplit=1)[0]
    return scheme + separator + shown


def host_of(url: str) -> str:
    """The host in lower case; empty if *url* has none."""
    return (parts_of(url).hostname or "").lower()


def parts_of(url: str) -> SplitResult:
    """The parts of *url*; empty if it is not a URL or contains a backslash, which ends the host only for urllib3."""
    try:
        return urlsplit("" if "\\" in url else url)
    except ValueError:
        return urlsplit("")
