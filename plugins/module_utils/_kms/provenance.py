# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How an answer of KMS came to the controller: on that depends whether its wrapping public key may be used. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("Provenance",)


@dataclass(frozen=True)
class Provenance:
    """What the target knows of it, and how the controller talks to the target.

    :ivar url: the endpoint that the target's client really talked to, whatever set it.
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
