# SPDX-License-Identifier: Apache-2.0
"""boto3 clients and the AWS CLI, which we did not write, pointed at a region on this machine."""

import boto3
from botocore.config import Config

from . import paths
from .processes import run

REGION = "us-east-1"
ACCOUNT = "123456789012"
# Keys of nobody. The secret is long and odd, so that a search for it in logs finds it only if it leaked.
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "testsEXAMPLEsecretThatNoLogMayEverHold0"


def client(endpoint, service, region=REGION, access_key_id=ACCESS_KEY_ID, secret=SECRET_ACCESS_KEY, token=None, **config):
    """A client that tries once, so that a refusal is seen as it is."""
    options = {"retries": {"max_attempts": 1, "mode": "standard"}, "connect_timeout": 5, "read_timeout": 30, **config}
    session = boto3.session.Session()
    return session.client(
        service, endpoint_url=endpoint, region_name=region, aws_access_key_id=access_key_id,
        aws_secret_access_key=secret, aws_session_token=token, config=Config(**options),
    )  # fmt: skip


def environment(endpoint, region=REGION, access_key_id=ACCESS_KEY_ID, secret=SECRET_ACCESS_KEY, token=None):
    """The variables that every AWS program reads, Ebb's among them."""
    found = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": access_key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
    }
    if token:
        found["AWS_SESSION_TOKEN"] = token
    return found


def cli(endpoint, folder, *arguments, timeout_s=60, **keys):
    """`aws ARGUMENTS`, as a person types it; returns returncode, stdout and stderr."""
    program = paths.DEPENDENCIES / "python" / "bin" / "aws"
    # Its SQS goes by the region and not by AWS_ENDPOINT_URL, so the endpoint is said as an option too;
    # a call that would leave this machine all the same meets a closed port.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1,localhost"}
    variables = {**environment(endpoint, **keys), **nowhere, "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}
    return run([program, "--endpoint-url", endpoint, *arguments], folder, variables, timeout_s)
