"""The cases of bench/run: each makes a Result of harness.py. Names read WORK-SIZE-LATENCY."""
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from harness import (BUILD, COMPARTMENT_PAGE, Floor, PYTHON, ROOT, Rates, Result, Run, Service, WEIR, count_requests,
                     measure, ratio, turns)

import lake
import standin  # of tests/lib
from dataflow import Flow

THREADS = 32
SETTLED_SECONDS = 11  # what was changed more recently is asked for again (src/live/cache.h)


def pipeline(folder, apps, name="bench", argument=None):
    """A pipeline of that many applications that run one script."""
    folder.mkdir(exist_ok=True)
    (folder / "job.py").write_text("print('hello')\n")
    rows = "".join(f"  app{i:05}:\n    display_name: {name}-{i:05}\n    arguments: [\"{i}\"]\n" for i in range(apps))
    if argument is not None:
        rows = rows.replace('arguments: ["0"]', f'arguments: ["{argument}"]', 1)
    (folder / "pipeline.yaml").write_text(f"""pipeline: {name}
defaults:
  script: job.py
  script_bucket: bench
  logs_bucket: dataflow-logs
  spark_version: 3.5.0
  driver_shape: VM.Standard.E4.Flex
  driver_shape_config: {{ocpus: 1, memory_in_gbs: 16}}
  executor_shape: VM.Standard.E4.Flex
  executor_shape_config: {{ocpus: 1, memory_in_gbs: 16}}
  num_executors: 1
buckets:
  bench: {{}}
  dataflow-logs: {{}}
apps:
{rows}""")
    return folder


def applied(service, apps):
    """A pipeline that is applied and settled; the folder in which it is cached."""
    folder = pipeline(service.scratch / f"p{apps}", apps)
    service.weir("-C", folder, "apply", "-y", "-q")
    time.sleep(SETTLED_SECONDS)
    cache = service.scratch / "cache"
    service.weir("-C", folder, "plan", cache=cache)
    return folder, cache


def plan(service, folder, cache=None):
    return service.weir("-C", folder, "plan", "--detailed-exitcode", cache=cache)


def with_requests(service, runs, *args, cache=None, status=0):
    """Counts the requests in a run of its own, which is not measured."""
    for run in runs:
        run.requests = count_requests(service.weir("-v", *args, cache=cache, status=status))
        break
    for run in runs:
        run.requests = runs[0].requests
    return runs


def list_pages(service):
    """The targets of the pages of one list: the page tokens are learnt first, outside of the measuring."""
    targets, page = [], ""
    while page is not None:
        target = f"/20200129/applications?compartmentId={service.tenancy}&limit={COMPARTMENT_PAGE}{page}"
        targets.append(target)
        token = service.call("GET", target).field("opc-next-page")
        page = f"&page={token}" if token else None
    return targets


def curl_list(service, pages):
    return service.curl([("GET", target, None, "/dev/null") for target in pages])


def plan_case(apps, delay_ms):
    def case(rounds):
        with Service() as service:
            folder, cache = applied(service, apps)
            pages = list_pages(service)
            service.delay(delay_ms)
            makers = [lambda: plan(service, folder), lambda: plan(service, folder, cache),
                      lambda: curl_list(service, pages)]
            if apps <= 1000:
                makers.append(lambda: service.sdk("list-get", service.endpoint, str(THREADS)))
            fresh, cached, curl, *sdk = turns(rounds if apps <= 1000 else min(rounds, 3), *makers)
            with_requests(service, fresh, "-C", folder, "plan")
            with_requests(service, cached, "-C", folder, "plan", cache=cache)
            rows = [("weir plan, nothing cached", fresh), ("weir plan, cached", cached),
                    (f"curl, the list alone ({len(pages)} pages), signed beforehand", curl)]
            floors = []
            if sdk:
                rows.append((f"OCI SDK, list and get, {THREADS} threads", sdk[0]))
            if (apps, delay_ms) == (1000, 50):
                floors = [Floor("plan of 1,000, 50 ms, nothing cached, of the SDK's time", ratio(fresh, sdk[0]), 0.4),
                          Floor("its peak memory", max(r.peak for r in fresh), 48, " MiB"),
                          Floor("the same, cached, of the time of curl's list", ratio(cached, curl), 1.5)]
            return Result(f"Plan without changes, {apps:,} applications, {delay_ms} ms of latency a request", rows, floors)
    return case


def growth(rounds):
    with Service() as small, Service() as large:
        places = [(service, *applied(service, apps)) for service, apps in ((small, 1000), (large, 10000))]
        makers = [lambda p=p, cached=cached: plan(p[0], p[1], p[2] if cached else None)
                  for cached in (False, True) for p in places]
        fresh, fresh10, cached, cached10 = turns(min(rounds, 3), *makers)
        return Result("Ten times as many applications, no latency", [
            ("weir plan of 1,000, nothing cached", fresh), ("weir plan of 10,000, nothing cached", fresh10),
            ("weir plan of 1,000, cached", cached), ("weir plan of 10,000, cached", cached10)],
            [Floor("plan of 10,000, nothing cached, of the time of that of 1,000", ratio(fresh10, fresh), 11),
             Floor("the same, cached", ratio(cached10, cached), 11)])


def openssl_signs(service, count):
    key = next(line.partition("=")[2].strip() for line in service.config_file.read_text().splitlines()
               if line.startswith("key_file"))
    run = measure([BUILD / "bench" / "bench_sign", key, count], service.env)
    run.wall, run.requests = float(run.stdout), count
    return run


def apply_1000(rounds):
    """Each on a service of its own: deleted applications are listed for a day, and would be read by the next round."""
    requests = []

    def weir():
        with Service() as service:
            folder = pipeline(service.scratch / "p", 1000)
            service.bucket("bench")
            run = service.weir("-v", "-C", folder, "apply", "-y")
        requests.append(count_requests(run))
        run.requests = requests[-1]
        return run

    def sdk():
        with Service() as service:
            return service.sdk("create", service.endpoint, str(THREADS), "1000", "sdk")

    with Service() as keys:
        made, signed, by_sdk = turns(rounds, weir, lambda: openssl_signs(keys, requests[-1]), sdk)
    return Result("Apply of 1,000 creates, no latency", [
        ("weir apply, plan included", made), ("OpenSSL, as many signatures, one after the other", signed),
        (f"OCI SDK, creates alone, {THREADS} threads", by_sdk)],
        [Floor("apply of 1,000 creates, of OpenSSL's time for its signatures", ratio(made, signed), 2)])


def change_one(rounds):
    with Service() as service:
        folder, cache = applied(service, 1000)
        number = iter(range(1000))

        def weir():
            pipeline(folder, 1000, argument=f"changed {next(number)}")
            return service.weir("-C", folder, "apply", "-y", "-q", cache=cache)

        service.delay(50)
        made, by_sdk = turns(rounds, weir, lambda: service.sdk(
            "change", service.endpoint, str(THREADS), "bench-00001", str(next(number))))
        pipeline(folder, 1000, argument="once more")
        with_requests(service, made, "-C", folder, "apply", "-y", cache=cache)
        return Result("One of 1,000 applications changed, 50 ms of latency", [
            ("weir apply, cached, plan included", made),
            (f"OCI SDK, list, get, one update, {THREADS} threads", by_sdk)])


def validate_1000(rounds):
    with Service() as service:
        folder = pipeline(service.scratch / "p", 1000)
        made, version, curl, sdk = turns(
            rounds, lambda: service.weir("-C", folder, "validate"), lambda: service.weir("version"),
            lambda: measure(["curl", "--version"], service.env), lambda: service.sdk("nothing"))
        return Result("Starting up, and 1,000 applications checked", [
            ("weir validate of 1,000 applications", made), ("weir version", version), ("curl --version", curl),
            ("OCI SDK, imported", sdk)])


# ---- uploads --------------------------------------------------------------------------------------------------


def refresh(files, size):
    """New content, so that nothing is as it was."""
    block = os.urandom(min(size, 1 << 20))
    for path in files:
        with open(path, "wb") as out:
            for i in range(max(1, size // len(block))):
                out.write(i.to_bytes(8, "big") + block[8:])
    os.sync()


def upload_case(count, size, title, floor=None):
    def case(rounds):
        with Service() as service:
            folder = service.scratch / "upload"
            folder.mkdir()
            files = [folder / f"data{i}.bin" for i in range(count)]
            number = iter(range(1000))

            def weir(*more):
                # Names of their own: nothing is there that they could be compared with.
                name = f"upload{next(number)}"
                rows = "".join(f"  data{i}: {{path: {f.name}, bucket: bench}}\n" for i, f in enumerate(files))
                (folder / "pipeline.yaml").write_text(
                    f"pipeline: {name}\nbuckets: {{bench: {{}}}}\nobjects:\n{rows}")
                refresh(files, size)
                run = service.weir("-C", folder, *more, "apply", "-y", "-q")
                if not more:
                    clean(name)
                return run

            def clean(prefix):
                target = f"/n/{service.ns}/b/bench/o?limit=1000"
                for found in service.call("GET", target).json()["objects"]:
                    service.call("DELETE", service.object("bench", found["name"]))
                time.sleep(0.5)

            def sdk():
                refresh(files, size)
                run = service.sdk("upload", service.endpoint, service.ns, "bench", f"sdk{next(number)}-",
                                  str(THREADS if count > 1 else 1), *map(str, files))
                clean("sdk")
                return run

            def curl():
                refresh(files, size)
                name = f"curl{next(number)}"
                run = service.curl([("PUT", service.object("bench", f"{name}-{f.name}"), f, "/dev/null")
                                    for f in files], parallel=count > 1)
                clean(name)
                return run

            service.bucket("bench")
            made, by_curl, by_sdk = turns(rounds, weir, curl, sdk)
            with_requests(service, made, "-C", folder, "apply", "-y")
            floors = [Floor(floor[0], ratio(made, by_curl), floor[1])] if floor else []
            return Result(title, [("weir apply, hash, plan and listing included", made),
                                  ("curl, a PUT a file, signed beforehand, no hash", by_curl),
                                  ("OCI SDK, UploadManager", by_sdk)], floors)
    return case


# ---- weir-local -----------------------------------------------------------------------------------------------

OBJECTS, OBJECT_SIZE, CONNECTIONS, SECONDS = 50, 1024, 32, 4


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wrk(service, host, pid):
    requests = service.scratch / "requests.tsv"
    rows = []
    for i in range(OBJECTS):
        target = service.object("bench", f"object{i}")
        fields = dict(service.sign("GET", target, host=host))
        rows.append(f"{target}\t{fields['date']}\t{fields['authorization']}\n")
    requests.write_text("".join(rows))
    before = cpu_of(pid)
    done = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", ROOT / "bench" / "signed.lua",
                           f"http://{host}", "--", str(requests)], capture_output=True, text=True, check=True)
    rate, errors, p99 = done.stdout.splitlines()[-1].split()
    if int(errors):
        raise SystemExit(f"wrk: {errors} requests were refused\n{done.stdout}")
    cpu = cpu_of(pid) - before
    run = (float(rate), float(p99), 1e6 * cpu / (float(rate) * SECONDS))
    return run


def local_get(rounds):
    with Service() as service:
        service.bucket("bench")
        for i in range(OBJECTS):
            service.call("PUT", service.object("bench", f"object{i}"), os.urandom(OBJECT_SIZE))
        key = next(line.partition("=")[2].strip() for line in service.config_file.read_text().splitlines()
                   if line.startswith("key_file"))
        bare = subprocess.Popen([BUILD / "bench" / "bench_bare", key, str(OBJECT_SIZE)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        try:
            port = int(bare.stdout.readline())
            own, least = turns(rounds, lambda: wrk(service, service.host, service.pid()),
                               lambda: wrk(service, f"127.0.0.1:{port}", bare.pid))
        finally:
            bare.stdin.close()
            bare.wait(30)
        return Rates(
            f"weir-local, signed GETs of {OBJECT_SIZE} bytes, {CONNECTIONS} connections, wrk on the same machine",
            [("weir-local", own), ("a bare libmicrohttpd server that verifies the same signatures", least)],
            [Floor("weir-local's rate of the bare server's", ratio(own, least, lambda r: r[0]), 0.5, least=True)])


# ---- a Spark job -----------------------------------------------------------------------------------------------

PARQUET = """
import json, sys, time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
where = sys.argv[1]
for number in range(3):
    spark.range(200000).selectExpr("id", "id % 7 as day", "rand(1) as x").write.mode("overwrite").parquet(f"{where}/{number}")
print(sum(spark.read.parquet(f"{where}/{number}").groupBy("day").count().count() for number in range(3)))
"""


def spark_share(rounds):
    with Service() as service:
        flow = Flow(service)
        flow.put("bench", "job.py", PARQUET)
        service.bucket("dataflow-logs")
        app = flow.application("bench", "job.py", arguments=[flow.uri("bench", "out")],
                               logsBucketUri=flow.uri("dataflow-logs"))

        def job():
            before, cpu = service.call("GET", "/weir/state").json(), cpu_of(service.pid())
            run = flow.finish(flow.run(app))
            if run["lifecycleState"] != "SUCCEEDED":
                raise SystemExit(f"the job did not end well: {run}\n{flow.log(run, 'stderr')[-2000:]}")
            after = service.call("GET", "/weir/state").json()
            seconds = run["runDurationInMilliseconds"] / 1000
            whole = Run(seconds, float("nan"), float("nan"))
            busy = Run((after["busy_ms"] - before["busy_ms"]) / 1000, cpu_of(service.pid()) - cpu, float("nan"))
            busy.requests = after["requests"] - before["requests"]
            return whole, busy

        pairs = turns(min(rounds, 3), job)[0]
        whole, busy = [p[0] for p in pairs], [p[1] for p in pairs]
        return Result("A Spark job that writes and reads Parquet three times", [
            ("the run", whole), ("weir-local's time in its requests, waits for the disk included", busy)],
            [Floor("weir-local's share of a Spark job, in %", 100 * ratio(busy, whole), 3)])


MIB = 1 << 20


# ---- what is there ---------------------------------------------------------------------------------------------


def list_1000(rounds):
    """Nothing has run: the list of runs is one empty page more."""
    with Service() as service:
        folder, _ = applied(service, 1000)
        target = ["--endpoint", service.endpoint, "--config-file", service.config_file]
        one_page = list_pages(service)
        text, lines, by_curl, sdk = turns(
            rounds, lambda: service.weir("-C", folder, *target, "list", "apps"),
            lambda: service.weir(*target, "-C", service.scratch, "list", "apps", "-o", "csv", "--compartment-id",
                                 service.tenancy),
            lambda: curl_list(service, one_page), lambda: service.sdk("list", service.endpoint))
        with_requests(service, text, "-C", folder, *target, "list", "apps")
        return Result("List of 1,000 applications", [
            ("weir list apps, the pipeline's, with their last runs", text), ("weir list apps as CSV, without a file", lines),
            (f"curl, the list alone ({len(one_page)} pages), signed beforehand", by_curl), ("OCI SDK, the list alone", sdk)])


def import_100(rounds):
    with Service() as service:
        applied(service, 100)
        number = iter(range(1000))
        target = ["--endpoint", service.endpoint, "--config-file", service.config_file]

        def weir():
            return service.weir(*target, "-C", service.scratch, "import", "--compartment-id", service.tenancy, "--into",
                                service.scratch / f"import{next(number)}")

        def sdk():
            folder = service.scratch / f"pull{next(number)}"
            folder.mkdir()
            return service.sdk("pull", service.endpoint, service.ns, str(THREADS), folder)

        made, pulled = turns(rounds, weir, sdk)
        made[-1].requests = count_requests(service.weir("-v", *target, "-C", service.scratch, "import", "--compartment-id",
                                                        service.tenancy, "--into", service.scratch / "counted"))
        return Result("Import of 100 applications", [
            ("weir import, a pipeline that plans to no change", made),
            (f"OCI SDK, list, get and download, {THREADS} threads, as JSON", pulled)])


# ---- an archive ---------------------------------------------------------------------------------------------------

PACKAGES = ("org.apache.hadoop", "hadoop-azure", "3.3.4")
REQUIREMENT = "humanize==4.17.0"
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>b</groupId><artifactId>b</artifactId>
<version>1</version><packaging>pom</packaging><dependencies><dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>
</dependency></dependencies></project>"""


def archive(rounds):
    """weir has nothing of its own; Maven and pip have their caches, as they have when they are alone."""
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as scratch:
        scratch, number = pathlib.Path(scratch), iter(range(1000))
        folder = pipeline(scratch / "pipeline", 1)
        with open(folder / "pipeline.yaml", "a") as file:
            file.write("archives: {deps: {packages: packages.txt, requirements: requirements.txt}}\n")
        (folder / "packages.txt").write_text(":".join(PACKAGES) + "\n")
        (folder / "requirements.txt").write_text(REQUIREMENT + "\n")
        (scratch / "pom.xml").write_text(POM % PACKAGES)

        def build(cache):
            return measure([WEIR, "-C", folder, "archive", "build", "-q"], {**os.environ, "XDG_CACHE_HOME": str(cache)})

        def cold():
            shutil.rmtree(folder / ".weir", ignore_errors=True)
            (folder / "deps.lock").unlink(missing_ok=True)
            return build(scratch / f"cache{next(number)}")

        def unchanged():
            return build(max(scratch.glob("cache*"), key=lambda path: path.stat().st_mtime))

        def pip():
            return measure([PYTHON, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", scratch / f"wheels{next(number)}", REQUIREMENT], os.environ)

        def maven():
            return measure(["mvn", "-q", "-B", "-f", scratch / "pom.xml", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
                            f"-DoutputDirectory={scratch}/jars{next(number)}"], os.environ)

        maven()
        built, same, wheels, jars = turns(rounds, cold, unchanged, pip, maven)
        return Result("A dependency archive of one Maven coordinate and one Python package, with what they depend on", [
            ("weir archive build, nothing of weir's cached, no lock file", built), ("weir archive build again, nothing changed", same),
            ("pip download alone", wheels), ("Maven's copy-dependencies alone", jars)],
                      [Floor("an archive built again, nothing changed, in seconds", max(run.wall for run in same), 0.2)])


# ---- a run -----------------------------------------------------------------------------------------------------


def run_200(rounds):
    """200 data files that have not changed, and a run that is launched and not waited for."""
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="weir-standin-"))
    with Service(standin.install(scratch)) as service:
        folder = pipeline(service.scratch / "p", 1)
        (folder / "data").mkdir()
        rows = []
        for i in range(200):
            (folder / "data" / f"{i}.csv").write_bytes(os.urandom(20000))
            rows.append(f"  file{i}: {{path: data/{i}.csv, bucket: bench}}\n")
        with open(folder / "pipeline.yaml", "a") as file:
            file.write("objects:\n" + "".join(rows))
        cache = service.scratch / "cache"
        service.weir("-C", folder, "apply", "-y", "-q", cache=cache)
        time.sleep(SETTLED_SECONDS)
        target = ["--endpoint", service.endpoint, "--config-file", service.config_file, "--compartment-id", service.tenancy]

        def run(*more):
            return service.weir("-C", folder, *target, "run", "app00000", "--detach", *more, cache=cache)

        run()
        synced, unsynced = turns(rounds, run, lambda: run("--no-sync"))
        told = run("-v")
        synced[-1].requests, unsynced[-1].requests = count_requests(told), count_requests(run("-v", "--no-sync"))
        listed = len(re.findall(r"^list bucket .* 200$", told.stderr, re.MULTILINE))
        shutil.rmtree(scratch)
        return Result("A run launched, 200 files unchanged", [
            ("weir run --detach, synced first", synced), ("weir run --detach --no-sync", unsynced)],
            note=f"What is synced costs {listed} lists of objects: one for each of two buckets; no content is read on either side.")


def run_ends(rounds):
    """A run that ends at once (a stand-in for Spark): how soon weir has launched it, and tells of its end."""
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="weir-standin-"))
    with Service(standin.install(scratch)) as service:
        folder = pipeline(service.scratch / "p", 1)
        cache = service.scratch / "cache"
        service.weir("-C", folder, "apply", "-y", "-q", cache=cache)
        target = ["--endpoint", service.endpoint, "--config-file", service.config_file, "--compartment-id", service.tenancy]

        def one():
            began = time.time()
            run = service.weir("-C", folder, *target, "run", "app00000", "-o", "json", "--base-folder",
                               service.scratch / "runs", cache=cache)
            ended = time.time()
            ocid = re.search(r"ocid1\.dataflowrun\.[^\"\s]+", run.stdout)[0]
            record = service.call("GET", f"/20200129/runs/{ocid}").json()
            created, updated = (datetime.datetime.fromisoformat(record[name]).timestamp()
                                for name in ("timeCreated", "timeUpdated"))
            nothing = float("nan")
            return Run(created - began, nothing, nothing), Run(ended - updated, nothing, nothing)

        pairs = turns(rounds, one)[0]
        shutil.rmtree(scratch)
        return Result("A run that ends at once", [
            ("from weir's start to the run's ACCEPTED", [p[0] for p in pairs]),
            ("from the run's end to weir's, logs saved", [p[1] for p in pairs])],
            [Floor("from the run's end to weir's, in seconds", max(p[1].wall for p in pairs), 1)])


def download_case(count, size, title):
    """Into a folder that is new each time, on the disk of the service itself."""
    def case(rounds):
        with Service() as service:
            service.bucket("bench")
            data = service.scratch / "data"
            with open(data, "wb") as file:
                for _ in range(max(size // MIB, 1)):
                    file.write(os.urandom(min(size, MIB)))
            sent = data.read_bytes()
            part = 128 * MIB
            names = [f"down/part-{i:04}" for i in range(count)]
            for name in names:
                put(service, name, sent, part)
            number = iter(range(1000))

            def fresh():
                folder = service.scratch / f"down{next(number)}"
                folder.mkdir()
                return folder

            def emptied(folder, run):
                subprocess.run(["rm", "-r", folder], check=True)
                return run

            target = ["--endpoint", service.endpoint, "--config-file", service.config_file]

            def weir(*more):
                folder = fresh()
                return emptied(folder, service.weir(*target, "-q", *more, "output", "oci://bench/down/", folder))

            def by_curl():
                folder = fresh()
                return emptied(folder, service.curl([("GET", service.object("bench", name), None, folder / name[5:])
                                                     for name in names], parallel=count > 1))

            def by_oci():
                folder = fresh()
                run = measure([PYTHON.parent / "oci", "--config-file", service.config_file, "--endpoint", service.endpoint, "os",
                               "object", "bulk-download", "-ns", service.ns, "-bn", "bench", "--prefix", "down/",
                               "--download-dir", folder], service.env)
                return emptied(folder, run)

            made, curl, oci = turns(rounds, weir, by_curl, by_oci)
            made[-1].requests = count_requests(weir("-v"))
            there = fresh()
            service.weir(*target, "-q", "output", "oci://bench/down/", there)
            again, = turns(rounds, lambda: service.weir(*target, "-q", "output", "oci://bench/down/", there))
            return Result(title, [("weir output, listed and checked", made), ("curl, not checked", curl),
                                  ("oci os object bulk-download", oci), ("weir output again, all is there", again)])
    return case


def put(service, name, data, part):
    """As Oracle's clients do: in parts where it is large."""
    if len(data) <= part:
        return service.call("PUT", service.object("bench", name), data)
    target = f"/n/{service.ns}/b/bench/u"
    upload = service.call("POST", target, {"object": name}).json()["uploadId"]
    target += f"/{name.replace('/', '%2F')}?uploadId={upload}"
    parts = []
    for at in range(0, len(data), part):
        number = at // part + 1
        reply = service.call("PUT", f"{target}&uploadPartNum={number}", data[at:at + part])
        parts.append({"partNum": number, "etag": reply.field("etag")})
    return service.call("POST", target, {"partsToCommit": parts, "partsToExclude": []})


CASES = {
    **{f"plan-{apps}-{ms}ms": plan_case(apps, ms) for ms in (0, 50) for apps in (10, 100, 1000, 10000)},
    "growth": growth,
    "apply-1000": apply_1000,
    "change-1": change_one,
    "start": validate_1000,
    "upload-100x10KB": upload_case(100, 10240, "Upload of 100 files of 10 KB"),
    "upload-256MiB": upload_case(1, 256 * MIB, "Upload of 256 MiB",
                                 ("upload of 256 MiB, hash included, of the time of curl's PUT", 1.15)),
    "upload-2GiB": upload_case(1, 2048 * MIB, "Upload of 2 GiB"),
    "list-1000": list_1000,
    "download-1000x1KB": download_case(1000, 1024, "Download of 1,000 objects of 1 KB"),
    "download-1GiB": download_case(1, 1024 * MIB, "Download of 1 GiB"),
    "import-100": import_100,
    "archive": archive,
    "run-200": run_200,
    "run-ends": run_ends,
    "local-get": local_get,
    "spark": spark_share,
    **lake.CASES,
}
