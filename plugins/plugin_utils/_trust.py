# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether a wrapping public key may be used: whoever chose it can read what is wrapped under it.

KMS signs nothing, so a key that somebody put in its place cannot be told from KMS's own, neither at once nor later.
What can be judged is the way it came: straight from KMS, over a verified TLS connection that this very machine opened.
A proxy that passes such a connection on (CONNECT) sees nothing of it; without TLS a proxy can answer as it likes.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

__all__ = ("TARGET", "Way", "judge_way", "why_not_direct")

TARGET = "target"

# By partition, as botocore's partitions.json has them: what a Region looks like, and the DNS suffixes, plain and
# dual-stack. GovCloud has those of the first. A name without a Region is another service's, or a bucket's:
# kms.s3.amazonaws.com is the bucket kms.
_PARTITIONS = (
    (r"[a-z]{2}(?:-gov)?-[a-z]+-[0-9]+", ("amazonaws.com", "api.aws")),
    (r"cn-[a-z]+-[0-9]+", ("amazonaws.com.cn", "api.amazonwebservices.com.cn")),
    (r"eusc-[a-z]{2}-[a-z]+-[0-9]+", ("amazonaws.eu", "api.amazonwebservices.eu")),
    (r"us-iso-[a-z]+-[0-9]+", ("c2s.ic.gov", "api.aws.ic.gov")),
    (r"us-isob-[a-z]+-[0-9]+", ("sc2s.sgov.gov", "api.aws.scloud")),
    (r"eu-isoe-[a-z]+-[0-9]+", ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk")),
    (r"us-isof-[a-z]+-[0-9]+", ("csp.hci.ic.gov", "api.aws.hci.ic.gov")),
)
# kms.REGION.SUFFIX, kms-fips.REGION.SUFFIX, and the names of VPC endpoints of KMS itself
# (vpce-ID.kms.REGION.vpce.SUFFIX). A third party's endpoint service has .vpce-svc-ID. in the place of .kms. .
_KMS_HOST = re.compile(
    "|".join(
        rf"(?:vpce-[0-9a-z-]+\.kms(?:-fips)?\.{region}\.vpce|kms(?:-fips)?\.{region})\.{re.escape(suffix)}"
        for region, suffixes in _PARTITIONS
        for suffix in suffixes
    )
)


@dataclass(frozen=True)
class Way:
    """How the wrapping public key came.

    :ivar connection: the name of Ansible's connection plugin to the target, such as ``local`` or ``ssh``.
    :ivar url: the endpoint that the target's client really talked to.
    :ivar certificates: ``verified``, ``unverified``, or the path of the user's own list of authorities.
    :ivar proxy: that which the client's requests for this endpoint went over; empty for none.
    :ivar proxy_ends_tls: whether the connection to an https endpoint ends at the proxy, which sees every request.
    """

    connection: str
    url: str
    certificates: str
    proxy: str = ""
    proxy_ends_tls: bool = False

    @property
    def host(self) -> str:
        return (self._parts.hostname or "").lower()

    @property
    def https(self) -> bool:
        return self._parts.scheme == "https"

    @property
    def loopback(self) -> bool:
        """Whether this very machine answered. What goes over a proxy reaches the loopback address of the proxy."""
        return not self.proxy and self._loopback_address

    @property
    def recorded(self) -> Way:
        """As a bundle has it: a proxy that could have answered itself makes the connection another than ``local``."""
        if not self.proxy or why_not_direct(self) is None:
            return Way(self.connection, self.url, self.certificates)
        return Way(f"{self.connection} over the proxy {self.proxy}", self.url, self.certificates)

    @property
    def _parts(self) -> SplitResult:
        try:
            return urlsplit(self.url)
        except ValueError:
            return urlsplit("")

    @property
    def _loopback_address(self) -> bool:
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
    over_proxy = f", reached over the proxy {way.proxy}," if way.proxy else ""
    if not way.https:
        return f"the endpoint {way.url}{over_proxy} is not https"
    if not _KMS_HOST.fullmatch(way.host):
        return f"the endpoint {way.url}{over_proxy} is not one of AWS's own KMS hosts"
    if way.proxy_ends_tls:
        return (
            f"the proxy {way.proxy} ends the TLS connection (proxy_use_forwarding_for_https), and could answer itself"
        )
    if way.certificates == "unverified":
        return "the certificate of the endpoint is not verified (validate_certs: false)"
    if way.certificates != "verified":
        return (
            f"the endpoint's certificate is verified against your own list of authorities ({way.certificates}), each"
            " of which could stand in for KMS"
        )
    return None
