# SPDX-License-Identifier: Apache-2.0
"""Bodies that are nearly events: seeded mutations of good ones, as bytes and as JSON. What a body becomes
is nobody's promise; that each becomes something is."""

import copy
import json

# Lengths around the limits of schemas/event.c, of SNS, of a record and of a dead letter.
LENGTHS = [0, 1, 15, 16, 17, 32, 33, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025]
COUNTS = [0, 1, 29, 30, 31, 499, 500, 501, 999, 1000, 1001]
DEPTHS = [1, 60, 63, 64, 65, 1000]
NUMBERS = [0, -1, 1.5, 1e308, -1e308, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**400]
TEXTS = [
    "", " ", "\0", "a\0b", "\\", '"', "é", "\U0001f600", "\ud800", "\udfff", "null", "0", "../../x", "a/b", "*", "demo/*",
    "%s%n%x", "2026-13-45T99:99:99Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "2026-01-01", "0000-00-00T00:00:00Z",
]  # fmt: skip
WORDS = ["Notification", "ALARM", "OK", "INSUFFICIENT_DATA", "aws.cloudwatch", "CloudWatch Alarm State Change"]
SNS_LAYERS_MAX = 4
SQS_BYTES_MAX = 1024 * 1024


def sns(body, **more):
    """As SNS puts a message into a queue without raw delivery."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "dc1e94d9-56c5-5e96-808d-cc7f68faa162",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:alarms",
            "Message": body,
            "Timestamp": "2026-01-01T00:00:00.000Z",
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
            "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
            **more,
        }
    )


def sendable(text):
    """SQS takes XML's characters only, and so many bytes; what it would refuse is made fit."""
    good = "\t\n\r"
    kept = "".join(
        c if c in good or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000" else "\ufffd" for c in text
    )
    return kept.encode()[:SQS_BYTES_MAX].decode(errors="ignore") or " "


class Mutator:
    """Mutator(random.Random(seed), bodies).next() -> a body."""

    def __init__(self, chance, bodies):
        self.chance = chance
        self.bodies = bodies

    def next(self):
        body = self.chance.choice(self.bodies)
        for _ in range(self.chance.choice([1, 1, 1, 2, 3])):
            way = self.chance.choice([self._as_bytes, self._as_json, self._as_json, self._as_json])
            body = way(body)
        if self.chance.random() < 0.2:
            for _ in range(self.chance.randint(1, SNS_LAYERS_MAX)):
                body = sns(body)
        return sendable(body)

    # ---------------------------------------------------------------- bytes

    def _as_bytes(self, body):
        data = bytearray(body.encode("utf-8", "surrogatepass"))
        ways = [self._flip, self._cut, self._double, self._splice, self._remove, self._insert]
        self.chance.choice(ways)(data)
        return data.decode("utf-8", "replace")

    def _range(self, data):
        a, b = sorted(self.chance.randrange(len(data) + 1) for _ in range(2))
        return slice(a, min(b, a + 4096))

    def _flip(self, data):
        for _ in range(self.chance.choice([1, 1, 2, 8])):
            if data:
                data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)

    def _cut(self, data):
        del data[self.chance.randrange(len(data) + 1) :]

    def _double(self, data):
        where = self._range(data)
        data[where.start : where.start] = data[where]

    def _splice(self, data):
        other = self.chance.choice(self.bodies).encode()
        data[self.chance.randrange(len(data) + 1) :] = other[self.chance.randrange(len(other)) :]

    def _remove(self, data):
        del data[self._range(data)]

    def _insert(self, data):
        at = self.chance.randrange(len(data) + 1)
        data[at:at] = bytes(self.chance.choice(b'{}[]",:\\ \t0eE-.u/') for _ in range(self.chance.randint(1, 8)))

    # ---------------------------------------------------------------- JSON

    def _as_json(self, body):
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return self._as_bytes(body)
        holder = {"": copy.deepcopy(document)}
        parent, key = self.chance.choice(list(_places(holder)))
        ways = [self._delete, self._retype, self._retype, self._long, self._many, self._deep, self._rename, self._twice]
        text = self.chance.choice(ways)(holder, parent, key)
        if text is not None:
            return text
        if "" not in holder:
            return ""
        return json.dumps(holder[""], ensure_ascii=self.chance.random() < 0.5, indent=self.chance.choice([None, None, 2]))

    def _delete(self, holder, parent, key):
        del parent[key]

    def _retype(self, holder, parent, key):
        c = self.chance
        parent[key] = c.choice(
            [None, True, False, [], {}, [[]], {"": ""}, [parent[key]], {"value": parent[key]}, json.dumps(parent[key]),
             c.choice(NUMBERS), c.choice(TEXTS), c.choice(WORDS)]
        )  # fmt: skip

    def _long(self, holder, parent, key):
        length = self.chance.choice(LENGTHS)
        parent[key] = (self.chance.choice(["x", "é", "\\", "\0", "\U0001f600"]) * length)[:length]

    def _many(self, holder, parent, key):
        count = self.chance.choice(COUNTS)
        value = parent[key]
        if isinstance(value, dict):
            value.update({f"more{i}": self.chance.choice(TEXTS[:8]) for i in range(count)})
        else:
            item = value[0] if isinstance(value, list) and value else value
            # A thousand copies of something large say nothing that a thousand of something small do not.
            parent[key] = [item if len(str(item)) < 200 else "x"] * count

    def _deep(self, holder, parent, key):
        depth = self.chance.choice(DEPTHS)
        opening, closing = self.chance.choice([("[", "]"), ('{"a":', "}")])
        mark = "here it is deep"
        parent[key] = mark
        inner = opening * depth + ("0" if opening != "[" else "") + closing * depth
        return json.dumps(holder.get("")).replace(f'"{mark}"', inner)

    def _rename(self, holder, parent, key):
        if isinstance(parent, dict) and key:
            parent[self.chance.choice([key.upper(), key + "\0", " " + key, key[:-1], key * 40])] = parent.pop(key)

    def _twice(self, holder, parent, key):
        """The same key twice in one object, which a dict cannot hold."""
        if not isinstance(parent, dict) or not key:
            return None
        mark = "here it is twice"
        parent[mark] = self.chance.choice([None, 0, "", parent[key], {}, []])
        return json.dumps(holder[""]).replace(json.dumps(mark), json.dumps(key), 1)


def _places(value):
    """Every (container, key) of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)
