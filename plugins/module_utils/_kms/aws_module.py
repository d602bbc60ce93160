# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The AnsibleAWSModule of this collection, with the version of botocore that it needs and its own user agent."""

from __future__ import annotations

import os
import sys
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.common import set_collection_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .._errors import Refusal
from .._versions import (
    COLLECTION_NAME,
    COLLECTION_VERSION,
    MINIMUM_BOTOCORE_VERSION,
)
from .client import Kms, client_config
from .identifiers import refuse_other_region, region_of_arn

__all__ = ("effective_endpoint", "make_kms", "make_module", "pin_region", "pin_regions")


def make_module(argument_spec: dict[str, t.Any], **keywords: t.Any) -> AnsibleAWSModule:
    """The module, or a failure in words where boto3 is missing or botocore too old on this target."""
    set_collection_info(collection_name=COLLECTION_NAME, collection_version=COLLECTION_VERSION)
    module = AnsibleAWSModule(argument_spec=argument_spec, **keywords)
    if not module.botocore_at_least(MINIMUM_BOTOCORE_VERSION):
        import botocore

        module.fail_json(
            msg=(
                f"The target's Python, {sys.executable}, has botocore {botocore.__version__}; {COLLECTION_NAME} needs"
                f" {MINIMUM_BOTOCORE_VERSION} or newer, the first with the parameters ImportType and KeyMaterialId of"
                f" ImportKeyMaterial. Install it there (pip install 'botocore>={MINIMUM_BOTOCORE_VERSION}' boto3), or"
                " set ansible_python_interpreter to a Python that has it."
            )
        )
    return module


def make_kms(module: AnsibleAWSModule) -> Kms:
    return Kms(
        module.client("kms", config=client_config()),
        once=lambda: module.client("kms", config=client_config(attempts=1)),
    )


def pin_region(module: AnsibleAWSModule, key: str | None) -> None:
    """The Region of a key ARN counts, whatever else would have set one.

    :raises Refusal: the task names another Region.
    """
    pin_regions(module, "key_id", () if key is None else (key,))


def pin_regions(module: AnsibleAWSModule, option: str, keys: t.Sequence[str]) -> None:
    """The same for an *option* that names several keys: a task has one client, so it has one Region.

    :raises Refusal: the ARNs are of several Regions, or the task names another one; or the names without a Region would
        be looked for in the Region of the ARNs, which is not the task's own.
    """
    by_region = {region: key for key in keys if (region := region_of_arn(key)) is not None}
    if not by_region:
        return
    if len(by_region) > 1:
        raise Refusal(
            f"{option} names keys of several Regions ({', '.join(sorted(by_region))}), and a task looks at one. Give"
            " each Region its own task."
        )
    ((of_keys, key),) = by_region.items()
    # The environment may name any Region: it is not about this key.
    from_environment = {os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")}
    region = module.params["region"]
    refuse_other_region(key, None if region in from_environment else region, option)
    without = [name for name in keys if region_of_arn(name) is None]
    if without and module.region != of_keys:
        raise Refusal(
            f"{option} names {key}, which is in the Region {of_keys}, and {without[0]}, which would be looked for in"
            f" {module.region or 'no Region'}. Name all keys by ARN, or set region to {of_keys}."
        )
    module.params["region"] = of_keys


def effective_endpoint(module: AnsibleAWSModule, kms: Kms) -> dict[str, t.Any]:
    """Where the calls really go, whatever set it, and how its certificate is checked.

    ``certificates`` is ``verified`` (against botocore's own list of authorities), ``unverified``, or the path of the
    list that ``aws_ca_bundle`` names. What ``proxy`` and ``proxy_ends_tls`` are, proxy_in_effect says.
    """
    certificates = "unverified"
    if module.params["validate_certs"]:
        certificates = module.params["aws_ca_bundle"] or "verified"
    return {"url": kms.endpoint_url, "certificates": certificates, **kms.proxy}
