# SPDX-License-Identifier: Apache-2.0
"""Goal: what a person types shows what is, and an operator's drain goes the way of an alarm's. Method: the commands
beside a running fleet (real Kafka, real Redis, the world on the wire); texts are read as people do, JSON as programs."""

import json
import re
import threading
import urllib.error
import urllib.request

import pytest

from support import emf, paths
from support.fleet import ACCOUNT, CALLBACK_SECRET, EBB_SECRET, QUEUE, REGION, ROLES, STAGES, TOPICS, Fleet

OK, FAILED, USAGE, CONFIG, MISSING, NOTHING = 0, 1, 2, 3, 4, 6
FOLLOW_TIMEOUT_S = 90


@pytest.fixture
def make_fleet(ebb, start_world, kafka, redis_server):
    return lambda services, **options: Fleet(ebb, start_world, kafka, redis_server, services, **options)


@pytest.fixture
def ebb_on(ebb, kafka, redis_server):
    """The commands, with Kafka and Redis and nothing in them."""
    return ebb.use(kafka=kafka, redis_server=redis_server)


def answer(done, exit_code=OK):
    """The JSON document of a command that ended with that code."""
    assert done.returncode == exit_code, done.stderr or done.stdout
    return json.loads(done.stdout)


def text(done, exit_code=OK):
    assert done.returncode == exit_code, done.stderr or done.stdout
    return done.stdout


def says(done, exit_code, *patterns):
    """One line on standard error, beginning with the command's name."""
    assert done.returncode == exit_code, done.stderr or done.stdout
    assert done.stderr.startswith("ebb ") and done.stderr.count("\n") == 1, done.stderr
    for pattern in patterns:
        assert re.search(pattern, done.stderr), done.stderr


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


# ---------------------------------------------------------------- with nothing there


def test_nothing_to_show_is_said(ebb_on):
    shown = text(ebb_on.run("status"))
    assert "NOT WHOLE" in shown and "NOBODY leads" in shown and "No service has been looked at yet" in shown
    document = answer(ebb_on.run("status", "--json"))
    assert document["services"] == [] and document["stateIsWhole"] is False and document["timersAreLed"] is False
    says(ebb_on.run("why", "demo/calls"), NOTHING, "no service has been looked at yet")
    says(ebb_on.run("why", f"aws:{REGION}:{ACCOUNT}:demo/calls"), NOTHING, "no stage has looked at", "--dry-run")
    says(ebb_on.run("status", f"aws:{REGION}:{ACCOUNT}:demo/calls"), NOTHING, "never looked at")
    says(ebb_on.run("timeline", "3366f10b5f0aa7ab"), NOTHING, "no drain and no task '3366f10b5f0aa7ab'")


def test_names_are_completed_or_told_apart(ebb_on, redis_server):
    client = redis_server.client()
    look = json.dumps({"v": 1, "stage": "select", "verdict": "refused", "reason": "cooldown", "time": 1700000000000})
    for cluster, name in (("demo", "calls"), ("other", "calls"), ("demo", "chat")):
        client.lpush(f"{{ebb}}:looks:aws:{REGION}:{ACCOUNT}:{cluster}/{name}", look, "not a look")
    found = answer(ebb_on.run("why", "chat", "--json"))
    assert found["service"] == f"aws:{REGION}:{ACCOUNT}:demo/chat"
    assert [n["reason"] for n in found["looks"]] == ["cooldown"], "what is no look is left out"
    found = answer(ebb_on.run("why", f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/other/calls", "--json"))
    assert found["service"].endswith(":other/calls")
    says(ebb_on.run("why", "calls"), FAILED, "could be .*demo/calls.*other/calls|could be .*other/calls.*demo/calls")
    says(ebb_on.run("why", "nobody"), NOTHING, "those that were: .*demo/chat")
    assert "2023-11-14 22:13:20 UTC  select  refused cooldown" in text(ebb_on.run("why", "demo/chat"))
    shown = text(ebb_on.run("status"))
    assert shown.index("demo/calls") < shown.index("demo/chat") < shown.index("other/calls")


def test_the_beginning_of_an_id_is_enough(ebb_on, redis_server):
    client = redis_server.client()
    task = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/demo/b8cd38b9" + "0" * 24
    look = {"v": 1, "stage": "select", "verdict": "done", "reason": "claimed", "time": 1700000000000, "taskArn": task}
    for drain in ("aaaaaaaa11111111", "bbbbbbbb11111111", "bbbbbbbb22222222"):
        line = json.dumps({**look, "drainId": drain})
        client.lpush(f"{{ebb}}:looks:aws:{REGION}:{ACCOUNT}:demo/calls", line)
        client.lpush(f"{{ebb}}:timeline:{drain}", line)
    assert "drain aaaaaaaa11111111:" in text(ebb_on.run("timeline", "aaaaaaaa"))
    assert "drain bbbbbbbb22222222:" in text(ebb_on.run("timeline", "bbbbbbbb2"))
    assert text(ebb_on.run("timeline", "b8cd38b9")).count("earlier drains of this task: ") == 1
    says(ebb_on.run("timeline", "bbbbbbbb"), FAILED, "'bbbbbbbb' begins bbbbbbbb[12]{8} and bbbbbbbb[12]{8}; give more")
    says(ebb_on.run("timeline", "aaaaaaa"), NOTHING, "no drain and no task 'aaaaaaa'", "looks of 1 service;")


def test_topics_are_checked_and_made(ebb_on, kafka):
    says(ebb_on.run("topics"), MISSING, "7 of 7 topics are missing; `ebb topics create` makes them")
    assert [t["name"] for t in answer(ebb_on.run("topics", "--json"), MISSING)["topics"]] == TOPICS
    kafka.create_topic("ebb.select", partitions=3)
    made = answer(ebb_on.run("topics", "create", "--json"))
    assert {t["name"] for t in made["topics"] if t.get("created")} == {*TOPICS} - {"ebb.select"}
    assert all(t["exists"] for t in made["topics"])
    assert kafka.topics()["ebb.select"] == 3 and kafka.topics()["ebb.state"] == 6
    assert text(ebb_on.run("topics")).count("exists") == 7
    again = answer(ebb_on.run("topics", "create", "--json"))
    assert not [t for t in again["topics"] if t.get("created")]


def test_the_embedded_broker_begins_with_our_topics(ebb, embedded_broker):
    shown = answer(ebb.run("topics", "--json", env={"KAFKA_BROKERS": embedded_broker.brokers}))
    assert [t["name"] for t in shown["topics"]] == TOPICS


def test_what_cannot_be_reached_is_said(ebb):
    port = paths.free_port()
    says(ebb.run("status", env={"REDIS_URL": f"redis://127.0.0.1:{port}"}), MISSING, f"127.0.0.1:{port}")
    says(ebb.run("topics", env={"KAFKA_BROKERS": f"127.0.0.1:{port}"}), MISSING, f"127.0.0.1:{port}")
    says(ebb.run("status"), CONFIG, "REDIS_URL")
    says(ebb.run("drain", "a/b", "--config", "nowhere.yaml"), CONFIG, "nowhere.yaml")
    says(ebb.run("run", "timers", env={"KAFKA_BROKERS": f"127.0.0.1:{port}", "REDIS_URL": f"redis://127.0.0.1:{port}"}), MISSING)


def test_help_is_where_people_look_for_it(ebb):
    page = text(ebb.run("--help"))
    assert text(ebb.run("-h")) == text(ebb.run("help")) == page
    assert text(ebb.run("help", "drain")) == text(ebb.run("drain", "-h")) == text(ebb.run("drain", "--help"))
    assert all(words in text(ebb.run("help", "drain")) for words in ("cooldown", "floor", "Only no alarm", "observe"))
    done = ebb.run("statsu")
    assert done.returncode == USAGE
    assert done.stderr == "ebb: no command is named 'statsu', did you mean status?; `ebb --help` lists them\n"
    assert ebb.run("help", "nothing").stderr == "ebb: no command is named 'nothing'; `ebb --help` lists them\n"
    says(ebb.run("settings", "all"), USAGE, r"--json \| --markdown")


def test_the_roles_are_those_the_programs_name(ebb):
    assert f"stages: {' '.join(STAGES)}\n" in text(ebb.run("work", "--help"))
    says(ebb.run("work", "relay"), USAGE, f"stages are {', '.join(STAGES)}$")
    roles = re.search("roles are (.*)", ebb.run("run", "nobody").stderr).group(1)
    assert sorted(roles.split(", ")) == sorted(ROLES)


def test_what_a_role_needs_at_start_is_missing(ebb_on, start_world, kafka):
    """Whatever it is that is not there, and however it is told: one exit code."""
    kafka.create_topic(*TOPICS)
    ebb_on.use(start_world())
    ebb_on.env["SQS_QUEUES"] = QUEUE
    says(ebb_on.run("relay"), MISSING, f"SQS queue {QUEUE}: ")
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}
    says(ebb_on.run("relay", env=nobody), MISSING, "no AWS credentials")
    says(ebb_on.run("relay", env={"AWS_ACCESS_KEY_ID": "AKIANOBODY"}), MISSING, f"SQS queue {QUEUE}: ")


# ---------------------------------------------------------------- beside a fleet


class Follower:
    """A command that takes its time, in a thread of its own."""

    def __init__(self, ebb, *arguments):
        self.done = None
        self._thread = threading.Thread(target=self._run, args=(ebb, arguments))
        self._thread.start()

    def _run(self, ebb, arguments):
        self.done = ebb.run(*arguments, timeout_s=FOLLOW_TIMEOUT_S)

    def end(self):
        self._thread.join(FOLLOW_TIMEOUT_S)
        assert self.done, "the command did not end"
        return self.done


def test_an_operators_drain_from_request_to_timeline(make_fleet, ebb):
    """All roles in one process, with its page and its lines for CloudWatch."""
    fleet = make_fleet({"calls": 3}, arrivalsPerHour=7200, sessionMean="2s")
    port = paths.free_port()
    ebb.env.update({"EBB_METRICS_LISTEN": f"127.0.0.1:{port}", "EBB_EMF": "true"})
    (process,) = fleet.start("run")
    fleet.wait_for(lambda: get(f"http://127.0.0.1:{port}/ready")[0] == 200, 20, "the page to say ready")
    chosen = sorted(fleet.running("calls"), key=lambda t: t["startedAt"])[0]
    fleet.wait_for(lambda: all(t.get("sessions") for t in fleet.running("calls")), 30, "sessions on every task")
    follower = Follower(ebb, "drain", chosen["arn"], "--by", "the test", "--wait")
    fleet.wait_for(lambda: "DRAINING" in fleet.states(), 40, "the drain to be under way")
    document = answer(ebb.run("status", "--json"))
    assert document["stateIsWhole"] and document["timersAreLed"] and document["timersLeader"]
    shown = text(ebb.run("status", "demo/calls"))
    assert "state:   whole" in shown and "led by" in shown
    done = follower.end()
    said = text(done)
    (drain,) = fleet.drains("calls")
    assert f"asked for a drain of demo/calls, task {chosen['arn']}" in said and "asked by the test" in said
    for words in ("select  done claimed", "remove  done removed", "drain   done drained", "SCALED_OUT, "):
        assert words in said
    assert drain["state"] == "SCALED_OUT" and drain["taskArn"] == chosen["arn"] and drain["trigger"] == "the test"
    assert fleet.service("calls").get("cut", 0) == 0

    check_shows(ebb, drain)
    check_page(port)
    check_lines(process, drain)
    process.stop()
    check_roles(process)
    assert_no_secret(ebb)


def check_shows(ebb, drain):
    """What is shown of a drain that has ended."""
    task_id = drain["taskArn"].split("/")[-1]
    for name in (drain["drainId"], drain["taskArn"], task_id, drain["drainId"][:8], task_id[:8]):
        document = answer(ebb.run("timeline", name, "--json"))
        assert document["drain"]["drainId"] == drain["drainId"] and document["drain"]["state"] == "SCALED_OUT"
        times = [n["time"] for n in document["looks"]]
        assert times == sorted(times) and len(times) >= 5
        assert {n["stage"] for n in document["looks"]} == {"select", "remove", "drain", "scale"}
        effects = [s["effect"] for n in document["looks"] for s in n["steps"]]
        assert effects.index("claim") < effects.index("exclude") < effects.index("start") < effects.index("lower")
    shown = text(ebb.run("timeline", drain["drainId"]))
    assert f"drain {drain['drainId']}  SCALED_OUT  (scaled_out)\n" in shown
    for words in ("claimedAt", "unprotectedAt", "finishedAt", "read_limits", "exclude", "comment_out_ip"):
        assert words in shown
    assert re.search(r"\+[0-9.]+ (ms|s) +lower +[0-9]+ ms +ok", shown), shown
    assert "`--n 200` more looks" in text(ebb.run("why", "demo/calls", "--n", "2"))
    shown = text(ebb.run("why", "demo/calls", "--n", "200"))
    assert "more looks" not in shown
    assert "select  done claimed" in shown and drain["drainId"] in shown and drain["cause"] in shown
    document = answer(ebb.run("why", "calls", "--json", "--n", "2"))
    assert len(document["looks"]) == 2 and document["looks"][0]["time"] >= document["looks"][1]["time"]
    (service,) = answer(ebb.run("status", "calls", "--json"))["services"]
    assert service["drains"] == [] and service["lastLook"]["verdict"] == "done"
    assert "no open drain" in text(ebb.run("status"))


def check_roles(process):
    """Each line of the log is of the role that wrote it; what the whole process does is of the command."""
    lines = [json.loads(line) for line in process.lines() if line.startswith('{"time"')]
    assert sorted(n["role"] for n in lines if n["event"] == "role_started") == sorted(ROLES)
    assert [n["role"] for n in lines if n["event"] in ("ready", "stopped")] == ["run", "run"]
    assert {n["role"] for n in lines if n["event"] == "verdict"} == {*STAGES}


def check_page(port):
    status, page = get(f"http://127.0.0.1:{port}/metrics")
    assert status == 200
    assert 'ebb_looks_total{stage="select",verdict="done",reason="claimed"} 1' in page
    assert 'ebb_effects_total{stage="drain",effect="start",outcome="ok"} 1' in page
    for role in ROLES:
        assert f'ebb_role_ready{{role="{role}"}} 1' in page
    assert 'ebb_consumer_assigned_partitions{role="select"} 6' in page
    assert get(f"http://127.0.0.1:{port}/ready") == (200, "ready\n")


def check_lines(process, drain):
    found = [metric for line in emf.lines(process.output()) for metric in emf.check(line)]
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/demo/calls"
    for metric in ("DrainingCount", "DrainStarted", "ScaleOutCompleted"):
        assert [(v, d) for m, v, d in found if m == metric] == [(1, [{"ServiceArn": arn}])], (metric, found)
    started = json.loads(next(line for line in emf.lines(process.output()) if '"DrainStarted":' in line))
    assert started["TaskArn"] == drain["taskArn"] and started["DrainId"] == drain["drainId"]


def assert_no_secret(ebb):
    for secret in (CALLBACK_SECRET, EBB_SECRET):
        assert secret not in ebb.outputs()


def test_dry_run_reads_and_touches_nothing(make_fleet, ebb):
    fleet = make_fleet({"calls": 2}, settings={"mode": "observe"}, arrivalsPerHour=0)
    # Nothing can be decided before state is whole.
    undecided = answer(ebb.run("drain", "demo/calls", "--dry-run", "--json"), MISSING)
    assert undecided["decision"]["reason"] == "state_lost" and undecided["isDryRun"]
    fleet.start("timers")
    # The service was never looked at: ECS says which one the short name is.
    document = answer(ebb.run("drain", "demo/calls", "--dry-run", "--json"))
    newest = max(fleet.running("calls"), key=lambda t: t["startedAt"])
    assert document["service"] == fleet.key("calls")
    assert (document["decision"]["verdict"], document["decision"]["reason"]) == ("would", "claimed")
    assert [s["effect"] for s in document["decision"]["steps"]] == [
        "read_limits", "read_service", "read_floor", "read_tasks",
    ]  # fmt: skip
    shown = text(ebb.run("drain", newest["arn"], "--dry-run"))
    assert "would drain: a drain of" in shown and newest["arn"] in shown and "mode observe" in shown
    short = answer(ebb.run("drain", newest["id"][:8], "--service", "demo/calls", "--dry-run", "--json"))
    assert short["task"] == newest["arn"] == short["decision"]["taskArn"]
    fleet.set_minimum("calls", 2)
    refused = ebb.run("drain", "demo/calls", "--dry-run")
    assert refused.returncode == FAILED and "at_min_capacity" in refused.stdout and "(2, limit 2)" in refused.stdout
    assert fleet.drains() == [] and fleet.kafka.consume_all("ebb.select") == [] and fleet.verdicts() == []
    assert fleet.lowered("calls") == [] and fleet.excluded() == set()


def test_what_a_drain_may_be_asked_of(make_fleet, ebb):
    fleet = make_fleet({"calls": 2}, arrivalsPerHour=0)
    unknown = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/demo/00000000000000000000000000000000"
    says(ebb.run("drain", unknown), NOTHING, "ECS knows no task")
    for word in ("0" * 32, "0123abcd"):
        says(ebb.run("drain", word), FAILED, f"'{word}' looks like a task's id", "--service")
    says(ebb.run("drain", "demo/nobody"), NOTHING, "ECS knows no service demo/nobody in us-east-1")
    client = fleet.world.client("ecs")
    alone = client.run_task(cluster="demo", taskDefinition="calls")["tasks"][0]["taskArn"]
    says(ebb.run("drain", alone), FAILED, "belongs to no service")
    fleet.world.client("ecs").stop_task(cluster="demo", task=alone)


def test_refused_requests_end_with_the_reason(make_fleet, ebb):
    fleet = make_fleet({"calls": 1}, arrivalsPerHour=0)
    fleet.start("timers", "select")
    refused = answer(ebb.run("drain", "demo/calls", "--wait", "--json", timeout_s=60), FAILED)
    assert refused["decision"]["reason"] == "at_min_capacity" and refused["cause"].startswith("operator-")
    assert refused["decision"]["cause"] == refused["cause"] and "drain" not in refused
    (task,) = fleet.running("calls")
    gone = ebb.run("drain", "f" * 32, "--service", "calls", "--wait", timeout_s=60)
    assert gone.returncode == FAILED and "refused at_min_capacity" in gone.stdout
    # Nobody removes: the end is not seen in time.
    fleet.set_minimum("calls", 0)
    late = ebb.run("drain", task["id"], "--service", "demo/calls", "--wait", "--timeout", "2s", timeout_s=60)
    assert late.returncode == FAILED and "--timeout" in late.stderr
    (open_one,) = answer(ebb.run("status", "--json"))["services"][0]["drains"]
    assert open_one["drain"]["state"] == "CLAIMED" and open_one["publicState"] == "RUNNING"
    shown = text(ebb.run("status", "calls"))
    assert re.search(rf"CLAIMED +{task['id']} +{open_one['drain']['drainId']}", shown), shown
    found = answer(ebb.run("timeline", task["id"], "--json"))
    assert found["drain"]["drainId"] == open_one["drain"]["drainId"]


def test_observe_mode_is_said_of_a_request(make_fleet, ebb):
    fleet = make_fleet({"calls": 2}, settings={"mode": "observe"}, arrivalsPerHour=0)
    fleet.start("timers", "select")
    done = ebb.run("drain", "demo/calls", "--wait", timeout_s=FOLLOW_TIMEOUT_S)
    assert done.returncode == FAILED, done.stderr
    assert "mode observe: Ebb records what it would do and touches nothing\n" in done.stdout
    assert re.search("would drain: a drain of .* would begin", done.stdout) and "was begun" not in done.stdout
    shown = text(ebb.run("why", "demo/calls"))
    assert "would drain: a drain of" in shown and "was begun" not in shown and "more looks" not in shown
    assert fleet.drains() == []


def test_an_undone_drain_is_no_success(make_fleet, ebb):
    fleet = make_fleet({"calls": 2}, startStatus=409, arrivalsPerHour=0)
    fleet.start("run")
    done = ebb.run("drain", "demo/calls", "--wait", timeout_s=FOLLOW_TIMEOUT_S)
    assert done.returncode == FAILED and "RESTORED, " in done.stdout, done.stdout
    (drain,) = fleet.drains()
    assert drain["state"] == "RESTORED" and drain["reason"] == "asterisk_failed"
    assert "RESTORED  (asterisk_failed)" in text(ebb.run("timeline", drain["drainId"]))
