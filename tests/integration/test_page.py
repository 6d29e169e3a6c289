# SPDX-License-Identifier: Apache-2.0
"""Goal: Prometheus takes our page without a complaint and CloudWatch our lines, and docs/operations.md
and the alerts speak of what there is. Method: a process that has looked with every verdict, reason,
effect and outcome there is; its page judged by promtool, its lines by the rules of the format, the
tables of the document compared with both."""

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

from support import emf, paths
from support.processes import plain_environment
from support.waiting import wait_for

ANSWER_TIMEOUT_S = 10
NAMESPACE = "ECS/SafeScaleIn"
DIMENSIONS = {
    "ScaleInSkipped": ["Reason"],
    "ScaleInErrors": ["Reason"],
    "KamailioInvocationFailures": [],
    "AsteriskDrainStartFailures": [],
    "DrainStarted": ["ServiceArn"],
    "DrainingCount": ["ServiceArn"],
    "ScaleOutCompleted": ["ServiceArn"],
    "ScalerAuthFailures": [],
    "ScalerInvalidState": [],
    "ScalerSkipped": ["Reason"],
    "ScalerErrors": ["Reason"],
    "WrongTaskStopped": ["ServiceArn"],
}


class Page:
    def __init__(self, tmp_path):
        self._said = tmp_path / "said"
        self._lines = tmp_path / "lines"
        with open(self._said, "wb") as said, open(self._lines, "wb") as lines:
            self.process = subprocess.Popen(
                [paths.program("tools/page_tool")], stdin=subprocess.PIPE, stdout=lines, stderr=said,
                env=plain_environment(tmp_path),
            )  # fmt: skip
        self.port = None

    def said(self):
        return self._said.read_text()

    def lines(self):
        return self._lines.read_text()

    def get(self, path):
        """Status, content type and text."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=ANSWER_TIMEOUT_S) as answer:
                return answer.status, answer.headers["content-type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["content-type"], error.read().decode()


@pytest.fixture
def page(tmp_path):
    found = Page(tmp_path)
    try:
        wait_for(lambda: "port " in found.said(), 20, "the page to be served", found.said)
        found.port = int(found.said().split("port ")[1].split()[0])
        yield found
        found.process.stdin.close()
        assert found.process.wait(20) == 0, found.said()
    finally:
        found.process.kill()
        found.process.wait()


def promtool():
    """Debian's, or the one that the tests' dependencies unpack."""
    return shutil.which("promtool", path=f"{paths.DEPENDENCIES}/bin{os.pathsep}{os.environ.get('PATH', '')}")


def test_promtool_has_nothing_to_say(page):
    if not promtool():
        pytest.skip("promtool is not installed (Debian package prometheus)")
    status, kind, text = page.get("/metrics")
    assert status == 200 and kind.startswith("text/plain; version=0.0.4")
    done = subprocess.run([promtool(), "check", "metrics"], input=text, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_sample_has_a_head_and_stands_once(page):
    _, _, text = page.get("/metrics")
    heads, samples = set(), set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name = line.split()[2]
            assert name not in heads, f"{name} begins twice"
            heads.add(name)
        elif not line.startswith("#"):
            series = line.rpartition(" ")[0]
            assert series not in samples, f"{series} stands twice"
            samples.add(series)
            name = series.partition("{")[0]
            base = name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count")
            assert name in heads or base in heads
    for name in ("ebb_looks_total", "ebb_effects_total", "ebb_effect_seconds", "ebb_look_seconds", "ebb_event_to_verdict_seconds",
                 "ebb_build_info", "process_start_time_seconds", "ebb_role_ready", "ebb_consumer_lag_messages"):  # fmt: skip
        assert name in heads
    assert 'ebb_consumer_lag_messages{role="select"} 17' in text
    # What is not known is not said to be a number.
    assert 'ebb_consumer_lag_messages{role="dra' not in text
    assert 'ebb_role_ready{role="dra\\"in\\\\"} 0' in text


def test_probes(page):
    assert page.get("/live")[0] == 200
    status, _, text = page.get("/ready")
    assert status == 503 and text.startswith('dra"in\\: waits for')
    assert page.get("/")[0] == 200
    assert page.get("/nothing")[0] == 404


def test_lines_are_embedded_metrics(page):
    lines = page.lines().splitlines()
    assert lines == emf.lines(page.lines())
    seen = set()
    for line in lines:
        for metric, value, dimensions in emf.check(line):
            assert [sorted(d) for d in dimensions] == [DIMENSIONS[metric]], line
            assert value >= 1
            seen.add(metric)
        directive = json.loads(line)["_aws"]["CloudWatchMetrics"]
        assert [d["Namespace"] for d in directive] == [NAMESPACE]
    assert seen == set(DIMENSIONS)


def operations_table(heading):
    """The cells of the rows under a heading of docs/operations.md, without their backquotes."""
    text = (paths.PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip().replace("`", "") for cell in row] for row in rows]


def test_operations_page_has_the_metrics_of_prometheus(page):
    _, _, text = page.get("/metrics")
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    labels = {name: set() for name in kinds}
    for series, inside in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", text, re.M):
        base = series if series in kinds else re.sub(r"_(bucket|sum|count)$", "", series)
        labels[base] |= set(re.findall(r'(\w+)="', inside)) - {"le"}
    told = {name: (kind, {l.strip() for l in of.split(",")} - {""}) for name, kind, of, _ in operations_table("Metrics for Prometheus")}
    assert told == {name: (kind, labels[name]) for name, kind in kinds.items()}


def test_operations_page_has_the_metrics_of_cloudwatch():
    told = {name: [dimension] if dimension else [] for name, dimension, _ in operations_table("Metrics for CloudWatch")}
    assert told == DIMENSIONS


def test_alerts_are_about_what_there_is(page):
    _, _, text = page.get("/metrics")
    rules = paths.PROJECT / "deploy" / "prometheus" / "ebb.rules.yaml"
    named = set(re.findall(r"\bebb_\w+", rules.read_text(encoding="utf-8")))
    assert named and named <= set(re.findall(r"^# TYPE (\S+)", text, re.M))
    if not promtool():
        pytest.skip("promtool is not installed (Debian package prometheus)")
    done = subprocess.run([promtool(), "check", "rules", rules], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_tasks_and_addresses_are_never_dimensions(page):
    for line in page.lines().splitlines():
        document = json.loads(line)
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for keys in directive["Dimensions"]:
                assert not {"TaskArn", "TargetIP", "DrainId", "Cause"} & set(keys)
