#!/usr/bin/python3
# Hands each format of `seatrial report` to a reader of its own kind, which knows nothing of ours.
#
#   readers.py SEATRIAL FORMAT           of the kept records, and of one with hostile names
#   readers.py SEATRIAL FORMAT --break   spoils what is read: the reader must refuse it
#   readers.py SEATRIAL workflows        the YAML of reports/README.md, and the formats it names
#
# Leaves with 1 and "the reader refuses" where a document is not of its kind, or lost something.
import collections
import csv
import html.parser
import json
import math
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import types

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HOSTILE = "=a<b>&\"'|`*_\\,{}\n$1$ ]]> \ufffe # EOF"


def refuse(why):
    print("the reader refuses: " + str(why))
    sys.exit(1)


def require(holds, why):
    if not holds:
        refuse(why)


def golden(name):
    with open(f"{ROOT}/tests/golden/reports/{name}.run.json", encoding="utf-8") as file:
        return json.load(file)


def hostile():
    record = golden("mock")
    record["scenario"].update(name=HOSTILE, title=HOSTILE)
    record["labels"] = {"commit": HOSTILE, "a.b": "1", "a_b": "2"}
    record["verdict"]["reasons"].append(HOSTILE)
    record["trials"][1].update(variant=HOSTILE)
    record["trials"][1]["reasons"].append(HOSTILE)
    record["variants"][1]["variant"] = HOSTILE
    for part, key in (("workloads", "name"), ("series", "workload")):
        for entry in record["trials"][1][part]:
            entry[key] = HOSTILE
    return record


def repeated(factor):
    """The quickstart three times, its latencies multiplied."""
    record = golden("quickstart")
    record["trials"] *= 3
    record["trials"] = json.loads(json.dumps(record["trials"]))
    for index, trial in enumerate(record["trials"]):
        trial.update(index=index, repeat=index // 2)
        for workload in trial["workloads"]:
            for latency in workload["latency"].values():
                latency["censored"] = 0
                for point in latency["percentiles"]:
                    point["ns"] = int(point["ns"] * factor) + index
    return record


def records():
    named = {name: golden(name) for name in ("quickstart", "partial", "empty", "mock")}
    return {**named, "hostile": hostile(), "again": repeated(1), "slower": repeated(2)}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        refuse(f"{command[0]} says: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def shown(text):
    """What is left of a name: control characters are blanks to us, and readers join blanks."""
    return " ".join(text.split())


# --- one reader for each format: `files` is by the record's name ---


def read_junit(files):
    import junitparser
    for name, path in files.items():
        run("xmllint", "--noout", "--schema", f"{HERE}/junit.xsd", path)
        suites = list(junitparser.JUnitXml.fromfile(path))
        require(len(suites) == 1, "one suite")
        kinds = collections.Counter(
            type(case.result[0]).__name__ if case.result else "Passed" for case in suites[0])
        require(sum(kinds.values()) == suites[0].tests, f"{name}: as many cases as counted")
        require(kinds["Failure"] == suites[0].failures and kinds["Error"] == suites[0].errors and
                kinds["Skipped"] == suites[0].skipped, f"{name}: {kinds}")
        expected = {"quickstart": {"Passed": 2}, "partial": {"Passed": 1, "Error": 2},
                    "empty": {"Error": 1}, "mock": {"Passed": 1, "Failure": 1}}
        if name in expected:
            require(dict(kinds) == expected[name], f"{name}: {kinds}")
        if name == "hostile":
            case = [case for case in suites[0] if case.result][0]
            require(shown(HOSTILE).replace("\ufffe", "\ufffd") == shown(case.name), case.name)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.rows, self.texts = collections.Counter(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        self.texts.append(data)
        if self.rows and self.rows[-1] and data.strip():
            self.rows[-1][-1] += data


def read_markdown(files):
    import markdown
    for name, path in files.items():
        text = read(path).replace("<details>", "<details markdown='1'>")
        page = Page()
        page.feed(markdown.markdown(text, extensions=["tables", "md_in_html"]))
        require(page.tags["h2"] == 1, f"{name}: one heading")
        known = {"h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td",
                 "blockquote", "strong", "details", "summary"}
        require(set(page.tags) <= known, f"{name}: {set(page.tags) - known}")
        if name == "empty":
            continue
        require(page.tags["table"] >= 2 and page.tags["details"] == 1, f"{name}: {page.tags}")
        heads = page.rows[0]
        require(heads[0] == "variant" and heads[-1] == "verdict", f"{name}: {heads}")
        rows = page.rows[1:3]
        require(all(len(row) == len(heads) for row in rows), f"{name}: {rows}")
        if name == "hostile":
            require(shown(rows[1][0]) == shown(HOSTILE), f"{rows[1][0]!r}")


def read_openmetrics(files):
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
    for name, path in files.items():
        try:
            families = {f.name: f for f in text_string_to_metric_families(read(path))}
        except ValueError as error:
            refuse(f"{name}: {error}")
        samples = [s for family in families.values() for s in family.samples]
        require(not any(math.isnan(s.value) or math.isinf(s.value) for s in samples), name)
        states = [s for s in families["seatrial_run_verdict"].samples if s.value == 1]
        require(len(states) == 1, f"{name}: {states}")
        if name == "quickstart":
            family = families["seatrial_response_seconds"]
            require(family.type == "summary" and family.unit == "seconds", family)
            p50 = [s.value for s in family.samples if s.labels.get("quantile") == "0.5"
                   and s.labels["variant"] == "acks=all"]
            ns = golden(name)["trials"][1]["workloads"][0]["latency"]["response"]["percentiles"]
            require(p50 == [ns[0]["ns"] / 1e9], p50)
        if name == "hostile":
            info = families["seatrial_run"].samples[0]
            require(info.labels["label_commit"] == HOSTILE, info.labels)


def read_gbench(files):
    for name, path in files.items():
        document = json.loads(read(path))
        require({"context", "benchmarks"} == set(document), name)
    compared = run(sys.executable, os.path.realpath(__file__), "--compare", files["again"],
                   files["slower"])
    lines = [line.split() for line in compared.splitlines()
             if "acks=all/produce/response_p50" in line]
    require(len(lines) >= 6, compared)
    for line in lines[:3]:
        require(float(line[1]) > 0.99 and float(line[1]) < 1.01, compared)
    require("_pvalue" in compared, compared)
    run(sys.executable, os.path.realpath(__file__), "--compare", files["partial"], files["mock"])


def read_csv(files):
    for name, path in files.items():
        try:
            rows = list(csv.reader(read(path).splitlines(keepends=True), strict=True))
        except csv.Error as error:
            refuse(f"{name}: {error}")
        heads = "trial,variant,repeat,workload,metric,unit,second,value"
        require(rows[0] == heads.split(","), name)
        for row in rows[1:]:
            require(len(row) == 8, f"{name}: {row}")
            require(math.isfinite(float(row[6])) and math.isfinite(float(row[7])), f"{name}: {row}")
            require(not re.match(r"\s*[=+@-]", "".join(row[1:2] + row[3:6])), f"{name}: {row}")
        if name == "quickstart":
            acked = [float(row[7]) for row in rows[1:]
                     if row[0] == "1" and row[3:5] == ["produce", "done_acked"]]
            points = golden(name)["trials"][0]["series"][0]["points"]
            require(acked == [p["done_acked"] for p in points if "done_acked" in p], acked)
        if name == "hostile":
            require("'" + shown(HOSTILE) in {shown(row[1]) for row in rows}, rows[-1])


def read_svg(files):
    for name, path in files.items():
        run("xmllint", "--noout", path)
        picture = path + ".png"
        run("rsvg-convert", "--output", picture, path)
        require(os.path.getsize(picture) > (50_000 if name == "quickstart" else 500), name)
        text = read(path)
        style = text[text.index("<style>"):text.index("</style>")]
        drawn = set(" ".join(re.findall(r' class="([^"]*)"', text)).split())
        unknown = {word for word in drawn if "." + word not in style} - {"line", "zero", "leader"}
        require(not unknown, f"{name}: no rule for {unknown}")


def read_workflows(seatrial):
    import yaml
    text = read(f"{ROOT}/reports/README.md")
    blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.S | re.M)
    require(len(blocks) == 3, f"{len(blocks)} blocks of YAML")
    scripts = []
    for block in blocks:
        try:
            document = yaml.safe_load(block)
        except yaml.YAMLError as error:
            refuse(error)
        for job in (document.get("jobs") or document).values():
            steps = job.get("steps", [])
            require(steps or job.get("script"), f"a job that does nothing: {job}")
            scripts += job.get("script", []) + job.get("after_script", [])
            scripts += [step["run"] for step in steps if "run" in step]
    commands = re.findall(r"(?:\./|^ *)seatrial (\S+)", "\n".join(scripts), re.M)
    require({"run", "report"} <= set(commands), commands)
    for verb in set(commands) - {"setup", "need"}:  # the launcher's
        run(seatrial, verb, "--help")
    listed = set(re.findall(r"^  (\S+)", run(seatrial, "list", "reports"), re.M))
    named = set(re.findall(r"--format (\w+)", "\n".join(scripts)))
    require(named and named <= listed, f"{named - listed}")
    told = set(re.findall(r"^\| `(\w+)`", text, re.M))
    require(told == listed, f"the table and the program differ by {told ^ listed}")


# What is done to each format on purpose.
BREAKS = {
    "junit": lambda text: text.replace("&amp;", "&"),
    "markdown": lambda text: text.replace("&#124;", "|"),
    "openmetrics": lambda text: text.replace("# EOF\n", ""),
    "gbench": lambda text: text.replace('"real_time"', '"reel_time"'),
    "csv": lambda text: text.replace('""', '"'),
    "svg": lambda text: text.replace("</svg>", "", 1),
}


def compare(first, second):
    """compare.py, with stand-ins for the three functions of others that it computes by."""
    try:
        import numpy, scipy.stats  # noqa: F401
    except ImportError:
        class Array(list):
            def any(self):
                return any(self)

        def gmean(rows):
            return Array(math.exp(sum(math.log(row[i] or 1e-300) for row in rows) / len(rows))
                         for i in range(2))
        stats = types.ModuleType("scipy.stats")
        stats.gmean = gmean
        stats.mannwhitneyu = lambda *_, **__: types.SimpleNamespace(pvalue=0.5)
        sys.modules.update({"numpy": types.SimpleNamespace(array=Array),
                            "scipy": types.ModuleType("scipy"), "scipy.stats": stats})
    sys.path.insert(0, "/usr/share/benchmark")
    sys.argv = ["compare.py", "--no-color", "benchmarks", first, second]
    runpy.run_path("/usr/share/benchmark/compare.py", run_name="__main__")


def main(seatrial, format, *rest):
    if format == "workflows":
        return read_workflows(seatrial)
    folder = tempfile.mkdtemp(prefix="seatrial readers-")
    try:
        files = {}
        for name, record in records().items():
            os.mkdir(f"{folder}/{name}")
            write(f"{folder}/{name}/run.json", json.dumps(record))
            files[name] = f"{folder}/{name}.{format}"
            run(seatrial, "report", f"{folder}/{name}", "--format", format, "--out", files[name])
            if rest == ("--break",):
                write(files[name], BREAKS[format](read(files[name])))
        globals()[f"read_{format}"](files)
    finally:
        shutil.rmtree(folder)


if sys.argv[1] == "--compare":
    compare(*sys.argv[2:])
else:
    main(*sys.argv[1:])
