# SPDX-License-Identifier: Apache-2.0
"""Goal: `ebb verify-aws` proves what docs/assumptions.md says of AWS, says exactly what does not hold where something does
not, and leaves nothing behind. Method: worlds whose time runs fast, one sound and one for each departure from
what AWS says; a world that is killed out of; another region's maker for what is made and removed."""

import concurrent.futures
import json
import re
import signal
import time

import pytest
from support import paths
from support.ebb import Ebb
from support.processes import Processes
from support.refusals import EXIT
from support.waiting import wait_for
from support.world import World

SPEED = 60
RUN_TIMEOUT_S = 240
KEY_ID, SECRET = "AKIAVERIFYONLYWHATITNEEDS", "testsVERIFYawsSecretThatNoLogMayEverHold"
EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_MISSING, EXIT_BROKEN = (EXIT[n] for n in ("OK", "FAILED", "USAGE", "MISSING", "BROKEN"))
SUBNETS = ("--subnets", "subnet-0123456789abcdef0")
SCENARIO = {
    "region": {"schedulerDelay": "1s", "taskStart": "6s", "taskStop": "8s", "throttlingOff": True},
    "keys": [],
}


def allowed():
    policy = json.loads((paths.PROJECT / "docs" / "iam-policy-verify.json").read_text(encoding="utf-8"))
    return [action for statement in policy["Statement"] for action in statement["Action"]]


class Account:
    """A world whose time runs fast, and verify-aws in it."""

    def __init__(self, folder, region=None, **scenario):
        folder.mkdir(parents=True, exist_ok=True)
        self.processes = Processes(folder)
        self.ebb = Ebb(self.processes)
        # It may do what the document says it needs, and nothing else.
        keys = [{"accessKeyId": KEY_ID, "secretAccessKey": SECRET, "allow": allowed()}]
        whole = {**SCENARIO, "region": {**SCENARIO["region"], **(region or {})}, "keys": keys, **scenario}
        path = self.ebb.write("scenario.json", json.dumps(whole))
        self.world = World(self.processes, ["--scenario", path, "--speed", SPEED])
        self.ebb.env.update(self.world.env(access_key_id=KEY_ID, secret=SECRET))

    def clock(self):
        """Where the world's time is, for who is to go with it."""
        theirs = self.world.control("GET", "/world/time")["nowMs"]
        return f"{SPEED},{theirs},{int(time.time() * 1000)}"

    def run(self, *words, timeout_s=RUN_TIMEOUT_S):
        return self.ebb.run(
            "verify-aws", "--yes", "--json", *SUBNETS, "--simulated-clock", self.clock(), *words, timeout_s=timeout_s
        )

    def start(self, *words):
        return self.ebb.start("verify-aws", "--yes", *SUBNETS, "--simulated-clock", self.clock(), *words)

    def left(self):
        """What ECS still has of it."""
        ecs = self.world.client("ecs")
        return {
            "clusters": [a for a in ecs.list_clusters()["clusterArns"] if "ebb-verify" in a],
            "definitions": ecs.list_task_definitions(familyPrefix="ebb-verify-throwaway")["taskDefinitionArns"],
            "running": self.world.snapshot().get("tasksRunning", 0),
        }


NOTHING = {"clusters": [], "definitions": [], "running": 0}


def ends(done):
    """id -> proven, broken or not checked."""
    return {r["id"]: r["result"] for r in json.loads(done.stdout)["results"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("verify")


@pytest.fixture
def account(tmp_path):
    found = Account(tmp_path)
    yield found
    found.processes.end()


# What each departure of the world makes untrue; more than one where the one follows from the other.
DEPARTURES = {
    "list_leaves_one_out": {"A1"},
    "list_ends_after_a_page": {"A1"},
    "missing_tasks_are_dropped": {"A2"},
    "tasks_have_no_address": {"A3"},
    "tasks_have_no_start_time": {"A4"},
    "protection_ignores_one": {"A6"},
    "protection_is_shortened": {"A7"},
    "protection_keeps_its_expiry": {"A8"},
    "batch_is_all_or_nothing": {"A9"},
    "scale_in_stops_one_more": {"A10"},
    "scale_in_starts_late": {"A11"},
    "count_begins_deployment": {"A12"},
    "count_is_shown_late": {"A13"},
    "stopping_tasks_stay_wanted": {"A14"},
    # Where protected tasks are taken first, the unprotected ones are not those that stop.
    "scale_in_ignores_protection": {"A10", "A15"},
    "held_back_scale_in_is_forgotten": {"A16"},
    "unprotecting_is_refused": {"A17"},
    "blocked_protection_is_an_error": {"A18"},
    "expired_protection_holds": {"A19"},
    "stop_task_honours_protection": {"A20"},
    "stopped_tasks_are_not_replaced": {"A21"},
    "stop_codes_are_missing": {"A22"},
    "deployment_ignores_protection": {"A23"},
    "older_deployments_are_hidden": {"A24"},
    "stopped_tasks_are_forgotten": {"A25"},
    "deleted_services_stay_active": {"A26"},
}
# What cannot be looked at then, because what it needs does not hold.
NOT_CHECKED = {
    "list_leaves_one_out": {f"A{i}" for i in range(6, 27)},
    "scale_in_ignores_protection": {"A11", "A16", "A17", "A18", "A19"},
    "unprotecting_is_refused": {"A16"},
    "stop_task_honours_protection": {"A21", "A22"},
    "deployment_ignores_protection": {"A24"},
}
AT_ONCE = 6


def verify(folder, name, departures, **scenario):
    """One run in a world of its own: what it said, and what was left."""
    account = Account(folder / name, departures=departures, **scenario)
    try:
        return account.run(), account.left()
    finally:
        account.processes.end()


@pytest.fixture(scope="module")
def runs(folder):
    """Every world at once, as many as the machine takes; each test looks at its own."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        started = {name: pool.submit(verify, folder, name, [name]) for name in DEPARTURES}
        started["sound"] = pool.submit(verify, folder, "sound", [])
        yield started


def test_a_sound_region_is_proven(runs):
    done, left = runs["sound"].result()
    assert done.returncode == EXIT_OK, done.stderr
    document = json.loads(done.stdout)
    assert set(ends(done).values()) == {"proven"}, done.stderr
    assert (document["proven"], document["broken"], document["notChecked"]) == (len(document["results"]), 0, 0)
    assert left == NOTHING
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("departure", DEPARTURES)
def test_what_does_not_hold_is_named(runs, departure):
    done, left = runs[departure].result()
    found = ends(done)
    assert done.returncode == EXIT_BROKEN, done.stderr
    assert {i for i, end in found.items() if end == "broken"} == DEPARTURES[departure], done.stderr
    assert {i for i, end in found.items() if end == "not checked"} == NOT_CHECKED.get(departure, set()), done.stderr
    assert left == NOTHING, done.stderr


def test_every_departure_is_tried_and_every_assumption_has_one(runs):
    header = (paths.PROJECT / "world" / "region" / "departures.h").read_text(encoding="utf-8")
    assert set(re.findall(r'X\(\w+, "(\w+)"', header)) == set(DEPARTURES)
    done, _ = runs["sound"].result()
    # A5 is about a clock and has a test of its own.
    assert set().union(*DEPARTURES.values(), {"A5"}) == set(ends(done))


def test_lag_of_a_second_is_nothing(folder):
    done, left = verify(folder, "lag", [], region={"consistencyDelay": "1s"})
    assert set(ends(done).values()) == {"proven"}, done.stderr
    assert left == NOTHING


def test_a_clock_that_is_off(account):
    clock = account.clock()
    account.world.control("POST", "/world/time", {"advanceMs": 600_000})
    done = account.ebb.run("verify-aws", "--yes", "--json", *SUBNETS, "--simulated-clock", clock, timeout_s=RUN_TIMEOUT_S)
    found = ends(done)
    assert done.returncode == EXIT_BROKEN
    assert {i for i, end in found.items() if end != "proven"} == {"A5"}, done.stderr
    assert "ahead of ours" in done.stdout


def test_without_yes_it_only_says_what_it_would_do(account):
    before = account.world.snapshot()["logHash"]
    done = account.ebb.run("verify-aws", *SUBNETS)
    assert done.returncode == EXIT_OK and not done.stderr
    for words in ("Nothing was done", "ebb-verify-XXXXXXXX of 5 tasks", "busybox", "cents", "docs/iam-policy-verify.json"):
        assert words in done.stdout
    assert set(re.findall(r"ecs:\w+", done.stdout)) == set(allowed())
    assert account.world.snapshot()["logHash"] == before


@pytest.mark.parametrize(
    "words, says",
    [
        ((), "--subnets"),
        (("--launch-type", "EC2"), "--cluster"),
        (("--launch-type", "MOON", *SUBNETS), "FARGATE or EC2"),
        (("--prefix", "a b", *SUBNETS), "--prefix"),
        (("--prefix", "a", *SUBNETS), "--prefix"),
        (("--simulated-clock", "fast", *SUBNETS), "SPEED,THEIRS,OURS"),
        (("now", *SUBNETS), "usage: ebb verify-aws"),
    ],
)
def test_wrong_command_lines(ebb, words, says):
    done = ebb.run("verify-aws", "--yes", *words)
    assert done.returncode == EXIT_USAGE and says in done.stderr and done.stderr.count("\n") == 1


def test_the_policy_is_what_it_calls(folder):
    account = Account(folder / "policy", clusters=[{"clusterName": "games"}])
    try:
        assert account.run().returncode == EXIT_OK
        account.run("--cluster", "games", "--timeout", "3s")
        assert account.ebb.run("verify-aws", "--clean-up").returncode == EXIT_OK
        called = {c["operation"] for c in account.world.snapshot()["calls"] if c["calls"] > c.get("refused", 0)}
        # What is made with tags needs one more right, which is no call of its own.
        assert set(allowed()) - {"ecs:TagResource"} == called
    finally:
        account.processes.end()


def test_a_missing_right_is_told(account):
    key = {"accessKeyId": KEY_ID, "secretAccessKey": SECRET, "allow": [a for a in allowed() if a != "ecs:CreateService"]}
    account.world.control("POST", "/world/keys", key)
    done = account.run()
    assert done.returncode == EXIT_MISSING and "CreateService" in done.stderr.splitlines()[-1]
    assert set(ends(done).values()) == {"not checked"}
    assert account.left() == NOTHING


def made(account):
    return [s for s in account.world.snapshot().get("services", []) if s["running"] == 5]


def test_what_a_killed_run_left_is_removed_by_another(account):
    running = account.start()
    wait_for(lambda: made(account), 20, "the service to be made and started")
    running.signal(signal.SIGKILL)
    running.wait_for_exit()
    assert account.left() != NOTHING
    # Its time is not over: another run may not know that it is dead.
    done = account.run("--timeout", "1s")
    assert "another run may be using it" in done.stderr and done.returncode == EXIT_FAILED
    assert len(json.loads(done.stdout)["left"]) == 1 and made(account)
    done = account.ebb.run("verify-aws", "--clean-up", "--simulated-clock", account.clock())
    assert done.returncode == EXIT_OK and "removing cluster ebb-verify-" in done.stderr, done.stderr
    assert account.left() == NOTHING


def test_what_a_killed_run_left_is_removed_by_the_next_once_its_time_is_over(account):
    running = account.start("--timeout", "2m")
    wait_for(lambda: made(account), 20, "the service to be made and started")
    running.signal(signal.SIGKILL)
    running.wait_for_exit()
    account.world.control("POST", "/world/time", {"advanceMs": 30 * 60_000})
    done = account.run("--timeout", "1s")
    assert "removing cluster ebb-verify-" in done.stderr and not json.loads(done.stdout).get("left"), done.stderr
    assert account.left()["clusters"] == [] and account.left()["running"] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_nothing_is_left(account, number):
    running = account.start()
    wait_for(lambda: made(account), 20, "the service to be made and started")
    running.signal(number)
    assert running.wait_for_exit(30) == EXIT_FAILED
    assert "interrupted" in running.output() and "not checked" in running.output()
    assert account.left() == NOTHING


def test_a_service_that_never_starts_is_given_up_and_removed(folder):
    account = Account(folder / "never", region={"taskStart": "1h"})
    try:
        done = account.run("--timeout", "90s")
        assert done.returncode == EXIT_FAILED and "--timeout gives it more" in done.stdout, done.stderr
        assert ends(done)["A5"] == "proven" and ends(done)["A1"] == "not checked"
        assert account.left() == NOTHING
    finally:
        account.processes.end()


def test_in_a_cluster_that_is_there(folder):
    account = Account(folder / "given", clusters=[{"clusterName": "games"}])
    try:
        done = account.run("--cluster", "games", "--timeout", "20s")
        document = json.loads(done.stdout)
        assert document["cluster"].endswith(":cluster/games") and ends(done)["A1"] == "proven", done.stderr
        assert account.left() == NOTHING
        ecs = account.world.client("ecs")
        assert [a.split("/")[-1] for a in ecs.list_clusters()["clusterArns"]] == ["games"]
        assert ecs.list_services(cluster="games")["serviceArns"] == []
        running = account.start("--cluster", "games")
        wait_for(lambda: made(account), 20, "the service to be made and started")
        running.signal(signal.SIGKILL)
        running.wait_for_exit()
        done = account.ebb.run("verify-aws", "--clean-up", "--cluster", "games", "--simulated-clock", account.clock())
        assert done.returncode == EXIT_OK, done.stderr
        assert account.left() == NOTHING and ecs.list_services(cluster="games")["serviceArns"] == []
        assert "ClusterNotFoundException" in account.run("--cluster", "nowhere").stderr
    finally:
        account.processes.end()


def test_on_instances_without_a_network_of_their_own(folder):
    account = Account(folder / "ec2", clusters=[{"clusterName": "games"}])
    try:
        done = account.ebb.run(
            "verify-aws", "--yes", "--launch-type", "EC2", "--cluster", "games", "--timeout", "20s",
            "--simulated-clock", account.clock(),
        )  # fmt: skip
        assert done.returncode == EXIT_FAILED and account.left() == NOTHING
        # For people: two lines for each.
        found = re.search(r"^A3 +not checked +A running task .*\n +without --subnets tasks have no address$", done.stdout, re.M)
        assert found, done.stdout
        assert re.search(r"^\d+ proven, 0 broken, \d+ not checked$", done.stdout, re.M)
    finally:
        account.processes.end()


def test_what_is_somebody_elses_is_left_alone(account):
    """A name that begins like ours is not enough, nor is a tag."""
    ecs = account.world.client("ecs")
    ecs.create_cluster(clusterName="ebb-verify-mine")
    ecs.create_cluster(clusterName="other", tags=[{"key": "ebb:verify-aws", "value": "x"}])
    # A family whose name is the prefix itself.
    theirs = ecs.register_task_definition(family="ebb-verify", containerDefinitions=[{"name": "web", "image": "web:1"}])
    done = account.ebb.run("verify-aws", "--clean-up")
    assert done.returncode == EXIT_OK
    assert ecs.list_task_definitions(familyPrefix="ebb-verify", status="ACTIVE")["taskDefinitionArns"] == [
        theirs["taskDefinition"]["taskDefinitionArn"]
    ]
    assert {a.split("/")[-1] for a in ecs.list_clusters()["clusterArns"]} == {"ebb-verify-mine", "other"}


def test_what_is_made_and_removed_is_as_others_know_it(moto, ebb):
    """moto starts no tasks, so nothing can be tried there; but it makes and removes."""
    ebb.env.update(moto.env())
    subnet = moto.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    group = moto.client("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]
    done = ebb.run(
        "verify-aws", "--yes", "--json", "--subnets", subnet, "--security-groups", group, "--timeout", "3s", timeout_s=60
    )
    assert done.returncode == EXIT_FAILED, done.stderr
    assert "making service ebb-verify-" in done.stderr and "deregistering" in done.stderr
    ecs = moto.client("ecs")
    arns = ecs.list_clusters()["clusterArns"]
    assert {c["status"] for c in ecs.describe_clusters(clusters=arns)["clusters"]} <= {"INACTIVE"}
    assert ecs.list_task_definitions(familyPrefix="ebb-verify-throwaway", status="ACTIVE")["taskDefinitionArns"] == []
