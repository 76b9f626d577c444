#!/usr/bin/env python3
"""Random histories: the file is edited, others change what is live, weir applies; then the plan is empty, what is live is
what a model of its own says (lib/history.py), nothing of others was touched, and nothing is double.

    test_histories.py [SEED...]                  environment: WEIR_HISTORY_STEPS (60), WEIR_HISTORY_SEEDS (2)
    WEIR_HISTORY='[[["file_adds_an_app", 7]]]' test_histories.py         these steps, told as they go

What fails is told with its seed and steps, after those that do not matter have been left out: as JSON, to be played again.
"""
import base64
import hashlib
import io
import json
import os
import random
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import history
import weirlocal
from small import API, Small

STEPS = int(os.environ.get("WEIR_HISTORY_STEPS", 60))
SEEDS = int(os.environ.get("WEIR_HISTORY_SEEDS", 2))
SHRINK_RUNS = 60
APP_KEYS, SCRIPTS = ["copy", "join", "sum", "load", "late"], ["a.py", "b.py", "c.py"]
NAMES, TARGETS = ["small", "big", "wide"], ["local", "here"]
TAGS = ["team", "cost", "stage", "Owner"]


class Wrong(AssertionError):
    """What weir did is not what it should have done."""


def archive(text):
    """A zip that depends on the text alone."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as z:
        z.writestr(zipfile.ZipInfo("python/version.txt", (2026, 1, 1, 0, 0, 0)), text)
    return made.getvalue()


def values(rng):
    """A value for one of the fields of the file, of any kind."""
    word = rng.choice(["alpha", "b c", "Ü", "x" * 60, "say \"$$<it>\"", "1"])
    return rng.choice([
        ("description", rng.choice([word, "of $<note>", ""])),
        ("arguments", [word, "--n", str(rng.randrange(9))][:rng.randrange(4)]),
        ("parameters", {p: str(rng.randrange(9)) for p in rng.sample(["day", "lake", "top"], rng.randrange(4))}),
        ("configuration", {f"spark.{c}": str(rng.randrange(9)) for c in rng.sample(["a.b", "c.d"], rng.randrange(3))}),
        ("archive", rng.choice(["deps", "more"])),
        ("num_executors", rng.randrange(1, 6)),
        ("driver_shape_config", {"ocpus": rng.choice([1, 2, 4])}),
        ("executor_shape_config", {"memory_in_gbs": rng.choice([16, 32])}),
        ("logs_bucket", rng.choice(["logs", "data"])),
        ("warehouse_bucket", rng.choice(["logs", "data"])),
        ("metastore_id", f"ocid1.datacatalogmetastore.oc1..{rng.choice('ab')}"),
        ("application_log_config", {"log_group_id": f"ocid1.loggroup.oc1..{rng.choice('ab')}", "log_id": "ocid1.log.oc1..a"}),
        ("max_duration_in_minutes", rng.randrange(1, 99)),
        ("idle_timeout_in_minutes", rng.randrange(1, 99)),
        ("type", rng.choice(["BATCH", "STREAMING"])),
        ("spark_version", rng.choice(["3.5.0", "3.2.1"])),
        ("freeform_tags", {rng.choice(TAGS): rng.choice("abc")}),
        ("defined_tags", {f"Ops.{rng.choice(['a', 'b'])}": rng.choice("abc")}),
    ])


def difference(have, want):
    """Of two applications, as seen()."""
    if not have or not want:
        return "it is there" if have else "it is not there"
    flat = [{(part, k): v for part, all in side.items() for k, v in (all.items() if isinstance(all, dict) else [("", all)])}
            for side in (have, want)]
    return "".join(f"\n  {part}.{k} is {flat[0].get((part, k))}, not {flat[1].get((part, k))}"
                   for part, k in sorted({**flat[0], **flat[1]}) if flat[0].get((part, k)) != flat[1].get((part, k)))


class World:
    """A service, a pipeline, and what should be live."""

    def __init__(self, home, folder):
        self.home, self.small = home, Small(folder, home)
        spec = self.spec = self.small.spec
        spec.update(parameters={"note": {"default": "one"}}, archives={"deps": {"path": "deps.zip"}, "more": {"path": "more.zip"}},
                    apps={"copy": {"script": "a.py"}, "join": {"script": "b.py"},
                          "jar": {"file_uri": f"oci://data@{home.ns}/lib/x.jar", "language": "JAVA", "class_name": "com.A"}})
        self.places = [home.tenancy, *home.compartments.values()]
        self.target["also_look_in"] = self.places
        self.small.files = {**{s: f"print('{s}')\n" for s in SCRIPTS}, "deps.zip": archive("1"), "more.zip": archive("2")}
        self.model = history.Model(self.small, home.ns, home.tenancy)
        self.count = 0
        for bucket in ("data", "logs"):
            home.bucket(bucket)
        for name in ("lake/part-0", "weir/other/local/scripts/a.py", "weir/small/local/_meta/x", "own/theirs.csv"):
            self.put(name, b"theirs")
        self.by_hand("theirs", {"weir": "other/local/copy"})
        self.by_hand("theirs too", {})
        self.others = {a.id: self.frozen(a.id) for a in self.model.apps}

    @property
    def target(self):
        return next(iter(self.spec["targets"].values()))

    # ---- what others do, to the service and in the model ------------------------------------------------------------

    def put(self, name, content):
        reply = self.home.call("PUT", self.home.object("data", name), content)
        assert reply.status == 200, reply
        self.model.objects[name] = (content, None)

    def by_hand(self, name, tags, **fields):
        ocid = self.small.create(displayName=name, freeformTags=tags, **fields)
        self.model.apps.append(history.app_of(self.small.app(ocid)))
        return self.model.apps[-1]

    def set(self, app, **body):
        """A PUT of somebody else's. What weir knows of its last writing lies in a tag, and goes where that goes."""
        self.small.update(app.id, **body)
        new = history.app_of(self.small.app(app.id))
        if new.tags.get("weir-set") != app.tags.get("weir-set") and "freeformTags" in body:
            app.known = None
        app.fields, app.tags, app.defined = new.fields, new.tags, new.defined
        if app.tag is None:
            app.known = None

    def tags_of(self, app):
        return dict(self.small.app(app.id)["freeformTags"])

    def frozen(self, ocid):
        reply = self.home.call("GET", f"{API}/{ocid}")
        return reply.body, reply.field("etag")

    def ours(self, rng):
        """One of our live applications; None where there is none."""
        found = sorted((a for a in self.model.apps if self.model.is_ours(a) and a.id not in self.others), key=lambda a: a.tag)
        return rng.choice(found) if found else None

    def key(self, rng):
        return rng.choice(sorted(self.spec["apps"])) if self.spec["apps"] else None

    # ---- edits of the file ------------------------------------------------------------------------------------------

    def put_field(self, fields, field, value, jar=False):
        if jar and field == "archive":
            return
        if isinstance(value, dict) and isinstance(fields.get(field), dict):
            fields[field].update(value)
        else:
            fields[field] = value

    def file_sets_a_field(self, rng):
        key = self.key(rng)
        if key:
            self.put_field(self.spec["apps"][key], *values(rng))

    def file_drops_a_field(self, rng):
        key = self.key(rng)
        fields = self.spec["apps"].get(key, {})
        can = sorted(f for f in fields if f not in ("script", "file_uri", "language", "class_name", "was", "adopt",
                                                     "driver_shape", "driver_shape_config", "prevent_delete"))
        if can:
            del fields[rng.choice(can)]

    def file_drops_a_key(self, rng):
        """Of parameters, configuration or tags, which are merged: the rest stays as it is."""
        fields = self.spec["apps"].get(self.key(rng), {})
        maps = sorted(f for f in ("parameters", "configuration", "freeform_tags", "defined_tags") if fields.get(f))
        if maps:
            held = fields[rng.choice(maps)]
            del held[rng.choice(sorted(held))]

    def file_sets_a_default(self, rng):
        field, value = values(rng)
        if field != "archive":
            self.put_field(self.spec["defaults"], field, value)

    def file_drops_a_default(self, rng):
        keep = ("spark_version", "script_bucket", "driver_shape", "executor_shape", "driver_shape_config",
                "executor_shape_config", "num_executors")
        can = sorted(f for f in self.spec["defaults"] if f not in keep)
        if can:
            del self.spec["defaults"][rng.choice(can)]

    def file_overrides_a_field(self, rng):
        key = self.key(rng)
        field, value = values(rng)
        if key and field != "archive":
            over = self.target.setdefault("apps", {}).setdefault(key, {})
            required = ("num_executors", "spark_version", "driver_shape_config", "executor_shape_config", "type")
            self.put_field(over, field, None if rng.random() < 0.3 and field not in required else value)

    def file_drops_the_overrides(self, _rng):
        self.target.pop("apps", None)

    def file_changes_a_shape(self, rng):
        key = self.key(rng)
        if not key:
            return
        fields = self.spec["apps"][key]
        if rng.random() < 0.5:
            fields.update(driver_shape="VM.Standard2.1", driver_shape_config=None)
        else:
            fields.pop("driver_shape", None)
            fields.pop("driver_shape_config", None)
        self.target.get("apps", {}).get(key, {}).pop("driver_shape_config", None)

    def file_prevents_its_deletion(self, rng):
        key = self.key(rng)
        if key:
            self.spec["apps"][key]["prevent_delete"] = rng.random() < 0.5

    def field_goes_while_others_change_it(self, rng):
        key = self.key(rng)
        app = next(iter(self.model.claimed(self.model.want(key))), None) if key else None
        hand = {"warehouse_bucket": ("warehouseBucketUri", f"oci://logs@{self.home.ns}"), "description": ("description", "by hand"),
                "metastore_id": ("metastoreId", "ocid1.datacatalogmetastore.oc1..hand"), "num_executors": ("numExecutors", 8),
                "logs_bucket": ("logsBucketUri", f"oci://data@{self.home.ns}"), "max_duration_in_minutes": ("maxDurationInMinutes", 8)}
        can = sorted(set(hand) & set(self.spec["apps"].get(key, {})))
        if app and app.id not in self.others and can:
            field = rng.choice(can)
            self.set(app, **dict([hand[field]]))
            del self.spec["apps"][key][field]
        elif key:  # so that there is one the next time
            self.spec["apps"][key].update(warehouse_bucket="data", metastore_id="ocid1.datacatalogmetastore.oc1..a")

    def file_names_it(self, rng):
        key = self.key(rng)
        if key:
            self.spec["apps"][key]["display_name"] = f"{key} no. {rng.randrange(3)}"

    def file_changes_the_parameter(self, rng):
        self.spec["parameters"]["note"]["default"] = rng.choice(["one", "two", "drei"])

    def file_adds_an_app(self, rng):
        key = rng.choice(APP_KEYS)
        for other in self.spec["apps"].values():
            if other.get("was") == key:
                del other["was"]
        self.spec["apps"].setdefault(key, {"script": rng.choice(SCRIPTS)})

    def file_removes_an_app(self, rng):
        key = self.key(rng)
        if key and len(self.spec["apps"]) > 1:
            del self.spec["apps"][key]
            self.target.get("apps", {}).pop(key, None)

    def file_renames_an_app(self, rng):
        key, new = self.key(rng), rng.choice(APP_KEYS)
        if key and new not in self.spec["apps"]:
            for other in self.spec["apps"].values():
                if other.get("was") in (key, new):
                    del other["was"]
            app = self.spec["apps"].pop(key)
            app.pop("adopt", None)
            self.spec["apps"][new] = {**app, "was": key}
            self.target.get("apps", {}).pop(key, None)

    def file_drops_what_is_done(self, _rng):
        """`was` and `adopt`, once they are applied."""
        for app in self.spec["apps"].values():
            app.pop("was", None)
            app.pop("adopt", None)
        self.spec.pop("was", None)
        self.target.pop("was", None)

    def file_renames_the_pipeline(self, rng):
        if self.renamed:
            return
        self.renamed = True
        new = rng.choice(NAMES)
        if new != self.spec["pipeline"]:
            self.spec["was"], self.spec["pipeline"] = self.spec["pipeline"], new
            self.target.pop("was", None)

    def file_renames_the_target(self, rng):
        if self.renamed:
            return
        self.renamed = True
        (old, target), new = next(iter(self.spec["targets"].items())), rng.choice(TARGETS)
        if new != old:
            self.spec["targets"] = {new: {**target, "was": old}}
            self.spec.pop("was", None)

    def file_changes_a_script(self, rng):
        self.small.files[rng.choice(SCRIPTS)] = f"print({rng.randrange(5)})\n"

    def file_changes_an_archive(self, rng):
        self.small.files["deps.zip"] = archive(str(rng.randrange(5)))

    def file_takes_another_script(self, rng):
        key = self.key(rng)
        if key and "script" in self.spec["apps"][key]:
            self.spec["apps"][key]["script"] = rng.choice(SCRIPTS)

    def file_adds_an_object(self, rng):
        key = rng.choice(["x", "y", "z"])
        own = {"object": f"own/{key}.csv"} if rng.random() < 0.5 else {}
        self.spec["objects"][key] = {"path": rng.choice(SCRIPTS), "bucket": "data", **own}

    def file_removes_an_object(self, rng):
        if self.spec["objects"]:
            del self.spec["objects"][rng.choice(sorted(self.spec["objects"]))]

    def file_moves_an_app(self, rng):
        key = self.key(rng)
        where = self.spec["apps"].get(key, {}) if rng.random() < 0.7 else self.spec["defaults"]
        if rng.random() < 0.3:
            where.pop("compartment_id", None)
        else:
            where["compartment_id"] = rng.choice(self.places)

    def file_protects(self, rng):
        self.target.pop("protect", None)
        if rng.random() < 0.4:
            self.target["protect"] = ["delete"]

    # ---- what others do ---------------------------------------------------------------------------------------------

    def others_change_a_field(self, rng):
        app = self.ours(rng)
        if app:
            self.set(app, **rng.choice([
                {"numExecutors": rng.randrange(1, 9)}, {"description": "by hand"}, {"description": ""},
                {"displayName": f"{app.tag} by hand"}, {"arguments": []}, {"configuration": {"spark.by": "hand"}},
                {"parameters": [{"name": "lake", "value": "7"}, {"name": "day", "value": "1"}]},
                {"maxDurationInMinutes": 7}, {"metastoreId": "ocid1.datacatalogmetastore.oc1..hand"},
                {"warehouseBucketUri": f"oci://logs@{self.home.ns}"}, {"logsBucketUri": f"oci://data@{self.home.ns}/"},
                {"sparkVersion": "3.2.1"}, {"archiveUri": f"oci://data@{self.home.ns}/lake/part-0"},
                {"driverShapeConfig": {"ocpus": 3.0, "memoryInGBs": 48.0}} if app.fields["driverShape"].endswith("Flex") else {},
                {"applicationLogConfig": {"logGroupId": "ocid1.loggroup.oc1..hand", "logId": "ocid1.log.oc1..hand"}},
                {"fileUri": f"oci://data@{self.home.ns}/lake/part-0"}]))

    def others_tag_it(self, rng):
        app = self.ours(rng)
        if app:
            tags = self.tags_of(app)
            others = sorted(k for k in tags if not k.startswith("weir"))
            if others and rng.random() < 0.5:
                del tags[rng.choice(others)]
            elif len(tags) < 7:
                tags[rng.choice([*TAGS, "hand"])] = rng.choice("xyz")
            self.set(app, freeformTags=tags)

    def others_define_tags(self, rng):
        app = self.ours(rng)
        if app:
            self.set(app, definedTags={"Ops": {rng.choice("ab"): rng.choice("xyz")}})

    def others_spoil_the_memory(self, rng):
        app = self.ours(rng)
        if app:
            tags = self.tags_of(app)
            tags.pop("weir-set", None)
            if rng.random() < 0.5:
                tags["weir-set"] = "1nonsense"
            self.set(app, freeformTags=tags)

    def others_take_the_identity(self, rng):
        app = self.ours(rng)
        if app:
            self.set(app, freeformTags={k: v for k, v in self.tags_of(app).items() if not k.startswith("weir")})

    def others_double_it(self, rng):
        app = self.ours(rng)
        if app:
            twin = self.by_hand("a copy", {"weir": app.tag}, compartmentId=rng.choice(self.places))
            twin.known = None

    def others_delete_it(self, rng):
        app = self.ours(rng)
        if app:
            self.small.delete(app.id)
            self.model.apps.remove(app)

    def others_move_it(self, rng):
        app = self.ours(rng)
        place = rng.choice(self.places)
        if app and place != app.compartment:
            self.small.move(app.id, place)
            app.compartment = place

    def others_make_one_to_adopt(self, rng):
        app = self.by_hand(f"made by hand {self.count}", {"hand": "made"}, compartmentId=rng.choice(self.places))
        self.count += 1
        key = rng.choice(APP_KEYS)
        if not any(key in (k, a.get("was")) for k, a in self.spec["apps"].items()):
            self.spec["apps"][key] = {"script": rng.choice(SCRIPTS), "adopt": app.id}

    def others_write_an_object(self, rng):
        ours = sorted(n for n in self.model.objects if n.startswith("weir/") and not n.startswith("weir/other/") and "_meta" not in n)
        name = rng.choice(ours) if ours and rng.random() < 0.6 else f"weir/{self.model.owners()[0]}/scripts/junk{rng.randrange(3)}.py"
        self.put(name, f"by hand {rng.randrange(3)}".encode())

    def others_delete_an_object(self, rng):
        ours = sorted(n for n in self.model.objects if n.startswith("weir/") and not n.startswith("weir/other/") and "_meta" not in n)
        if ours:
            name = rng.choice(ours)
            self.home.call("DELETE", self.home.object("data", name))
            del self.model.objects[name]

    # ---- a step -------------------------------------------------------------------------------------------------------

    def step(self, step, number):
        self.renamed = False
        for name, seed in step:
            getattr(self, name)(random.Random(seed))
        rng = random.Random(number)
        for _ in range(20):
            problems = self.model.problems([self.model.want(k) for k in self.spec["apps"]])
            if not problems:
                break
            self.refused({p[0] for p in problems}, problems)
            self.settle(rng, problems[0])
        else:
            raise Wrong(f"never settled: {problems}")
        self.applied()

    def refused(self, statuses, problems):
        before = self.live()
        done = self.small.weir("apply", "-y")
        if done.returncode not in statuses:
            raise Wrong(f"status {done.returncode}, and {problems} were expected:\n{done.stdout}{done.stderr}")
        if self.live() != before:
            raise Wrong(f"refused ({problems}), and yet something was changed:\n{done.stdout}{done.stderr}")

    def settle(self, rng, problem):
        """Does what weir's message says."""
        _, kind, what = problem
        if kind == "doubled":
            twins = [a for a in self.model.apps if a.tag == what]
            gone = rng.choice(twins)
            self.small.delete(gone.id)
            self.model.apps.remove(gone)
        elif kind == "both":
            self.spec["apps"][what].pop("was", None)
            self.spec["apps"][what].pop("adopt", None)
            self.spec.pop("was", None)
            self.target.pop("was", None)
        elif kind == "adopt":
            self.spec["apps"][what].pop("adopt")
        elif kind == "name":
            key, ocid = what
            app = next(a for a in self.model.apps if a.id == ocid)
            if app.tag is None and not self.model.claimed(self.model.want(key)):
                self.spec["apps"][key].pop("was", None)
                self.spec["apps"][key]["adopt"] = ocid
            else:
                self.small.delete(ocid)
                self.model.apps.remove(app)
        elif kind == "protect":
            self.target.pop("protect", None)
            self.spec["apps"][what]["prevent_delete"] = False
        elif kind == "object":
            key = next(k for k, o in self.spec["objects"].items() if o.get("object") == what)
            self.spec["objects"][key]["overwrite"] = True

    def live(self):
        apps = {a["id"]: a for a in self.small.apps()}
        return apps, self.small.objects()

    def applied(self):
        times = {a.id: self.small.app(a.id)["timeUpdated"] for a in self.model.apps}
        _, busy, untouched = self.model.outcome()
        planned = self.small.weir("plan", "--detailed-exitcode")
        self.said = planned.stdout
        if planned.returncode != (2 if busy else 0):
            raise Wrong(f"plan gives {planned.returncode}, {'changes' if busy else 'nothing'} expected:\n{planned.stdout}{planned.stderr}")
        done = self.small.weir("apply", "-y")
        said = f":\n{planned.stdout}{done.stderr}"
        if done.returncode:
            raise Wrong(f"apply gives {done.returncode}{said}")
        self.compare(said)
        for app in untouched:
            if self.small.app(app.id)["timeUpdated"] != times[app.id]:
                raise Wrong(f"{app.tag} ({app.id}) was written, though it was as it should be{said}")
        again = self.small.weir("plan", "--detailed-exitcode")
        if again.returncode or not again.stdout.splitlines()[-1].startswith("No changes."):
            raise Wrong(f"after apply there is something left to do:\n{again.stdout}{again.stderr}\nand before it was{said}")

    def compare(self, said):
        live, objects = self.live()
        seen = {ocid: history.app_of(app) for ocid, app in live.items()}
        for app in self.model.apps:  # those that were created get their OCID
            if app.id is None:
                found = [s for s in seen.values() if s.tag == app.tag]
                if len(found) != 1:
                    raise Wrong(f"{len(found)} applications are {app.tag}{said}")
                if found[0].id in {a.id for a in self.model.apps}:
                    raise Wrong(f"{found[0].id} is {app.tag}, and was another before{said}")
                app.id = found[0].id
            if app.id in seen:
                app.tags["weir-set"] = seen[app.id].tags.get("weir-set")
        want = {a.id: a.seen() for a in self.model.apps}
        have = {ocid: s.seen() for ocid, s in seen.items()}
        for ocid in {**want, **have}:
            if want.get(ocid) != have.get(ocid):
                raise Wrong(f"{ocid} is not what it should be: {difference(have.get(ocid), want.get(ocid))}{said}")
        for ocid, frozen in self.others.items():
            if self.frozen(ocid) != frozen:
                raise Wrong(f"{ocid} is another's, and was touched{said}")
        want = {n: base64.b64encode(hashlib.md5(c).digest()).decode() for n, (c, _) in self.model.objects.items()}
        if want != objects:
            odd = sorted(set(want.items()) ^ set(objects.items()))
            raise Wrong(f"objects differ: {odd}{said}")


OPS = [name for name in vars(World) if name.startswith(("file_", "others_", "field_"))]
OPS += ["field_goes_while_others_change_it", "file_drops_a_field", "others_change_a_field"]  # oftener


def make(seed, steps):
    """Each edit has a seed of its own: it does the same whichever others are left out, as far as it can."""
    rng = random.Random(seed)
    return [[(rng.choice(OPS), rng.randrange(1 << 30)) for _ in range(rng.randrange(1, 4))] for _ in range(steps)]


def play(steps, tell=False):
    """None, or how it went wrong and at which step. tell: what the file was, and what weir said."""
    with weirlocal.Home() as home:
        home.env["WEIR"] = os.environ["WEIR"]
        world = World(home, home.scratch / "small")
        for i, step in enumerate(steps):
            try:
                world.step(step, i)
                if tell:
                    print(f"{step}:\n{json.dumps(world.spec)}\n{world.said}", file=sys.stderr, flush=True)
            except AssertionError as wrong:
                return f"step {i + 1}: {wrong}", i
    return None


def without(steps, taken):
    """The history without some of its edits; steps that are left with none go."""
    kept = [[op for op in step if op not in taken] for step in steps]
    return [step for step in kept if step]


def shrink(steps, told):
    """Leaves out halves, quarters, ... single edits, while it still goes wrong."""
    steps, runs = steps[:told[1] + 1], 0
    size = sum(map(len, steps)) // 2
    while size:
        flat, at = [op for step in steps for op in step], 0
        while at < len(flat) and runs < SHRINK_RUNS:
            fewer = without(steps, flat[at:at + size])
            runs += 1
            wrong = play(fewer) if fewer else None
            if wrong:
                steps, told = fewer[:wrong[1] + 1], wrong
                flat = [op for step in steps for op in step]
            else:
                at += size
        size //= 2
    return steps, told


def check(seed):
    steps = make(seed, STEPS)
    wrong = play(steps)
    if wrong:
        print(f"seed {seed}: {wrong[0]}\nleaving out what does not matter ...", file=sys.stderr, flush=True)
        steps, wrong = shrink(steps, wrong)
        told = f"seed {seed}, shrunk to {len(steps)} steps:\n{json.dumps(steps)}\n{wrong[0]}"
        print(told, file=sys.stderr, flush=True)
        raise AssertionError(told)
    print(f"seed {seed}: {STEPS} steps, {sum(map(len, steps))} edits, no counter-example", file=sys.stderr, flush=True)


class Histories(unittest.TestCase):
    pass


def add(seed):
    setattr(Histories, f"test_seed_{seed}", lambda self: check(seed))


def again(steps):
    wrong = play(steps, tell=True)
    if wrong:
        raise AssertionError(wrong[0])


given = [a for a in sys.argv[1:] if a.isdigit()]
sys.argv = [a for a in sys.argv if a not in given]
if "WEIR_HISTORY" in os.environ:
    Histories.test_given = lambda self: again(json.loads(os.environ["WEIR_HISTORY"]))
else:
    for number in map(int, given or range(1, SEEDS + 1)):
        add(number)
weirlocal.main()
