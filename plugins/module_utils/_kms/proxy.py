# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which proxy a client's requests go over, chosen as botocore chooses it."""

from __future__ import annotations

import typing as t

__all__ = ("proxy_in_effect",)


def proxy_in_effect(client: t.Any) -> dict[str, t.Any]:
    """``proxy``: its URL without credentials, or empty; ``proxy_ends_tls``: whether it sees what https protects.

    The proxies of the client's configuration (``proxies`` of ``aws_config``) count as they are. Without them those of
    the environment do, unless ``no_proxy`` names the endpoint.
    """
    # Not above: without botocore it is AnsibleAWSModule that says so.
    from botocore.utils import get_environ_proxies

    settings, url = client.meta.config, client.meta.endpoint_url
    proxies = get_environ_proxies(url) if settings.proxies is None else settings.proxies
    proxy = proxies.get(url.partition(":")[0].lower()) or ""
    forwards = (settings.proxies_config or {}).get("proxy_use_forwarding_for_https")
    return {"proxy": _without_credentials(proxy), "proxy_ends_tls": bool(proxy and forwards)}


def _without_credentials(url: str) -> str:
    before, at_sign, address = url.rpartition("@")
    scheme, slashes, _user = before.rpartition("//")
    return f"{scheme}{slashes}{address}" if at_sign else url
