# SPDX-License-Identifier: Apache-2.0
"""Goal: who is not who he says, or may not, is told so as AWS tells it, in the form of each protocol.
Method: wrong secrets, keys, dates, scopes, tokens and permissions, in JSON, query-compatible JSON, query and REST."""

import datetime
import http.client
import json
import urllib.parse

import botocore.auth
import botocore.compat
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from support.games import ACCOUNT, KEY_ID, REGION, SECRET, games, scenario

SESSION = {"accessKeyId": "ASIASESSION", "secretAccessKey": "session-secret", "sessionToken": "a/token+of=it"}
EXPIRED = {**SESSION, "accessKeyId": "ASIAEXPIRED", "expiresAt": "2024-01-01T00:00:00Z"}
READER = {
    "accessKeyId": "AKIAREADER",
    "secretAccessKey": "reader-secret",
    "userArn": f"arn:aws:iam::{ACCOUNT}:user/reader",
    "allow": ["ecs:Describe*", "ecs:List*", "sqs:*", "sts:*"],
    "deny": ["sqs:SendMessage", "ecs:ListTasks"],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    document = scenario(keys=[SESSION, EXPIRED, READER], functions=[{"name": "f"}])
    with games(tmp_path_factory.mktemp("world"), document) as found:
        yield found


CALLS = {
    "ecs": lambda client: client.list_clusters(),
    "sqs": lambda client: client.get_queue_url(QueueName="none"),
    "cloudwatch": lambda client: client.describe_alarms(),
    "sts": lambda client: client.get_caller_identity(),
    "lambda": lambda client: client.invoke(FunctionName="f", Payload=b"{}"),
}
# How each names the same three verdicts: json, query-compatible, query, REST.
UNKNOWN = {"ecs": "UnrecognizedClientException", "sqs": "InvalidClientTokenId", "cloudwatch": "InvalidClientTokenId",
           "sts": "InvalidClientTokenId", "lambda": "UnrecognizedClientException"}  # fmt: skip
MISMATCH = {"ecs": "InvalidSignatureException", "sqs": "SignatureDoesNotMatch", "cloudwatch": "SignatureDoesNotMatch",
            "sts": "SignatureDoesNotMatch", "lambda": "InvalidSignatureException"}  # fmt: skip
EXPIRED_TOKEN = {"ecs": "ExpiredTokenException", "sqs": "ExpiredToken", "cloudwatch": "ExpiredToken",
                 "sts": "ExpiredToken", "lambda": "ExpiredTokenException"}  # fmt: skip
everywhere = pytest.mark.parametrize("service", CALLS)


def refusal(world, service, **credentials):
    with pytest.raises(ClientError) as raised:
        CALLS[service](world.client(service, **credentials))
    answer = raised.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == (400 if service == "ecs" else 403)
    return answer["Error"]["Code"], answer["Error"]["Message"]


@everywhere
def test_a_wrong_secret(world, service):
    code, message = refusal(world, service, secret="wrong")
    assert code == MISMATCH[service]
    assert message.startswith("The request signature we calculated does not match the signature you provided.")


@everywhere
def test_an_unknown_key(world, service):
    code, message = refusal(world, service, access_key_id="AKIANOBODY")
    assert code == UNKNOWN[service] and message == "The security token included in the request is invalid."


@everywhere
@pytest.mark.parametrize("minutes, begin", [(-20, "Signature expired: "), (20, "Signature not yet current: ")])
def test_a_wrong_date(world, service, minutes, begin, monkeypatch):
    moved = botocore.compat.get_current_datetime() + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: moved)
    code, message = refusal(world, service)
    assert code == MISMATCH[service] and message.startswith(begin) and message.endswith(" 15 min.)")


def test_a_date_within_the_skew(world, monkeypatch):
    moved = botocore.compat.get_current_datetime() - datetime.timedelta(minutes=14)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: moved)
    assert world.client("ecs").list_clusters()["clusterArns"]


@everywhere
def test_another_region(world, service):
    code, message = refusal(world, service, region="us-west-2")
    assert code == MISMATCH[service] and message == "Credential should be scoped to a valid region. "


@everywhere
def test_sessions(world, service):
    session = {"access_key_id": SESSION["accessKeyId"], "secret": SESSION["secretAccessKey"]}
    try:
        CALLS[service](world.client(service, token=SESSION["sessionToken"], **session))
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert refusal(world, service, token="another", **session)[0] == UNKNOWN[service]
    assert refusal(world, service, **session)[0] == UNKNOWN[service]
    assert refusal(world, service, token="one too many")[0] == UNKNOWN[service]
    expired = {
        "access_key_id": EXPIRED["accessKeyId"],
        "secret": EXPIRED["secretAccessKey"],
        "token": EXPIRED["sessionToken"],
    }
    code, message = refusal(world, service, **expired)
    assert code == EXPIRED_TOKEN[service] and message == "The security token included in the request is expired"


def test_policies(world):
    reader = {"access_key_id": READER["accessKeyId"], "secret": READER["secretAccessKey"]}
    ecs = world.client("ecs", **reader)
    assert ecs.list_clusters()["clusterArns"]
    with pytest.raises(ClientError) as raised:
        ecs.update_service(cluster="games", service="any", desiredCount=0)
    error = raised.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert error["Message"] == (
        f"User: {READER['userArn']} is not authorized to perform: ecs:UpdateService "
        "because no identity-based policy allows the ecs:UpdateService action"
    )
    with pytest.raises(ClientError) as raised:
        ecs.list_tasks(cluster="games")
    assert raised.value.response["Error"]["Message"].endswith("with an explicit deny in an identity-based policy")
    with pytest.raises(ClientError) as raised:
        world.client("sqs", **reader).send_message(QueueUrl=f"{world.endpoint}/x", MessageBody="x")
    assert raised.value.response["Error"]["Code"] == "AccessDenied"
    with pytest.raises(ClientError) as raised:
        world.client("lambda", **reader).invoke(FunctionName="f")
    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    assert world.client("sts", **reader).get_caller_identity()["Arn"] == READER["userArn"]


def raw(world, headers, body="{}", path="/", method="POST"):
    """One request without botocore: (status, headers, body)."""
    where = urllib.parse.urlsplit(world.endpoint)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read().decode()
    finally:
        connection.close()


TARGET = {
    "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters",
    "Content-Type": "application/x-amz-json-1.1",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
WHOAMI = "Action=GetCallerIdentity&Version=2011-06-15"


def test_unsigned_requests(world):
    status, headers, body = raw(world, TARGET)
    assert status == 400 and json.loads(body)["__type"] == "MissingAuthenticationTokenException"
    assert headers["Content-Type"] == "application/x-amz-json-1.1" and headers["x-amzn-RequestId"]
    status, headers, body = raw(world, FORM, WHOAMI)
    assert status == 403 and "<Code>MissingAuthenticationToken</Code>" in body and "<Type>Sender</Type>" in body
    assert headers["Content-Type"] == "text/xml"
    status, headers, body = raw(world, {}, "{}", "/2015-03-31/functions/f/invocations")
    assert status == 403 and headers["X-Amzn-Errortype"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    "authorization, words",
    [
        ("nonsense", "Authorization header requires 'Credential' parameter."),
        (
            "AWS4-HMAC-SHA256 Credential=A/20260101/r/ecs/aws4_request, SignedHeaders=host",
            "requires 'Signature' parameter.",
        ),
        (
            f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20260101/r/ecs/aws4_request, SignedHeaders=host, Signature={'0' * 64}",
            "requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        ),
    ],
)
def test_half_a_signature(world, authorization, words):
    status, _, body = raw(world, {**TARGET, "Authorization": authorization})
    assert status == 400 and json.loads(body)["__type"] == "IncompleteSignatureException"
    assert words in json.loads(body)["message"]


def sign(world, service, headers, body):
    """A request signed by botocore's own signer, as headers."""
    request = AWSRequest("POST", world.endpoint + "/", headers=dict(headers), data=body)
    SigV4Auth(Credentials(KEY_ID, SECRET), service, REGION).add_auth(request)
    return dict(request.headers)


def test_what_was_signed_is_what_counts(world):
    signed = sign(world, "ecs", TARGET, "{}")
    assert raw(world, signed)[0] == 200
    assert raw(world, signed, '{"maxResults":1}')[0] == 400
    other = {**signed, "X-Amz-Target": TARGET["X-Amz-Target"].replace("ListClusters", "DescribeClusters")}
    assert json.loads(raw(world, other)[2])["__type"] == "InvalidSignatureException"
    status, _, body = raw(world, sign(world, "sqs", TARGET, "{}"))
    assert json.loads(body)["message"] == "Credential should be scoped to correct service: 'ecs'. "
    unsigned_host = {**signed, "Authorization": signed["Authorization"].replace(";host", "")}
    assert json.loads(raw(world, unsigned_host)[2])["__type"] == "IncompleteSignatureException"


def test_what_nobody_offers(world):
    target = {**TARGET, "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.MakeTea"}
    status, _, body = raw(world, sign(world, "ecs", target, "{}"))
    assert status == 400 and json.loads(body) == {"__type": "UnknownOperationException"}
    status, _, body = raw(world, FORM, "Action=MakeTea&Version=2011-06-15")
    assert status == 400 and "<Code>InvalidAction</Code>" in body and "MakeTea" in body
    status, headers, _ = raw(world, {}, "", "/2015-03-31/teapots", "GET")
    assert status == 403 and headers["X-Amzn-Errortype"] == "AccessDeniedException"


@pytest.mark.parametrize("body", ["{", "[]", "null", '{"maxResults":"x"}', '{"a":1}trailing', "\xff", "{" * 5000])
def test_malformed_bodies(world, body):
    data = body.encode("latin-1")
    status, _, answer = raw(world, sign(world, "ecs", TARGET, data), data)
    assert status == 400 and json.loads(answer)["__type"] == "SerializationException"
