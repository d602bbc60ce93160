# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether a wrapping public key may be used: anyone who controls it can read the key material that is wrapped under it.

KMS does not sign wrapping keys, so a substituted key cannot be detected, neither immediately nor later. Only its
provenance can be judged: directly from KMS, over a verified TLS connection that this exact machine opened. A proxy that
forwards this connection (CONNECT) cannot read it; without TLS, a proxy can return any response.
"""

from __future__ import annotations

import re

from ..module_utils._errors import Refusal
from ..module_utils._kms.provenance import Provenance, host_of, parts_of

__all__ = ("recorded_connection", "check_provenance")

# By partition, as in botocore's partitions.json: the pattern of a Region, and the DNS suffixes, standard and
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
# kms.REGION.SUFFIX, kms-fips.REGION.SUFFIX, and the names of VPC endpoints for KMS itself
# (vpce-ID.kms.REGION.vpce.SUFFIX). A third party's endpoint service has .vpce-svc-ID. instead of .kms. .
_KMS_HOST = re.compile(
    "|".join(
        rf"(?:vpce-[0-9a-z-]+\.kms(?:-fips)?\.{region}\.vpce|kms(?:-fips)?\.{region})\.{re.escape(suffix)}"
        for region, suffixes in _PARTITIONS
        for suffix in suffixes
    )
)


def check_provenance(provenance: Provenance, trust: str, bundle: str | None = None) -> str | None:
    """Check whether the wrapping public key that came with this response may be used.

    :param trust: ``kms_direct``; or ``target`` if the user declares that this target and endpoint may read the key
        material.
    :param bundle: if the provenance is a bundle's claim, the bundle as the subject of a sentence.
    :returns: a warning, if one is necessary.
    :raises Refusal: an attacker instead of KMS may have chosen the wrapping public key.
    """
    if trust == "target":
        return None
    reason = _why_not_direct(provenance)
    if reason is not None and bundle is None:
        raise Refusal(
            f"Nothing was wrapped: {reason}. Anyone who controls the wrapping public key can read the key material."
            " Run the task on the controller (delegate_to: localhost, connection local) against KMS's own endpoint;"
            " or, if this target and endpoint may read the key material, set wrapping_key_trust: target."
        )
    if reason is not None:
        raise Refusal(
            f"Nothing was wrapped. {bundle} records how its wrapping public key was obtained: {reason}. Anyone who"
            " controls the wrapping public key can read the key material. Export the import parameters again, on a"
            " machine that connects to KMS itself; or, if that target and endpoint may read the key material, set"
            " wrapping_key_trust: target."
        )
    if not provenance.from_this_machine:
        return None
    where = "this machine" if bundle is None else "the machine that exported it"
    return (
        f"The wrapping public key came from {provenance.url}, on {where}. The service at this address can read the"
        " key material. Use this only with an emulator."
    )


def recorded_connection(provenance: Provenance) -> str:
    """The connection as a bundle records it. It is not ``local`` if a proxy could have responded itself."""
    if not provenance.proxy or _why_not_direct(provenance) is None:
        return provenance.connection
    return f"{provenance.connection} over the proxy {provenance.proxy}"


def _why_not_direct(provenance: Provenance) -> str | None:
    """A clause; or None if the key came directly from KMS, or from this machine itself."""
    if provenance.connection != "local":
        return (
            f"the task runs on a target over connection {provenance.connection}, and the target could substitute its"
            " own key"
        )
    if provenance.from_this_machine:
        return None
    url, proxy = provenance.url, provenance.proxy
    over_proxy = f" over the proxy {proxy}" if proxy else ""
    if parts_of(url).scheme != "https":
        return f"the endpoint {url}{over_proxy} is not https"
    if not _KMS_HOST.fullmatch(host_of(url)):
        return f"the endpoint {url}{over_proxy} is not one of AWS's own KMS hosts"
    if provenance.proxy_ends_tls:
        return (
            f"the proxy {proxy} terminates the TLS connection (proxy_use_forwarding_for_https) and could respond itself"
        )
    if provenance.certificates == "unverified":
        return "the certificate of the endpoint is not verified (validate_certs: false)"
    if provenance.certificates != "verified":
        return (
            f"the endpoint's certificate is verified against your own CA bundle ({provenance.certificates}), and"
            " each of its authorities could impersonate KMS"
        )
    return None
