# SPDX-License-Identifier: Apache-2.0
"""A fleet: services with stateful tasks in the world, alarms that become events, and Ebb's roles around
them, on whatever broker and Redis it is given. What tests ask is what an operator would notice."""

import contextlib
import datetime
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid

import msgpack

from . import aws_clients, paths, processes
from .ebb import Ebb
from .waiting import wait_for
from .world import World

REGION, ACCOUNT = aws_clients.REGION, aws_clients.ACCOUNT
CLUSTER = "demo"
QUEUE = "ebb-events"
DISTRIBUTOR = "kamailio"
TOPICS = ["ebb.select", "ebb.remove", "ebb.drain", "ebb.scale", "ebb.dead", "ebb.history", "ebb.state"]
# Words that no log may ever hold.
CALLBACK_SECRET = "testsCALLBACKsecretThatNoLogMayHold"
EBB_KEY_ID = "AKIAEBBONLYWHATITNEEDS"
EBB_SECRET = "testsEBBawsSecretThatNoLogMayEverHold"
PRODUCERS = ("timers", "callback", "relay")
STAGES = ("select", "remove", "drain", "scale")
ROLES = (*PRODUCERS, *STAGES)

CONFIGURATION = """\
sqs:
  queues: [{queue}]
  receivers: 1
alarms:
  poll: {alarm_poll}
run:
  handlers: {handlers}
services:
"""

ENTRY = """\
  - match: "{cluster}/{match}"
    mode: {mode}
    cooldown: {cooldown}
    drainsPerHour: {drains_per_hour}
    drainsAtOnce: {drains_at_once}
    drainTimeout: {drain_timeout}
    minTasks: {min_tasks}
    statusPoll: {status_poll}
    onDeadline: {on_deadline}
    attempts: {attempts}
    victim: {victim}
    alarms: {alarms}
    cancelWhenOk: {cancel_when_ok}
    distributor:
      function: {function}
      invocation: {invocation}
      lateEffect: {late_effect}
    task:
      port: {task_port}
      timeout: {task_timeout}
"""

SETTINGS = {
    "mode": "act",
    "cooldown": "0s",
    "drains_per_hour": 100,
    "drains_at_once": 1,
    "drain_timeout": "60s",
    "min_tasks": -1,
    "status_poll": "1s",
    "on_deadline": "finish",
    "attempts": 3,
    "victim": "newest",
    "alarms": "[]",
    "cancel_when_ok": "false",
    # An alarm that a test leaves in ALARM would ask again in the middle of it.
    "alarm_poll": "0s",
    "function": DISTRIBUTOR,
    "invocation": "RequestResponse",
    "late_effect": "1s",
    "task_timeout": "3s",
    "handlers": 4,
}


def needed_actions():
    """The actions of docs/iam-policy.json."""
    policy = json.loads((paths.PROJECT / "docs" / "iam-policy.json").read_text(encoding="utf-8"))
    return [action for statement in policy["Statement"] for action in statement["Action"]]


class Fleet:
    def __init__(
        self, ebb, start_world, kafka, redis_server, services, minimum=1, settings=None, functions=(), partitions=6,
        region=None, settle_s=30, **application,
    ):  # fmt: skip
        """services: name -> number of tasks, or a dict with "tasks" and what is this service's own: "settings" (of
        its entry in ebb.yaml), "application", "create" (CreateService's input), "minimum" (None: no scalable target).
        application: options of the simulated tasks (world/region/tasks.h). functions: others than the distributor.
        region: further options of the region. settle_s: how long all tasks may take to run."""
        self.ebb = ebb
        self.kafka = kafka
        self.redis_server = redis_server
        self.redis = redis_server.client()
        self.raw_redis = redis_server.client(decode_responses=False)
        self.own = {name: {"tasks": own} if isinstance(own, int) else own for name, own in services.items()}
        self.services = {name: own["tasks"] for name, own in self.own.items()}
        self.callback_port = paths.free_port()
        scenario = ebb.write("scenario.json", json.dumps(self._scenario(minimum, functions, region, application)))
        self.world = start_world("--scenario", scenario)
        if hasattr(kafka, "create_topic"):
            kafka.create_topic(*TOPICS, partitions=partitions)
        self.ebb.use(self.world, kafka, redis_server)
        self.ebb.env.update(self.world.env(access_key_id=EBB_KEY_ID, secret=EBB_SECRET))
        self.ebb.env["EBB_CALLBACK_SECRET"] = CALLBACK_SECRET
        self.ebb.env["EBB_CALLBACK_LISTEN"] = f"127.0.0.1:{self.callback_port}"
        self.ebb.env["SCALER_FUNCTION_URL"] = f"http://127.0.0.1:{self.callback_port}/"
        self.configure(**(settings or {}))
        self.wait_for(lambda: not self.unsettled(), settle_s, "all tasks to run")
        # Boxes are empty of what starting looked like: only what a test asks for is in the queue.
        self.roles = []

    def _scenario(self, minimum, functions, region, application):
        keys = list(self.services)
        floors = {k: own.get("minimum", minimum) for k, own in self.own.items()}
        defaults = {"cluster": CLUSTER, "distributor": DISTRIBUTOR, "start": "200ms", "stop": "200ms", "capacity": 10}
        return {
            "region": {"schedulerDelay": "50ms", "throttlingOff": True, "addressFirst": "127.10.0.10", **(region or {})},
            "clusters": [{"clusterName": CLUSTER}],
            "taskDefinitions": [{"family": "calls", "containerDefinitions": [{"name": "app", "image": "calls:1"}]}],
            "functions": [{"name": DISTRIBUTOR}, *functions],
            # Ebb may do what the documents say it needs, and nothing else.
            "keys": [{"accessKeyId": EBB_KEY_ID, "secretAccessKey": EBB_SECRET, "allow": needed_actions()}],
            "applications": [
                {"service": k, **defaults, **application, **own.get("application", {})} for k, own in self.own.items()
            ],
            "services": [
                {
                    "cluster": CLUSTER, "serviceName": k, "taskDefinition": "calls", "desiredCount": own["tasks"],
                    **own.get("create", {}),
                }
                for k, own in self.own.items()
            ],
            "scalableTargets": [
                {
                    "ServiceNamespace": "ecs",
                    "ResourceId": f"service/{CLUSTER}/{k}",
                    "ScalableDimension": "ecs:service:DesiredCount",
                    "MinCapacity": floor,
                    "MaxCapacity": 1000,
                }
                for k, floor in floors.items()
                if floor is not None
            ],
            "queues": [{"QueueName": QUEUE}],
            "rules": [
                {"Name": "alarms", "EventPattern": json.dumps({"detail-type": ["CloudWatch Alarm State Change"]})}
            ],
            "targets": [{"Rule": "alarms", "Targets": [{"Id": "1", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"}]}],
            "alarms": [
                {
                    "AlarmName": f"{k}-idle",
                    "Namespace": "AWS/ECS",
                    "MetricName": "CPUUtilization",
                    "Dimensions": [{"Name": "ClusterName", "Value": CLUSTER}, {"Name": "ServiceName", "Value": k}],
                    "Statistic": "Average",
                    # So long that the world itself never changes it within a test: only set_alarm does.
                    "Period": 86400,
                    "EvaluationPeriods": 1,
                    "Threshold": 30,
                    "ComparisonOperator": "LessThanOrEqualToThreshold",
                }
                for k in keys
            ],
        }

    # ---------------------------------------------------------------- Ebb

    def configure(self, **changes):
        values = {**SETTINGS, "queue": QUEUE, "cluster": CLUSTER, "task_port": self.world.task_port, **changes}
        own = {name: own["settings"] for name, own in self.own.items() if "settings" in own}
        entries = [ENTRY.format(**{**values, **changed, "match": name}) for name, changed in own.items()]
        entries.append(ENTRY.format(**values, match="*"))
        self.ebb.env["EBB_CONFIG"] = str(self.ebb.write("ebb.yaml", CONFIGURATION.format(**values) + "".join(entries)))

    def start(self, *roles):
        """Each role is a process of its own; without names, all there are. "run" is all of them in one process."""
        begun = [self._begin(role) for role in roles or ROLES]
        for process in begun:
            process.wait_for_output(r'"event":"ready"', timeout_s=30)
        self.wait_for(self.is_whole, 20, "the epoch to begin")
        return begun

    def is_whole(self):
        """While a merge is under way the epoch is the merge's; then it is that run of Redis."""
        return self.redis.get("{ebb}:epoch") == self.redis.info("server")["run_id"]

    def _begin(self, role):
        words = ["work", role] if role in STAGES else [role]
        process = self.ebb.start(*words, name=f"ebb-{role}")
        process.role = role
        self.roles.append(process)
        return process

    def start_again(self, process):
        """Another of the same role, in place of one that died."""
        self.roles.remove(process)
        return self._begin(process.role)

    def pause_randomly(self, chance, seconds):
        time.sleep(chance.uniform(0, seconds))  # rule 37: the moment of a kill is the test's input, not its patience

    # ---------------------------------------------------------------- what happens

    def idle(self, service, state="ALARM"):
        """The service's alarm changes, as if its load had: EventBridge, SQS and all that follows."""
        self.world.client("cloudwatch").set_alarm_state(
            AlarmName=f"{service}-idle", StateValue=state, StateReason="the test says so"
        )

    def event(self, service, event_id=None):
        """An event as EventBridge would put it into the queue: a new id each time."""
        event_id = event_id or str(uuid.uuid4())
        now = datetime.datetime.now(datetime.timezone.utc)
        name = f"{service}-idle"
        return json.dumps(
            {
                "version": "0",
                "id": event_id,
                "detail-type": "CloudWatch Alarm State Change",
                "source": "aws.cloudwatch",
                "account": ACCOUNT,
                "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "region": REGION,
                "resources": [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"],
                "detail": {
                    "alarmName": name,
                    "configuration": {
                        "metrics": [
                            {
                                "id": "m1",
                                "metricStat": {
                                    "metric": {
                                        "namespace": "AWS/ECS",
                                        "name": "CPUUtilization",
                                        "dimensions": {"ClusterName": CLUSTER, "ServiceName": service},
                                    },
                                    "period": 60,
                                    "stat": "Average",
                                },
                                "returnData": True,
                            }
                        ]
                    },
                    "previousState": {"value": "OK", "reason": "", "timestamp": "2026-01-01T00:00:00.000+0000"},
                    "state": {"value": "ALARM", "reason": "", "timestamp": "2026-01-01T00:00:00.000+0000"},
                },
            }
        )

    def send(self, body):
        """A body into the queue, by boto3."""
        sqs = self.world.client("sqs")
        return sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"], MessageBody=body)

    def set_minimum(self, service, minimum):
        self.world.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs", ResourceId=f"service/{CLUSTER}/{service}",
            ScalableDimension="ecs:service:DesiredCount", MinCapacity=minimum, MaxCapacity=1000,
        )  # fmt: skip

    def token(self, drain_id, task_arn):
        """As docs/task-contract.md defines it, in another language than ours."""
        text = b"token\0" + drain_id.encode() + b"\0" + task_arn.encode()
        return hmac.new(CALLBACK_SECRET.encode(), text, hashlib.sha256).hexdigest()

    def call_back(self, drain_id, task_arn, token=None):
        """What a task does when it is empty: status and body of the answer."""
        request = urllib.request.Request(
            self.ebb.env["SCALER_FUNCTION_URL"],
            data=json.dumps({"taskArn": task_arn, "drainId": drain_id}).encode(),
            headers={"Authorization": f"Bearer {token or self.token(drain_id, task_arn)}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def role(self, name):
        """The running process of a role."""
        return next(p for p in self.roles if p.role == name and p.is_running)

    def end_role(self, name):
        process = self.role(name)
        self.roles.remove(process)
        process.stop()

    def application(self, service, **options):
        """Changes how the tasks of a service behave from now on."""
        self.world.control("POST", "/world/applications", {"cluster": CLUSTER, "service": service, **options})

    def fault(self, operation, effect, **options):
        self.world.control("POST", "/world/faults", {"operation": operation, "effect": effect, **options})

    def no_faults(self):
        self.world.control("DELETE", "/world/faults")

    def set_desired(self, service, desired):
        """As another actor than Ebb: a person, a pipeline, a native scaling policy."""
        self.world.control("POST", "/world/desired", {"service": f"{CLUSTER}/{service}", "desired": desired})

    def add_sessions(self, service, count, duration=None):
        """On each of its tasks; without a duration they last until end_sessions."""
        for task in self.running(service):
            body = {"add": count, **({"duration": duration} if duration else {})}
            self.world.control("POST", f"/world/task/{task['id']}/sessions", body)

    def end_sessions(self, task_arn):
        self.world.control("POST", f"/world/task/{task_arn.split('/')[-1]}/sessions", {"end": 0})

    def kill(self, task_arn):
        """The task's process dies by itself."""
        self.world.control("POST", f"/world/task/{task_arn.split('/')[-1]}/kill", {})

    def load(self, service, rate_per_hour, duration):
        self.world.control(
            "POST", "/world/load", {"service": f"{CLUSTER}/{service}", "rate": rate_per_hour, "duration": duration}
        )

    # ---------------------------------------------------------------- what is seen

    def service(self, name):
        return {s["key"]: s for s in self.world.snapshot()["services"]}[f"{CLUSTER}/{name}"]

    def key(self, name):
        return f"aws:{REGION}:{ACCOUNT}:{CLUSTER}/{name}"

    def running(self, name):
        tasks = self.service(name).get("tasks", [])
        return [t for t in tasks if t["lastStatus"] == "RUNNING" and t["desiredStatus"] == "RUNNING"]

    def unsettled(self):
        """Services that do not run as many tasks as they were made with."""
        running = {s["key"]: s.get("running", 0) for s in self.world.snapshot()["services"]}
        return [name for name, tasks in self.services.items() if running.get(f"{CLUSTER}/{name}") != tasks]

    def wait_for(self, condition, timeout_s=30, what="the condition"):
        return wait_for(condition, timeout_s, what, self.describe)

    def wait_for_running(self, name, count, timeout_s=30):
        return self.wait_for(lambda: len(self.running(name)) == count, timeout_s, f"{count} running tasks of {name}")

    def drains(self, service=None):
        """All drains Redis knows, oldest first."""
        found = []
        for key in self.redis.scan_iter("{ebb}:drain:*"):
            record = self.raw_redis.hget(key, "record")
            if record:
                found.append(msgpack.unpackb(record, raw=False))
        if service:
            found = [d for d in found if d["service"] == self.key(service)]
        return sorted(found, key=lambda d: d["claimedAt"])

    def patch(self, drain_id, **changes):
        """Changes a drain's record in Redis, as if something had happened at another time."""
        key = f"{{ebb}}:drain:{drain_id}"
        record = msgpack.unpackb(self.raw_redis.hget(key, "record"), raw=False)
        record.update(changes, version=record["version"] + 1)
        self.redis.hset(key, mapping={"version": record["version"], "record": msgpack.packb(record)})

    def states(self, service=None):
        return [d["state"] for d in self.drains(service)]

    def wait_for_states(self, states, service=None, timeout_s=40):
        return self.wait_for(lambda: self.states(service) == list(states), timeout_s, f"drains {states}") and self.drains(
            service
        )

    def wait_for_drain(self, service, *states, timeout_s=40):
        """The service's latest drain, once it is in one of these states."""

        def look():
            found = self.drains(service)
            return found[-1] if found and found[-1]["state"] in states else None

        return self.wait_for(look, timeout_s, f"{service}'s drain to be {' or '.join(states)}")

    def excluded(self):
        """Addresses that some distributor sends nothing to."""
        return {line.split()[1] for line in self.world.snapshot().get("excluded", [])}

    def log(self, **query):
        """The world's own record of who called what."""
        words = "&".join(f"{k}={v}" for k, v in {"limit": 100000, **query}.items())
        return self.world.control("GET", f"/world/log?{words}").get("entries", [])

    def lowered(self, name):
        """The UpdateService calls that were made for the service: (before, after) of each that took effect."""
        changes = self.log(kind="desired", service=f"{CLUSTER}/{name}")
        return [(e.get("before", 0), e.get("after", 0)) for e in changes if e.get("before", 0) > e.get("after", 0)]

    def stopped(self, name):
        """Tasks that stopped, oldest first: (ARN, cause)."""
        entries = self.log(kind="task_stopping", service=f"{CLUSTER}/{name}")
        return [(e["subject"], e.get("cause")) for e in entries]

    def verdicts(self):
        return [msgpack.unpackb(m.value) for m in self.kafka.consume_all("ebb.history")]

    def wait_for_history(self, condition, count=1, timeout_s=30):
        """Verdicts for which the condition holds, once there are so many."""

        def look():
            found = [v for v in self.verdicts() if condition(v)]
            return found if len(found) >= count else None

        return self.wait_for(look, timeout_s, f"{count} such verdicts")

    def dead_letters(self):
        return [msgpack.unpackb(m.value) for m in self.kafka.consume_all("ebb.dead")]

    def describe(self):
        lines = [json.dumps(d) for d in self.drains()]
        for name in self.services:
            s = self.service(name)
            tasks = [f"{t['id'][:8]} {t['lastStatus']} {t.get('sessions', 0)}" for t in s.get("tasks", [])]
            lines.append(f"{name}: desired {s.get('desired')} {tasks} cut {s.get('cut', 0)}")
        return "\n".join(lines[-60:]) + "\n" + self.ebb.processes.tails()


@contextlib.contextmanager
def shared_fleet(folder, kafka, redis_server, services, **options):
    """A fleet for a whole test file, on the session's broker and Redis, empty at its beginning."""
    kafka.clear()
    redis_server.clear()
    found = processes.Processes(folder)
    try:
        yield Fleet(Ebb(found), lambda *words: World(found, words), kafka, redis_server, services, **options)
    finally:
        found.end()
