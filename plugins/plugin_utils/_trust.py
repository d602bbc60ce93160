# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether a wrapping public key may be used: whoever chose it can read what is wrapped under it.

KMS signs nothing, so a key that somebody put in its place cannot be told from KMS's own, neither at once nor later.
What can be judged is the way it came: straight from KMS, over a verified TLS connection that this very machine opened.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ("KMS_DIRECT", "TARGET", "Way", "judge_way", "why_not_direct")

KMS_DIRECT = "kms_direct"
TARGET = "target"

# AWS's DNS suffixes by partition, as botocore's endpoint rules list them: plain and dual-stack.
_SUFFIXES = (
    r"amazonaws\.com",
    r"api\.aws",
    r"amazonaws\.com\.cn",
    r"api\.amazonwebservices\.com\.cn",
    r"amazonaws\.eu",
    r"api\.amazonwebservices\.eu",
    r"c2s\.ic\.gov",
    r"api\.aws\.ic\.gov",
    r"sc2s\.sgov\.gov",
    r"api\.aws\.scloud",
    r"cloud\.adc-e\.uk",
    r"api\.cloud-aws\.adc-e\.uk",
    r"csp\.hci\.ic\.gov",
    r"api\.aws\.hci\.ic\.gov",
)
# kms.REGION.SUFFIX, kms-fips.REGION.SUFFIX, and the names of VPC endpoints of KMS itself
# (vpce-ID.kms.REGION.vpce.SUFFIX). A third party's endpoint service has .vpce-svc-ID. in the place of .kms. .
_KMS_HOST = re.compile(
    r"(?:vpce-[0-9a-z-]+\.kms(?:-fips)?\.[a-z0-9-]+\.vpce|kms(?:-fips)?\.[a-z0-9-]+)\.(?:" + "|".join(_SUFFIXES) + r")"
)


@dataclass(frozen=True)
class Way:
    """How the wrapping public key came.

    :ivar connection: the name of Ansible's connection plugin to the target, such as ``local`` or ``ssh``.
    :ivar url: the endpoint that the target's client really talked to.
    :ivar certificates: ``verified``, ``unverified``, or the path of the user's own list of authorities.
    """

    connection: str
    url: str
    certificates: str

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "").lower()

    @property
    def loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def judge_way(way: Way, trust: str) -> tuple[str | None, str | None]:
    """A refusal, or a warning, or neither.

    :param trust: ``kms_direct``, or ``target`` where the user says that this target and endpoint may read the material.
    """
    if trust == TARGET:
        return None, None
    reason = why_not_direct(way)
    if reason:
        return (
            f"Nothing was wrapped: {reason}, and whoever chooses the wrapping public key can read the key material."
            " Run the task on the controller (delegate_to: localhost, connection local) against KMS's own endpoint;"
            " or, if this target and endpoint may read the key material, set wrapping_key_trust: target.",
            None,
        )
    if way.loopback:
        return None, (
            f"The wrapping public key came from {way.url}, on this machine: whatever answers there can read the key"
            " material. That is right for an emulator, and for nothing else."
        )
    return None, None


def why_not_direct(way: Way) -> str | None:
    """A clause; or None, when the key came straight from KMS, or from this machine itself."""
    if way.connection != "local":
        return f"the task runs on a target over connection {way.connection}, which could give a key of its own"
    if way.loopback:
        return None
    if urlsplit(way.url).scheme != "https":
        return f"the endpoint {way.url} is not https"
    if not _KMS_HOST.fullmatch(way.host):
        return f"the endpoint {way.url} is not one of AWS's own KMS hosts"
    if way.certificates == "unverified":
        return "the certificate of the endpoint is not verified (validate_certs: false)"
    if way.certificates != "verified":
        return (
            f"the endpoint's certificate is verified against your own list of authorities ({way.certificates}), each"
            " of which could stand in for KMS"
        )
    return None
