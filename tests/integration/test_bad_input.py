# SPDX-License-Identifier: Apache-2.0
"""Goal: a mistake in what a person typed, wrote into ebb.yaml or set in the environment ends every role and command
with one line that says where it is and what would be right. Method: a table of mistakes, each given to all of them;
nothing is running, so nothing else can be what is complained of."""

import re

import pytest

from support.refusals import COMMANDS, EXIT, ROLES, all_refused, refused

EVERYTHING = (*ROLES, *COMMANDS)
# Something is said of each, so that only the mistake is missing.
ENOUGH = {
    "KAFKA_BROKERS": "127.0.0.1:1",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SQS_QUEUES": "ebb-events",
    "EBB_CALLBACK_SECRET": "EXAMPLEsecretOfTheTests",
    "AWS_REGION": "us-east-1",
}
FILE = r"ebb\.yaml: line {}, column {}: "

MISTAKES = {
    "unknown key": ("kafka:\n  borkers: x\n", FILE.format(2, 3), r"kafka\.borkers: unknown key; did you mean brokers\?"),
    "unknown section": ("regoin: x\n", FILE.format(1, 1), r"regoin: unknown key; did you mean region\?"),
    "wrong type": ("kafka:\n  partitions: many\n", FILE.format(2, 15), r"kafka\.partitions: must be a whole number"),
    "a map for a text": ("redis:\n  url: {a: b}\n", FILE.format(2, 8), r"redis\.url: must be text"),
    "a text for a map": ("kafka: 3\n", FILE.format(1, 8), "kafka: must be a map"),
    "out of range": ("run:\n  handlers: 0\n", FILE.format(2, 13), r"run\.handlers: must be from 1 to 256"),
    "no such word": ("run: {logLevel: loud}\n", FILE.format(1, 17), "must be one of: debug, info, warn, error"),
    "span without a unit": (
        "services:\n  - {match: a/b, cooldown: soon}\n", FILE.format(2, 28), r"services\[0\]\.cooldown: must be a span",
    ),
    "required and missing": ("services:\n  - mode: act\n", FILE.format(2, 5), r"services\[0\]\.match: required"),
    "not YAML": ("kafka: [\n", r"ebb\.yaml: line \d+, column \d+: "),
    "not text": ("region: \x01\n", FILE.format(1, 9)),
    "more than one document": ("region: a\n---\nregion: b\n", "more than one document"),
    "given twice": ("region: a\nregion: b\n", FILE.format(2, 1), "region: given twice"),
    "an anchor": ("region: &a b\n", FILE.format(1, 9), "anchors are not accepted"),
    "too large": ("#" * (1024 * 1024 + 1), r"ebb\.yaml: larger than any configuration"),
    "act without a distributor": (
        "services:\n  - match: a/b\n  - match: demo/*\n    mode: act\n",
        FILE.format(3, 5), r"services\[1\]\.distributor\.function: missing; mode act needs",
    ),
    "act without a callback's address": (
        "region: x\nservices:\n  - {match: a/b, mode: act, distributor: {function: f}}\n",
        FILE.format(1, 1), r"callback\.url: missing; .*SCALER_FUNCTION_URL",
    ),
    "alarms of many services": (
        "services:\n  - match: a/*\n    alarms: [x]\n", FILE.format(3, 13), "an alarm means one service",
    ),
    "an entry that never counts": (
        "services:\n  - match: demo/*\n  - match: demo/calls\n",
        FILE.format(3, 12), r"services\[1\]\.match: can never count: services\[0\]",
    ),
    "a match of no service": ("services:\n  - match: calls\n", FILE.format(2, 12), "must be cluster/name"),
    "a short secret": (
        "callback:\n  previousSecret: short\n", FILE.format(2, 19), r"callback\.previousSecret: shorter than 16",
    ),
    "a shared token without one": (
        "callback: {acceptSharedToken: true}\n", FILE.format(1, 31), r"no shared token is set \(SHARED_TOKEN\)",
    ),
    "a callback's address without a scheme": (
        "callback:\n  url: callback:8090\n", FILE.format(2, 8), r"callback\.url: must begin with http://",
    ),
}  # fmt: skip

VARIABLES = {
    "unknown, like one of ours": ({"EBB_HANDELRS": "3"}, "EBB_HANDELRS: .*did you mean EBB_HANDLERS"),
    "unknown, like one of the documents'": ({"EBB_REDIS_ULR": "x"}, "EBB_REDIS_ULR: .*did you mean REDIS_URL"),
    "unknown altogether": ({"EBB_COLOUR": "x"}, "EBB_COLOUR: .*`ebb settings` lists"),
    "wrong type": ({"MAX_DRAINS_PER_HOUR": "some"}, "variable MAX_DRAINS_PER_HOUR: .*must be a whole number"),
    "out of range": ({"ASTERISK_HTTP_PORT": "99999"}, "variable ASTERISK_HTTP_PORT: .*must be from 1 to 65535"),
    "no such word": ({"EBB_MODE": "on"}, "variable EBB_MODE: .*must be one of: observe, act"),
    "act without a distributor": ({"EBB_MODE": "act"}, "variable KAMAILIO_LAMBDA_ARN: missing; mode act needs"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_file_is_told_with_its_place(ebb, mistake):
    text, *patterns = MISTAKES[mistake]
    env = {**ENOUGH, "EBB_CONFIG": str(ebb.write("ebb.yaml", text))}
    all_refused(ebb, EVERYTHING, env, "CONFIG", *patterns)


@pytest.mark.parametrize("mistake", VARIABLES)
def test_a_mistake_in_the_environment_is_told_with_the_variable(ebb, mistake):
    env, *patterns = VARIABLES[mistake]
    all_refused(ebb, EVERYTHING, {**ENOUGH, **env}, "CONFIG", "environment variable", *patterns)


def test_settings_in_both_places_are_refused(ebb):
    env = {**ENOUGH, "EBB_CONFIG": str(ebb.write("ebb.yaml", "services:\n  - match: a/b\n")), "COOLDOWN_SECONDS": "1"}
    all_refused(ebb, EVERYTHING, env, "CONFIG", FILE.format(2, 3), r"services: .*\(COOLDOWN_SECONDS\)")


def test_a_file_that_cannot_be_had_is_named(ebb):
    missing = {**ENOUGH, "EBB_CONFIG": "nowhere.yaml"}
    all_refused(ebb, EVERYTHING, missing, "CONFIG", r"nowhere\.yaml: No such file .*--config.*EBB_CONFIG")
    folder = {**ENOUGH, "EBB_CONFIG": str(ebb.folder)}
    all_refused(ebb, EVERYTHING, folder, "CONFIG", "cannot be read: Is a directory")
    # Who is root may read whatever it is.
    under_a_file = ebb.write("file", "") / "ebb.yaml"
    for words in EVERYTHING:
        refused(words, ebb.run(*words, "--config", under_a_file, env=ENOUGH), "CONFIG", "file/ebb.yaml: Not a directory")


def test_with_no_configuration_at_all_everything_missing_is_named(ebb):
    kafka, redis = "kafka.brokers: missing; .*KAFKA_BROKERS", "redis.url: missing; .*REDIS_URL"
    queues, secret = "sqs.queues: missing; .*SQS_QUEUES", "callback.secret: missing; .*EBB_CALLBACK_SECRET"
    missing = {"relay": [kafka, queues], "run": [kafka, redis, secret, queues], "topics": [kafka],
               "callback": [kafka, redis, secret], "timers": [kafka, redis], "work": [kafka, redis]}  # fmt: skip
    for words in EVERYTHING:
        done = ebb.run(*words)
        lines = done.stderr.splitlines()
        expected = missing.get(words[0], [redis])
        assert done.returncode == EXIT["CONFIG"] and len(lines) == len(expected), done.stderr
        for line, pattern in zip(lines, expected):
            assert re.fullmatch(f"ebb {words[0]}: {pattern}.*", line), done.stderr
    kafka_missing = {"REDIS_URL": ENOUGH["REDIS_URL"], "AWS_REGION": "us-east-1"}
    for words in (("timers",), ("work", "select")):
        refused(words, ebb.run(*words, env=kafka_missing), "CONFIG", "kafka.brokers: missing; .*KAFKA_BROKERS")


@pytest.mark.parametrize(
    "words, text, patterns",
    [
        (("status",), "redis:\n  url: http://r:6379\n", (FILE.format(2, 8), r"redis\.url: .*must begin with redis://")),
        (("status",), "redis:\n  url: redis://r:x\n", (FILE.format(2, 8), r"redis\.url: .*port")),
        (("status",), "redis: {url: rediss://r, caFile: /no}\n", (FILE.format(1, 34), r"redis\.caFile: .*/no .*No such file")),
        (("status",), "redis: {url: redis://r, username: u}\n", (FILE.format(1, 35), r"redis\.username: .*no password")),
        (("topics",), "kafka:\n  properties: {acks: 0}\n", (FILE.format(2, 15), r"kafka\.properties: .*acks")),
        (("topics",), "kafka:\n  properties: {security.protocl: x}\n", (r"kafka\.properties: .*security\.protocl",)),
        (("callback",), "callback:\n  listen: here\n", (FILE.format(2, 11), r"callback\.listen: ")),
        (("timers",), "run:\n  metricsListen: x:y\n", (FILE.format(2, 18), r"run\.metricsListen: ")),
    ],
)  # fmt: skip
def test_a_value_that_only_its_user_can_judge_is_told_with_its_place_too(ebb, words, text, patterns):
    env = {name: value for name, value in ENOUGH.items() if name != "REDIS_URL" or "redis" not in text}
    refused(words, ebb.run(*words, env={**env, "EBB_CONFIG": str(ebb.write("ebb.yaml", text))}), "CONFIG", *patterns)


@pytest.mark.parametrize(
    "words, pattern",
    [
        (("status", "--jsn"), "unknown option '--jsn', did you mean --json\\?; `ebb status --help`"),
        (("status", "--config"), "a value is missing after '--config'"),
        (("status", "a", "b"), r"usage: ebb status \[SERVICE\]"),
        (("why",), "usage: ebb why SERVICE"),
        (("why", "a", "--n", "x"), "n: must be a whole number"),
        (("timeline",), "usage: ebb timeline DRAIN|TASK"),
        (("drain",), "usage: ebb drain SERVICE|TASK"),
        (("drain", "a", "--dry-run", "--wait"), "--dry-run begins nothing"),
        (("topics", "drop"), r"usage: ebb topics \[create\]"),
        (("settings", "x"), "usage: ebb settings"),
        (("work",), "usage: ebb work STAGE"),
        (("work", "selct"), "there is no stage 'selct'; stages are select, remove, drain, scale"),
        (("run", "relai"), "there is no role 'relai'; roles are"),
        (("relay", "--handlers", "3"), "unknown option '--handlers'"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_before_anything_else(ebb, words, pattern):
    refused(words, ebb.run(*words), "USAGE", pattern)


def test_a_command_that_does_not_exist_is_told(ebb):
    done = ebb.run("frobnicate")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ebb: no command is named 'frobnicate'; `ebb --help` lists them\n"
    none = ebb.run()
    assert none.returncode == 2 and "usage: ebb COMMAND" in none.stderr and none.stdout == ""
