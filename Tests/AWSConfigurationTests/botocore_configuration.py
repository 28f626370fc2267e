"""What botocore makes of shared files, settings and regions: cases in, what it does out, both as JSON.

    botocore_configuration.py files CASES       [{"config": TEXT or null, "credentials": TEXT or null}, ...]
    botocore_configuration.py settings CASES    those, with "service", "environment" and "explicit"
    botocore_configuration.py endpoints REGIONS [a region, ...] beside all that botocore knows
"""

import itertools
import json
import logging
import os
import re
import sys
import tempfile

import botocore.loaders
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigParseError, EndpointVariantError

OPERATIONS = {
    "swf": ("record_activity_task_heartbeat", {"taskToken": "t"}),
    "sts": ("get_caller_identity", {}),
    "sso": ("list_accounts", {"accessToken": "t"}),
}


# Of AWS's models: read once.
LOADER = botocore.loaders.create_loader()


class Captured(Exception):
    pass


def capture(client, service):
    """The host and the credential scope of a request that is never sent."""
    seen = {}

    def before_send(request, **_):
        seen["url"] = request.url
        seen["authorization"] = (request.headers.get("Authorization") or b"").decode()
        raise Captured

    client.meta.events.register("before-send", before_send)
    operation, arguments = OPERATIONS[service]
    try:
        getattr(client, operation)(**arguments)
    except Captured:
        pass
    scheme, _, rest = seen["url"].partition("://")
    found = {"host": rest.split("/")[0], "scheme": scheme, "signingRegion": None, "signingName": None}
    if seen["authorization"]:
        scope = seen["authorization"].split("Credential=")[1].split(",")[0].split("/")
        found["signingRegion"], found["signingName"] = scope[2], scope[3]
    return found


class Files:
    """The two files, written anew for each case."""

    def __init__(self, folder):
        self.config = os.path.join(folder, "config")
        self.credentials = os.path.join(folder, "credentials")

    def write(self, case):
        for path, text in ((self.config, case["config"]), (self.credentials, case["credentials"])):
            if text is not None:
                with open(path, "wb") as file:
                    file.write(text.encode())
            elif os.path.exists(path):
                os.remove(path)


def read_files(case, files):
    files.write(case)
    result = {"profiles": {}, "ssoSessions": {}, "services": {}, "credentials": {}}
    try:
        if case["config"] is not None:
            config = load_config(files.config)
            result["profiles"] = config["profiles"]
            result["ssoSessions"] = config["sso_sessions"]
            result["services"] = config["services"]
        if case["credentials"] is not None:
            result["credentials"] = raw_config_parse(files.credentials)
    except ConfigParseError:
        return None
    return result


def resolve_settings(case, files):
    files.write(case)
    os.environ.clear()
    os.environ.update(
        case["environment"], AWS_CONFIG_FILE=files.config, AWS_SHARED_CREDENTIALS_FILE=files.credentials
    )
    explicit = case["explicit"]
    try:
        session = botocore.session.Session(profile=explicit.get("profile"))
        session.register_component("data_loader", LOADER)
        session.set_credentials("AKIDEXAMPLE", "secret")
        client = session.create_client(
            case["service"], region_name=explicit.get("region"), endpoint_url=explicit.get("endpointURL"),
            verify=explicit.get("caBundle"),
        )
        found = capture(client, case["service"])
        verify = client._endpoint.http_session._verify
        retries = client.meta.config.retries
    except Exception as error:  # It refuses some of them by accident: an AttributeError is a refusal too.
        return {"refusal": type(error).__name__}
    found["caBundle"] = verify if isinstance(verify, str) else None
    found["retryMode"] = retries["mode"]
    found["maxAttempts"] = retries.get("total_max_attempts")
    return found


def endpoints(made_up):
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret")
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    regions = set(made_up)
    for partition in partitions:
        regions.update(partition["regions"])
    for partition, service in itertools.product(session.get_available_partitions(), OPERATIONS):
        regions.update(session.get_available_regions(service, partition, allow_non_regional=True))
    flags = (False, True)
    for service, region, fips, dualstack, legacy in itertools.product(
        OPERATIONS, sorted(regions), flags, flags, flags
    ):
        if legacy and service != "sts":
            continue
        os.environ["AWS_STS_REGIONAL_ENDPOINTS"] = "legacy" if legacy else "regional"
        row = {"service": service, "region": region, "fips": fips, "dualstack": dualstack, "legacySTS": legacy}
        try:
            # True alone: False would be set by hand, and a region's mark for FIPS overrides that too.
            config = Config(use_fips_endpoint=fips or None, use_dualstack_endpoint=dualstack or None)
            row.update(capture(session.create_client(service, region_name=region, config=config), service))
        except Exception as error:
            row["refusal"] = type(error).__name__
            # Its older tables refuse what its newer ones have a domain for.
            for partition in partitions:
                known = region in partition["regions"] or re.match(partition["regionRegex"], region)
                if known and isinstance(error, EndpointVariantError):
                    row["domain"] = partition["outputs"]["dualStackDnsSuffix" if dualstack else "dnsSuffix"]
        yield row


def main(mode, path):
    logging.disable(logging.CRITICAL)
    os.environ.clear()
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        if mode == "files":
            result = [read_files(case, Files(folder)) for case in cases]
        elif mode == "settings":
            result = [resolve_settings(case, Files(folder)) for case in cases]
        else:
            os.environ.update(AWS_CONFIG_FILE="", AWS_SHARED_CREDENTIALS_FILE="")
            result = list(endpoints(cases))
    json.dump(result, sys.stdout)


main(*sys.argv[1:])
