#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes cases.txt: requests and what botocore's signer makes of them, stage by stage.

Run it with a Python that has botocore: generate.py > cases.txt. Each item of a case is a line
"@name bytes", then so many bytes, then a newline; "@case" begins one. Queries are given to botocore
as decoded parameters and to the test as they go on the wire, in several spellings.
"""
import sys
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEHoaCXVzLWVhc3QtMSJHMEUCIQD//////////wEaDDEyMzQ1Njc4OTAxMiIM+/=="
LONG_TOKEN = "FwoGZXIvYXdzE" + "Aa0+/" * 200 + "=="
DATE = "20150830T123600Z"
JSON = {"content-type": "application/x-amz-json-1.1"}


def wire(params, escape=lambda text: quote(text, safe="-_.~")):
    return "&".join(f"{escape(k)}={escape(v)}" for k, v in params)


def lower_escapes(text):
    return "".join(c if c.isalnum() or c in "-_.~" else "".join(f"%{b:02x}" for b in c.encode())
                   for c in text)


def raw(text):
    return text


def case(name, method="GET", path="/", params=None, query=None, headers=(), body=b"",
         token=None, host="example.amazonaws.com", region="us-east-1", service="service",
         escape=None, date=DATE):
    return dict(locals())


PLAIN = [("Param2", "value2"), ("Param1", "value1")]
RESERVED = [("a", ":/?#[]@!$&'()*+,;="), ("b c", "d e")]
CASES = [
    case("vanilla"),
    case("post empty body", method="POST"),
    case("json body", method="POST", body=b'{"cluster":"games"}', headers=list(JSON.items())),
    case("body utf-8", method="POST", body='{"name":"Grüße 日本"}'.encode()),
    case("body binary", method="POST", body=bytes(range(256))),
    case("form body", method="POST", body=b"Action=GetCallerIdentity&Version=2011-06-15",
         headers=[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
         service="sts"),
    case("session token", method="POST", token=TOKEN),
    case("long session token", method="POST", token=LONG_TOKEN, headers=list(JSON.items())),
    case("path empty", path=""),
    case("path single dot", path="/./"),
    case("path dots", path="/a/./b/../../c/d"),
    case("path dots above the root", path="/../../a"),
    case("path ends in dots", path="/a/b/.."),
    case("path double slashes", path="//a//b//"),
    case("path only slashes", path="////"),
    case("path space escaped", path="/a%20b/c"),
    case("path slash escaped", path="/2015-03-31/functions/a%2Fb/invocations", service="lambda"),
    case("path arn escaped",
         path="/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Ax"
              "/invocations", method="POST", body=b"{}", service="lambda"),
    case("path arn raw", path="/functions/arn:aws:lambda:us-east-1:123456789012:function:x:$LATEST"),
    case("path unicode escaped", path="/%E1%88%B4/gr%C3%BC%C3%9Fe"),
    case("path unicode raw", path="/ሴ/grüße"),
    case("path unreserved", path="/-._~0123456789AZaz"),
    case("path reserved", path="/a+b,c;d=e&f@g!h'(i)*j"),
    case("path lower-case escape", path="/a%2fb%c3%bc"),
    case("query in order", params=PLAIN),
    case("query names by bytes", params=[("b", "1"), ("B", "2"), ("a-b", "3"), ("a_b", "4"),
                                         ("ab", "5"), ("a", "6")]),
    case("query repeated names", params=[("a", "z"), ("a", "b"), ("a", ""), ("A", "c")]),
    case("query empty name", params=[("", "v"), ("x", "")]),
    case("query without value", params=[("acl", ""), ("b", "1")], query="b=1&acl"),
    case("query reserved", params=RESERVED),
    case("query reserved, escapes in lower case", params=RESERVED, escape=lower_escapes),
    case("query reserved and raw", params=[("t", "a:b/c?d@e"), ("z", "$x,y;z!'()*")], escape=raw),
    case("query plus", params=[("a", "1+2"), ("b", "3 4")], query="b=3%204&a=1+2"),
    case("query percent", params=[("a", "100%"), ("b", "%41")], query="a=100%25&b=%2541"),
    case("query equals in value", params=[("a", "b=c=d")], query="a=b=c=d"),
    case("query unicode", params=[("ሴ", "bar"), ("grüße", "ä ö")]),
    case("query unreserved escaped by the sender", params=[("a~b", "-._~")],
         query="a%7Eb=%2D%2e%5f%7e"),
    case("query Qualifier", method="POST", path="/2015-03-31/functions/f/invocations",
         params=[("Qualifier", "$LATEST")], service="lambda"),
    case("header outer blanks", headers=[("My-Header1", "   value1   "), ("My-Header2", "\tv\t")]),
    case("header runs of blanks", headers=[("My-Header1", "a  b   c \t d"),
                                           ("My-Header2", '"a   b   c"')]),
    case("header empty value", headers=[("X-Empty", "")]),
    case("header repeated", headers=[("My-Header", "z"), ("my-header", "a  b"),
                                     ("MY-HEADER", " c ")]),
    case("header order", headers=[("zebra", "1"), ("X-Amz-Target", "Service.Operation"),
                                  ("Accept", "*/*"), ("x-amz-targex", "2")]),
    case("header utf-8", headers=[("X-Name", "grüße  日本")]),
    case("host with port", host="127.0.0.1:4566"),
    case("region and service", region="cn-northwest-1", service="application-autoscaling",
         host="application-autoscaling.cn-northwest-1.amazonaws.com.cn", method="POST", body=b"{}"),
    case("end of a year", date="20241231T235959Z"),
    case("leap day", date="20240229T000000Z"),
    case("all at once", method="POST", path="//a/../b%20c/./ü", params=RESERVED + PLAIN,
         headers=[("X-B", " 1  2 "), ("x-b", "3"), ("Content-Type", "application/json")],
         body=b"x" * 5000, token=TOKEN, escape=lower_escapes),
]


def put(out, name, value):
    data = value if isinstance(value, bytes) else value.encode()
    out.write(b"@%s %d\n%s\n" % (name.encode(), len(data), data))


def write(c, out):
    request = AWSRequest(method=c["method"], url=f"https://{c['host']}{c['path']}",
                         params=c["params"] or {}, data=c["body"])
    request.headers.add_header("Host", c["host"])
    for name, value in c["headers"]:
        request.headers.add_header(name, value)
    signer = SigV4Auth(Credentials(KEY, SECRET, c["token"]), c["service"], c["region"])
    request.context["timestamp"] = c["date"]
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    to_sign = signer.string_to_sign(request, canonical)
    signature = signer.signature(to_sign, request)
    signer._inject_signature_to_request(request, signature)
    query = c["query"]
    if query is None:
        query = wire(c["params"] or [], *([c["escape"]] if c["escape"] else []))
    put(out, "case", c["name"])
    for name, value in (("method", c["method"]), ("path", c["path"]), ("query", query),
                        ("body", c["body"]), ("region", c["region"]), ("service", c["service"]),
                        ("date", c["date"]), ("key", KEY), ("secret", SECRET),
                        ("token", c["token"] or "")):
        put(out, name, value)
    for name, value in request.headers.items():
        if name != "Authorization":
            put(out, "header", name)
            put(out, "value", value)
    put(out, "canonical", canonical)
    put(out, "to-sign", to_sign)
    put(out, "signature", signature)
    put(out, "authorization", request.headers["Authorization"])


for each in CASES:
    write(each, sys.stdout.buffer)
