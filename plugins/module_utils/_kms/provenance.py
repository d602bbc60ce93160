# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How an answer of KMS came to the controller: on that depends whether its wrapping public key may be used."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import SplitResult, urlsplit

__all__ = ("Provenance", "host_of", "parts_of", "provenance_of", "without_credentials")


class Provenance(t.NamedTuple):
    """What the target knows of it, and how the controller talks to the target.

    :ivar url: the endpoint that the target's client really talked to, whatever set it, without credentials.
    :ivar certificates: ``verified`` (against botocore's own list of authorities), ``unverified``, or the path of the
        list that ``aws_ca_bundle`` names.
    :ivar proxy: the URL of the proxy that the requests went over, without credentials; empty for none.
    :ivar proxy_ends_tls: whether the connection to an https endpoint ends at the proxy, which sees every request.
    :ivar connection: the name of Ansible's connection plugin to the target, such as ``local`` or ``ssh``. The
        controller fills it in.
    """

    url: str
    certificates: str
    proxy: str = ""
    proxy_ends_tls: bool = False
    connection: str = ""

    @property
    def from_this_machine(self) -> bool:
        """Whether the target itself answered. What goes over a proxy reaches the loopback address of the proxy."""
        host = host_of(self.url)
        if self.proxy or host == "localhost":
            return not self.proxy
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False


def provenance_of(client: t.Any, certificates: str = "verified") -> Provenance:
    """Of the answers that a boto3 *client* gets.

    The proxy is chosen as botocore chooses it: the proxies of the client's configuration (``proxies`` of
    ``aws_config``) count as they are. Without them those of the environment do, unless ``no_proxy`` names the endpoint.
    """
    # Not above: the controller has no botocore, and without it on the target it is AnsibleAWSModule that says so.
    from botocore.utils import get_environ_proxies

    settings, url = client.meta.config, client.meta.endpoint_url
    proxies = get_environ_proxies(url) if settings.proxies is None else settings.proxies
    proxy = proxies.get(url.partition(":")[0].lower()) or ""
    forwards = (settings.proxies_config or {}).get("proxy_use_forwarding_for_https")
    return Provenance(without_credentials(url), certificates, without_credentials(proxy), bool(proxy and forwards))


def without_credentials(url: str) -> str:
    """*url* as it may be shown: without the user name and password that it may have, and without its query and
    fragment, which may have a token. Its host stays what it was.

    Where there is an @ after the host, only the host is left: before it may be the rest of a password with a slash, and
    behind it what is to be taken for the host.
    """
    scheme, separator, rest = url.partition("://") if "://" in url else ("", "", url)
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    host, path = authority.rpartition("@")[2], rest[len(authority) :]
    shown = host.partition(":")[0] if "@" in path else host + re.split(r"[?#]", path, maxsplit=1)[0]
    return scheme + separator + shown


def host_of(url: str) -> str:
    """In lower case; empty where it has none."""
    return (parts_of(url).hostname or "").lower()


def parts_of(url: str) -> SplitResult:
    """All of them empty where *url* is none; also with a backslash, which ends the host for urllib3 and not here."""
    try:
        return urlsplit("" if "\\" in url else url)
    except ValueError:
        return urlsplit("")
