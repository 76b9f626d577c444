#!/usr/bin/env python3
"""Whose what is in weir-local: compartments, users, tenancies, policies, and what is not there for whom."""
import json
import os
import pathlib
import re
import stat
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import Flow, standin_spark

API = "/20200129"
NOWHERE = "ocid1.compartment.oc1..aaaaaaaanowhere"
home = None


def setUpModule():
    global home
    home = weirlocal.Home(env={"WEIR_LOCAL_STEP_MS": "30"})
    unittest.addModuleCleanup(home.__exit__)
    home.start()


def application(compartment, name="a", **more):
    """The body of a create."""
    return {
        "compartmentId": compartment, "displayName": name, "language": "PYTHON", "sparkVersion": "3.5.0",
        "driverShape": "VM.Standard2.1", "executorShape": "VM.Standard2.1", "numExecutors": 1,
        "fileUri": f"oci://code@{home.ns}/a.py", **more,
    }


def pool_of(compartment, **more):
    return {"compartmentId": compartment, "displayName": "p", "configurations": [{"shape": "VM.Standard2.1", "min": 1, "max": 2}], **more}


def endpoint_of(compartment, **more):
    return {"compartmentId": compartment, "displayName": "e", "dnsZones": ["a.example"], "subnetId": "ocid1.subnet.oc1.iad.s", **more}


def names(kind, compartment):
    """The names of what a list tells."""
    target = f"/n/{home.ns}/b" if kind == "buckets" else f"{API}/{kind}"
    return [item.get("displayName", item.get("name")) for item in home.call("GET", f"{target}?compartmentId={compartment}").json()]


class Compartments(unittest.TestCase):
    def refused(self, reply, status=404, code="NotAuthorizedOrNotFound"):
        self.assertEqual((reply.status, reply.code), (status, code), reply)

    def test_there_are_three_and_they_stay(self):
        before = home.compartments
        self.assertEqual(sorted(before), ["dev", "prod", "test"])
        self.assertEqual(len({*before.values(), home.tenancy}), 4)
        told = home.weir_local("status")
        for name, ocid in before.items():
            self.assertRegex(ocid, r"^ocid1\.compartment\.oc1\.\.[a-z2-7]{60}$")
            self.assertRegex(told.stdout, rf"(?m)^(compartments)? +{name}, {ocid}$")
        with weirlocal.Home() as other:
            self.assertFalse(set(other.compartments.values()) & set(before.values()))
        home.kill9()
        home.start()
        self.assertEqual(home.compartments, before)

    def test_lists_are_of_one(self):
        for name, ocid in (("root", home.tenancy), *home.compartments.items()):
            self.assertEqual(home.call("POST", f"{API}/applications", application(ocid, f"list-{name}")).status, 200)
            home.bucket(f"list-{name}", ocid)
        for name, ocid in (("root", home.tenancy), *home.compartments.items()):
            for kind in ("applications", "buckets"):
                with self.subTest(kind=kind, compartment=name):
                    listed = [n for n in names(kind, ocid) if n.startswith("list-")]
                    self.assertEqual(listed, [f"list-{name}"])

    def test_a_run_may_be_in_another_than_its_application(self):
        dev, test = home.compartments["dev"], home.compartments["test"]
        app = home.call("POST", f"{API}/applications", application(dev, "elsewhere")).json()["id"]
        run = home.call("POST", f"{API}/runs", {"compartmentId": test, "applicationId": app, "displayName": "run-elsewhere"})
        self.assertEqual((run.status, run.json()["compartmentId"]), (200, test))
        self.assertIn("run-elsewhere", names("runs", test))
        self.assertNotIn("run-elsewhere", names("runs", dev))

    def test_move(self):
        """With its etag, and over kill -9."""
        dev, test = home.compartments["dev"], home.compartments["test"]
        app = home.call("POST", f"{API}/applications", application(dev, "moves"))
        target = f"{API}/applications/{app.json()['id']}"
        run = home.call("POST", f"{API}/runs", {"compartmentId": dev, "applicationId": app.json()["id"], "displayName": "run-moves"})
        for thing, kind, name in ((app, "applications", "moves"), (run, "runs", "run-moves")):
            with self.subTest(kind=kind):
                self.assertEqual(thing.status, 200, thing)
                action = f"{API}/{kind}/{thing.json()['id']}/actions/changeCompartment"
                self.refused(home.call("POST", action, {"compartmentId": test}, fields=[("if-match", "x")]), 412, "NoEtagMatch")
                self.refused(home.call("POST", action, {"compartmentId": NOWHERE}))
                self.assertIn(name, names(kind, dev))
                moved = home.call("POST", action, {"compartmentId": test})
                self.assertEqual((moved.status, moved.body), (204, b""))
                home.kill9()
                home.start()
                self.assertNotIn(name, names(kind, dev))
                self.assertIn(name, names(kind, test))
        self.assertEqual(home.call("GET", target).json()["compartmentId"], test)

    def test_buckets_move_by_update(self):
        dev, test = home.compartments["dev"], home.compartments["test"]
        home.bucket("moving", dev)
        target = f"/n/{home.ns}/b/moving"
        self.refused(home.call("POST", target, {"compartmentId": NOWHERE}), 404, "BucketNotFound")
        self.assertEqual(home.call("POST", target, {"compartmentId": test}).status, 200)
        self.assertIn("moving", names("buckets", test))
        self.assertNotIn("moving", names("buckets", dev))

    def test_unknown(self):
        """Another's and nobody's: as if it were not there."""
        with weirlocal.Home() as other:
            for compartment in (NOWHERE, "x", other.tenancy, other.compartments["dev"]):
                with self.subTest(compartment=compartment):
                    self.refused(home.call("POST", f"{API}/applications", application(compartment)))
                    self.refused(home.call("POST", f"{API}/runs", {"compartmentId": compartment, "execute": "oci://a@b/c.py"}))
                    self.refused(home.call("GET", f"{API}/applications?compartmentId={compartment}"))
                    self.refused(home.call("GET", f"{API}/runs?compartmentId={compartment}"))
                    self.refused(home.call("POST", f"/n/{home.ns}/b", {"name": "nowhere", "compartmentId": compartment}))
                    self.refused(home.call("GET", f"/n/{home.ns}/b?compartmentId={compartment}"))
        self.assertEqual(home.call("GET", f"/n/{home.ns}/b/nowhere").status, 404)


def routes():
    """Method, pattern and what it needs, of each route in the tables of the source."""
    found = []
    for name in ("objectstorage", "dataflow"):
        text = next((weirlocal.SOURCE / "src" / "local").rglob(f"{name}.c")).read_text()
        prefix = {"B": "/n/{}/b/{}", "V": "/20200129"}
        for method, macro, pattern, needs in re.findall(r'\{"(\w+)", (?:(B|V)\b ?)?(?:"([^"]*)")?, (NEEDS\w*\([^)]*\))', text):
            found.append((method, prefix.get(macro, "") + pattern, re.findall(r"\w+", needs)))
    return found


def told(reply):
    """What a reply says, without what differs between any two."""
    return reply.status, reply.body, [(k, v) for k, v in reply.fields if k not in ("date", "opc-request-id", "content-length")]


OTHERS = {"users": {"nobody": {}, "ann": {"groups": ["analysts"]}}, "tenancies": {"other": {"users": {"eve": {"groups": ["Administrators"]}}}}}


class Others(unittest.TestCase):
    """Another's looks, byte for byte, as what is not there; for every route."""

    @classmethod
    def setUpClass(cls):
        home.identity(OTHERS)
        cls.eve, cls.nobody, cls.ann = home.signer("eve"), home.signer("nobody"), home.signer("ann")
        cls.home_user = home.signer("DEFAULT")
        cls.owned = {"DEFAULT": cls.fill(cls.home_user, "home"), "eve": cls.fill(cls.eve, "eves")}

    @classmethod
    def tearDownClass(cls):
        home.identity({})

    @classmethod
    def fill(cls, user, bucket):
        """One of each kind, in the root of the user's tenancy: what stands for a placeholder behind its segment."""
        def made(reply, key="id"):
            assert reply.status in (200, 202), reply
            return reply.json()[key] if key else reply.field("opc-work-request-id")

        made(user.call("POST", f"/n/{user.ns}/b", {"name": bucket, "compartmentId": user.tenancy}))
        assert user.call("PUT", f"/n/{user.ns}/b/{bucket}/o/thing", b"x").status == 200
        copy = user.call("POST", f"/n/{user.ns}/b/{bucket}/actions/copyObject", {
            "sourceObjectName": "thing", "destinationRegion": "us-ashburn-1", "destinationNamespace": user.ns,
            "destinationBucket": bucket, "destinationObjectName": "copy"})
        app = made(user.call("POST", f"{API}/applications", {**application(user.tenancy), "fileUri": f"oci://{bucket}@{user.ns}/thing"}))
        run = made(user.call("POST", f"{API}/runs", {"compartmentId": user.tenancy, "applicationId": app, "displayName": "r"}))
        pool = made(user.call("POST", f"{API}/pools", pool_of(user.tenancy)))
        endpoint = user.call("POST", f"{API}/privateEndpoints", endpoint_of(user.tenancy))
        return {"pools": pool, "privateEndpoints": made(endpoint), "workRequests": made(endpoint, None), "ns": user.ns, "bucket": bucket, "applications": app, "runs": run, "storage/workRequests": made(copy, None),
                "compartments": user.tenancy, "tenancy": user.tenancy}

    @staticmethod
    def target(pattern, things):
        out, before = [], None
        parts = pattern.split("/")
        for i, part in enumerate(parts):
            if part in ("{}", "{*}"):
                kind = "ns" if before == "n" else "bucket" if before == "b" else before
                kind = f"storage/{kind}" if parts[1] == "workRequests" else kind
                part = things.get(kind, "thing")
            out.append(part)
            before = part
        return "/".join(out)

    def ask(self, user, method, pattern, needs, things):
        target, body = self.target(pattern, things), b""
        if "QUERY" in needs:
            target += f"?compartmentId={things['tenancy']}"
        if method in ("POST", "PUT") and not weirlocal.STREAMED.match(target):
            body = {"compartmentId": things["tenancy"]} if needs[-1] == "BODY" else {}
            body = {"compartmentId": user.tenancy} if needs[0] == "NEEDS_TO_MOVE" else body
        return user.call(method, target, body)

    def same(self, user, theirs):
        """What is theirs, and what is nobody's, are the same to that user, and refused."""
        absent = {kind: re.sub(r".{6}$", "222222", value) if value.startswith("ocid1.") else value[:-1] + "7" for kind, value in theirs.items()}
        if user.ns == theirs["ns"]:
            absent["ns"] = theirs["ns"]
        count = 0
        for method, pattern, needs in routes():
            if (needs[-1] == "ANYONE" and "{" not in pattern) or (needs[2] == "NAMESPACE" and user.ns == theirs["ns"]):
                continue
            with self.subTest(user=user.profile, method=method, pattern=pattern):
                there, not_there = (self.ask(user, method, pattern, needs, things) for things in (theirs, absent))
                texts = []
                for reply, things in ((there, theirs), (not_there, absent)):
                    status, text, fields = told(reply)
                    for kind in sorted(things, key=lambda k: -len(things[k])):
                        text = text.replace(f"'{things[kind]}'".encode(), b"'*'").replace(things[kind].encode(), b"*") if len(things[kind]) > 8 else text.replace(f"'{things[kind]}'".encode(), b"'*'")
                    texts.append((status, text, fields))
                self.assertEqual(there.status, 404, there)
                self.assertEqual(texts[0], texts[1])
                count += 1
        self.assertGreater(count, 30)

    def test_another_tenancy(self):
        self.same(self.eve, self.owned["DEFAULT"])
        self.same(self.home_user, self.owned["eve"])

    def test_a_user_without_rights(self):
        self.same(self.nobody, self.owned["DEFAULT"])

    def test_the_owner_sees_it(self):
        """So that the two tests above are about something."""
        for user, name in ((self.home_user, "DEFAULT"), (self.eve, "eve")):
            things, seen = self.owned[name], 0
            for method, pattern, needs in routes():
                if method not in ("GET", "HEAD"):
                    continue
                reply = self.ask(user, method, pattern, needs, things)
                seen += reply.status == 200
                if reply.status != 200:
                    self.assertRegex(pattern, "/(u|logs|retentionRules|l|p|errors)(/|$)", reply)
            self.assertGreater(seen, 12)

    def test_the_same_names_in_two_tenancies(self):
        for user in (self.home_user, self.eve):
            self.assertEqual(user.call("POST", f"/n/{user.ns}/b", {"name": "twin", "compartmentId": user.tenancy}).status, 200)
            self.assertEqual(user.call("PUT", f"/n/{user.ns}/b/twin/o/x", user.profile.encode()).status, 200)
        for user in (self.home_user, self.eve):
            self.assertEqual(user.call("GET", f"/n/{user.ns}/b/twin/o/x").body, user.profile.encode())
        self.assertEqual(home.signer("eve").ns, "other")

    def test_the_same_retry_token(self):
        """Of another tenancy it is another token."""
        made = [user.call("POST", f"{API}/applications", {**application(user.tenancy, "tokened")}, fields=[("opc-retry-token", "same")]).json()
                for user in (self.home_user, self.eve)]
        self.assertNotEqual(made[0]["id"], made[1]["id"])
        self.assertEqual([m["ownerUserName"] for m in made], ["weir-local", "eve"])

    def test_the_service_itself_is_the_home_users(self):
        for user in (self.eve, self.ann, self.nobody):
            for method, target in (("GET", "/weir/state"), ("GET", "/weir/faults"), ("POST", "/weir/faults"), ("DELETE", "/weir/faults")):
                with self.subTest(user=user.profile, method=method, target=target):
                    reply = user.call(method, target, {"action": "reset"} if method == "POST" else b"")
                    self.assertEqual((reply.status, reply.code), (404, "NotAuthorizedOrNotFound"))

    def test_a_key_of_another_user(self):
        """Who signs with one key and names another is nobody."""
        reply = home.call("GET", "/n", key=self.eve.key, key_id=self.nobody.key_id)
        self.assertEqual((reply.status, reply.code), (401, "NotAuthenticated"))

    def test_it_survives_kill_9(self):
        home.kill9()
        home.start()
        for user, name in ((home.signer("DEFAULT"), "DEFAULT"), (home.signer("eve"), "eve")):
            things = self.owned[name]
            self.assertEqual(user.call("GET", f"{API}/applications/{things['applications']}").status, 200)
            self.assertEqual(user.call("GET", f"/n/{user.ns}/b/{things['bucket']}/o/thing").body, b"x")
        self.assertEqual(home.signer("eve").key_id, self.eve.key_id)


VERBS = ["inspect", "read", "use", "manage"]
FAMILIES = {"dataflow-family": ("dataflow-application", "dataflow-run", "dataflow-pool", "dataflow-private-endpoint"),
            "object-family": ("buckets", "objects", "objectstorage-namespaces")}
STALE = [("if-match", "stale")]  # lets in who may, and changes nothing


def rows(ns, bucket, compartment, app, run, pool, endpoint):
    """Type, the least verb, method, target, body, headers. A body that is incomplete is refused behind the permission."""
    b = f"/n/{ns}/b/{bucket}"
    return [
        ("dataflow-application", "inspect", "GET", f"{API}/applications?compartmentId={compartment}", b"", []),
        ("dataflow-application", "read", "GET", f"{API}/applications/{app}", b"", []),
        ("dataflow-application", "use", "PUT", f"{API}/applications/{app}", {"numExecutors": 2}, STALE),
        ("dataflow-application", "manage", "POST", f"{API}/applications", {"compartmentId": compartment}, []),
        ("dataflow-application", "manage", "DELETE", f"{API}/applications/{app}", b"", STALE),
        ("dataflow-application", "manage", "POST", f"{API}/applications/{app}/actions/changeCompartment", {"compartmentId": compartment}, STALE),
        ("dataflow-run", "inspect", "GET", f"{API}/runs?compartmentId={compartment}", b"", []),
        ("dataflow-run", "read", "GET", f"{API}/runs/{run}", b"", []),
        ("dataflow-run", "read", "GET", f"{API}/runs/{run}/logs", b"", []),
        ("dataflow-run", "use", "PUT", f"{API}/runs/{run}", {"maxDurationInMinutes": 5}, STALE),
        ("dataflow-run", "manage", "POST", f"{API}/runs", {"compartmentId": compartment}, []),
        ("dataflow-run", "manage", "DELETE", f"{API}/runs/{run}", b"", STALE),
        ("dataflow-run", "manage", "POST", f"{API}/runs/{run}/actions/changeCompartment", {"compartmentId": compartment}, STALE),
        *[(f"dataflow-{kind}", verb, method, f"{API}/{path}{behind}", body, fields)
          for kind, path, ocid in (("pool", "pools", pool), ("private-endpoint", "privateEndpoints", endpoint))
          for verb, method, behind, body, fields in (
              ("inspect", "GET", f"?compartmentId={compartment}", b"", []), ("read", "GET", f"/{ocid}", b"", []),
              ("use", "PUT", f"/{ocid}", {"displayName": "n"}, STALE), ("manage", "POST", "", {"compartmentId": compartment}, []),
              ("manage", "DELETE", f"/{ocid}", b"", STALE),
              ("manage", "POST", f"/{ocid}/actions/changeCompartment", {"compartmentId": compartment}, STALE))],
        ("dataflow-pool", "use", "POST", f"{API}/pools/{pool}/actions/start", b"", STALE),
        ("dataflow-pool", "use", "POST", f"{API}/pools/{pool}/actions/stop", b"", STALE),
        ("dataflow-application", "manage", "POST", f"{API}/applications/{app}/actions/cascadingDeleteApplication", b"", STALE),
        ("buckets", "inspect", "GET", f"/n/{ns}/b?compartmentId={compartment}", b"", []),
        ("buckets", "read", "GET", b, b"", []),
        ("buckets", "read", "HEAD", b, b"", []),
        ("buckets", "use", "POST", b, {"versioning": "Enabled"}, STALE),
        ("buckets", "manage", "POST", f"/n/{ns}/b", {"compartmentId": compartment}, []),
        ("buckets", "manage", "DELETE", b, b"", []),
        ("objects", "inspect", "GET", f"{b}/o", b"", []),
        ("objects", "inspect", "HEAD", f"{b}/o/thing", b"", []),
        ("objects", "read", "GET", f"{b}/o/thing", b"", []),
        ("objects", "use", "PUT", f"{b}/o/thing", b"x", STALE),
        ("objects", "manage", "PUT", f"{b}/o/new", b"x", STALE),
        ("objects", "manage", "DELETE", f"{b}/o/thing", b"", STALE),
        ("objects", "manage", "POST", f"{b}/u", {}, []),
    ]


class Policies(unittest.TestCase):
    """Each verb on each type, allowed and refused; where it holds, and for whom."""

    @classmethod
    def setUpClass(cls):
        cls.allow()
        cls.admin, cls.ann = home.signer("DEFAULT"), home.signer("ann")
        cls.rows, cls.bare = {}, home.compartments
        for path in ("dev", "dev:web", "test"):
            compartment, bucket = home.compartments[path], f"policies-{path.replace(':', '-')}"
            home.bucket(bucket, compartment)
            assert home.call("PUT", home.object(bucket, "thing"), b"x").status == 200
            app = home.call("POST", f"{API}/applications", application(compartment)).json()["id"]
            run = home.call("POST", f"{API}/runs", {"compartmentId": compartment, "applicationId": app, "displayName": "r"}).json()["id"]
            pool = home.call("POST", f"{API}/pools", pool_of(compartment)).json()["id"]
            endpoint = home.call("POST", f"{API}/privateEndpoints", endpoint_of(compartment)).json()["id"]
            cls.rows[path] = rows(home.ns, bucket, compartment, app, run, pool, endpoint)

    @classmethod
    def tearDownClass(cls):
        home.identity({})

    @classmethod
    def allow(cls, *statements, groups=("analysts",)):
        home.identity({"compartments": {"dev": {}, "dev:web": {}, "test": {}}, "groups": ["analysts", "idle"], "policies": list(statements),
                       "users": {"ann": {"groups": list(groups)}, "bob": {}}})

    def let_in(self, user, row):
        _, _, method, target, body, fields = row
        reply = user.call(method, target, body, fields=fields)
        self.assertIn(reply.status, (200, 400, 404, 409, 412), reply)
        return reply.status != 404

    def may(self, user, path, allowed):
        """allowed: verb by type."""
        for row in self.rows[path]:
            least, given = VERBS.index(row[1]), allowed.get(row[0])
            with self.subTest(allowed=allowed, path=path, request=row[2:4]):
                self.assertEqual(self.let_in(user, row), given is not None and VERBS.index(given) >= least)

    def test_every_verb_on_every_type(self):
        for kind in ("dataflow-application", "dataflow-run", "dataflow-pool", "dataflow-private-endpoint", "buckets", "objects"):
            for verb in VERBS:
                self.allow(f"Allow group analysts to {verb} {kind} in compartment dev")
                self.may(self.ann, "dev", {kind: verb})

    def test_families(self):
        every = sum(FAMILIES.values(), ())
        for name, kinds in (*FAMILIES.items(), ("all-resources", every)):
            for verb in VERBS:
                self.allow(f"ALLOW GROUP analysts TO {verb.upper()} {name} IN TENANCY")
                self.may(self.ann, "test", dict.fromkeys(kinds, verb))

    def test_where_it_holds(self):
        """In the compartment and what is in it, and nowhere else."""
        for place, holds in (("compartment dev", ("dev", "dev:web")), ("compartment dev:web", ("dev:web",)), ("tenancy", ("dev", "dev:web", "test")),
                             (f"compartment id {home.compartments['test']}", ("test",))):
            self.allow(f"Allow group analysts to read dataflow-application in {place}")
            for path in self.rows:
                self.may(self.ann, path, {"dataflow-application": "read"} if path in holds else {})

    def test_whom_it_is_for(self):
        bob = home.signer("bob")
        for who, for_ann, for_bob in (("group analysts", True, False), ("group idle, analysts", True, False), ("group idle", False, False),
                                      ("any-user", True, True), ("group 'Analysts'", True, False), ("group Administrators", False, False)):
            self.allow(f"Allow {who} to read buckets in tenancy")
            for user, may in ((self.ann, for_ann), (bob, for_bob)):
                self.may(user, "test", {"buckets": "read"} if may else {})

    def test_statements_add_up(self):
        self.allow("Allow group analysts to read objects in tenancy", "Allow group analysts to manage objects in compartment dev",
                   "Allow group analysts to inspect objects in compartment dev", "Allow any-user to use dataflow-run in compartment dev")
        self.may(self.ann, "dev", {"objects": "manage", "dataflow-run": "use"})
        self.may(self.ann, "test", {"objects": "read"})

    def test_administrators(self):
        self.allow(groups=["Administrators"])
        self.may(self.ann, "dev", dict.fromkeys(sum(FAMILIES.values(), ()), "manage"))

    def test_a_move_needs_both_ends(self):
        dev, test = home.compartments["dev"], home.compartments["test"]
        for index, (kind, app_or_run) in enumerate((("dataflow-application", 5), ("dataflow-run", 12))):
            row = self.rows["dev"][app_or_run]
            for statements, status in (((f"Allow group analysts to manage {kind} in compartment dev",), 404),
                                       ((f"Allow group analysts to manage {kind} in compartment test",), 404),
                                       ((f"Allow group analysts to manage {kind} in compartment dev", f"Allow group analysts to use {kind} in compartment test"), 404),
                                       ((f"Allow group analysts to manage {kind} in compartment dev", f"Allow group analysts to manage {kind} in compartment test"), 412)):
                with self.subTest(statements=statements):
                    self.allow(*statements)
                    reply = self.ann.call("POST", row[3], {"compartmentId": test}, fields=STALE)
                    self.assertEqual(reply.status, status, reply)

    def test_what_an_application_names_must_be_the_callers_to_use(self):
        compartment = home.compartments["dev"]
        pool = home.call("POST", f"{API}/pools", pool_of(home.compartments["test"])).json()["id"]
        body = application(compartment, poolId=pool)
        manage = "Allow group analysts to manage dataflow-application in compartment dev"
        for statements, status, code in (((manage,), 400, "RelatedResourceNotAuthorizedOrNotFound"),
                                         ((manage, "Allow group analysts to read dataflow-pool in compartment test"), 400, "RelatedResourceNotAuthorizedOrNotFound"),
                                         ((manage, "Allow group analysts to use dataflow-pool in compartment test"), 200, None)):
            self.allow(*statements)
            reply = self.ann.call("POST", f"{API}/applications", body)
            self.assertEqual((reply.status, None if status == 200 else reply.code), (status, code), reply)

    def test_a_run_needs_to_read_its_application(self):
        app = self.rows["dev"][1][3].rsplit("/", 1)[1]
        body = {"compartmentId": home.compartments["test"], "applicationId": app, "displayName": "r"}
        self.allow("Allow group analysts to manage dataflow-run in compartment test")
        refused, absent = (self.ann.call("POST", f"{API}/runs", {**body, "applicationId": a}) for a in (app, app[:-3] + "222"))
        self.assertEqual((refused.status, refused.code), (404, "NotAuthorizedOrNotFound"))
        self.assertEqual(refused.body.replace(app.encode(), b""), absent.body.replace((app[:-3] + "222").encode(), b""))
        self.allow("Allow group analysts to manage dataflow-run in compartment test", "Allow group analysts to read dataflow-application in compartment dev")
        self.assertEqual(self.ann.call("POST", f"{API}/runs", body).status, 200)


class Runs(unittest.TestCase):
    """A run acts as the user who launched it."""

    def test_as_the_user(self):
        with tempfile.TemporaryDirectory() as spark, weirlocal.Home(env=standin_spark(spark)) as own:
            flow = Flow(own)
            flow.put("code", "job.py", "echo begun; sleep 600")
            own.bucket("open", own.compartments["dev"])
            own.bucket("shut", own.tenancy)
            for bucket in ("open", "shut"):
                self.assertEqual(own.call("PUT", own.object(bucket, "x"), b"x").status, 200)
            allow = ["Allow any-user to manage dataflow-family in tenancy", "Allow any-user to read objects in compartment dev"]
            own.identity({"users": {"ann": {}}, "policies": allow})
            ann = own.signer("ann")
            launch = {"compartmentId": own.tenancy, "displayName": "r", "execute": f"oci://code@{own.ns}/job.py"}

            run = ann.call("POST", f"{API}/runs", launch).json()
            ended = flow.finish(run)
            self.assertEqual(ended["lifecycleState"], "FAILED", ended)
            self.assertIn("fileUri: there is no object `job.py` in the bucket `code`", ended["lifecycleDetails"])

            own.identity({"users": {"ann": {}}, "policies": [*allow, "Allow any-user to read objects in compartment code"],
                          "compartments": {"dev": {}, "code": {}}})
            self.assertEqual(own.call("POST", f"/n/{own.ns}/b/code", {"compartmentId": own.compartments["code"]}).status, 200)
            run = ann.call("POST", f"{API}/runs", launch).json()
            folder, deadline = own.path / "runs" / run["id"], time.monotonic() + 60
            while not (folder / "spark.properties").exists():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            fingerprint = re.search(r"client\.auth\.fingerprint[ =](\S+)", (folder / "spark.properties").read_text().replace("\\", "")).group(1)
            signed = {"key": weirlocal.Key((folder / "key.pem").read_bytes()), "key_id": f"{ann.tenancy}/{ann.user}/{fingerprint}"}
            self.assertEqual(own.call("GET", own.object("open", "x"), **signed).body, b"x")
            for method, target, body in (("GET", own.object("shut", "x"), b""), ("PUT", own.object("open", "x"), b"y"), ("GET", "/weir/state", b"")):
                self.assertEqual(own.call(method, target, body, **signed).status, 404)
            self.assertEqual(ann.call("DELETE", f"{API}/runs/{run['id']}").status, 204)
            self.assertEqual(flow.finish(run)["lifecycleState"], "CANCELED")
            self.assertEqual(own.call("GET", "/n", **signed).status, 401)


class States(unittest.TestCase):
    """Pools, private endpoints and their work requests: which states follow, which are refused, what kill -9 leaves."""

    def refused(self, reply, status, code, *parts):
        self.assertEqual((reply.status, reply.code), (status, code), reply)
        for part in parts:
            self.assertIn(part, reply.json()["message"])

    def get(self, kind, ocid):
        return home.call("GET", f"{API}/{kind}/{ocid}").json()

    def reaches(self, kind, ocid, state, key="lifecycleState"):
        deadline = time.monotonic() + 60
        while (now := self.get(kind, ocid)[key]) != state:
            self.assertLess(time.monotonic(), deadline, now)
            time.sleep(0.02)

    def pool(self, **more):
        made = home.call("POST", f"{API}/pools", pool_of(home.tenancy, **more))
        self.assertEqual((made.status, made.json()["lifecycleState"]), (202, "ACCEPTED"))
        return made.json()["id"], made.field("opc-work-request-id")

    def test_a_pool(self):
        pool, work = self.pool()
        self.reaches("pools", pool, "ACTIVE")
        self.reaches("workRequests", work, "SUCCEEDED", "status")
        told = self.get("workRequests", work)
        self.assertEqual((told["operation"], told["percentComplete"], told["resources"][0]["resourceId"]), ("CREATE_POOL", 100, pool))
        logs = home.call("GET", f"{API}/workRequests/{work}/logs").json()["items"]
        self.assertEqual([log["message"] for log in logs], ["CREATE_POOL was accepted.", "The pool is CREATING.", "The pool is ACTIVE."])
        pages, page = [], ""
        while page is not None:
            reply = home.call("GET", f"{API}/workRequests/{work}/logs?limit=2{page}")
            pages.append(len(reply.json()["items"]))
            page = reply.field("opc-next-page") and f"&page={weirlocal.quote(reply.field('opc-next-page'))}"
        self.assertEqual(pages, [2, 1])
        self.refused(home.call("POST", f"{API}/pools/{pool}/actions/start"), 409, "IncorrectState", "ACTIVE", "started")
        for action, state in (("stop", "STOPPED"), ("start", "ACTIVE")):
            target, token = f"{API}/pools/{pool}/actions/{action}", [("opc-retry-token", f"{pool[-20:]}-{action}")]
            self.assertEqual(home.call("POST", target, fields=token).status, 202)
            self.reaches("pools", pool, state)
            self.assertEqual(home.call("POST", target, fields=token).status, 202)  # its reply was lost
            self.assertEqual(self.get("pools", pool)["lifecycleState"], state)
        self.assertEqual(home.call("DELETE", f"{API}/pools/{pool}").status, 204)
        self.reaches("pools", pool, "DELETED")
        self.refused(home.call("PUT", f"{API}/pools/{pool}", {"displayName": "x"}), 404, "NotAuthorizedOrNotFound")
        self.refused(home.call("POST", f"{API}/applications", application(home.tenancy, poolId=pool)), 400, "RelatedResourceNotAuthorizedOrNotFound", "poolId", pool)

    def test_a_schedule(self):
        pool, _ = self.pool(schedules=[{"dayOfWeek": "MONDAY", "startTime": 8, "stopTime": 18}])
        self.reaches("pools", pool, "SCHEDULED")

    def test_a_pool_in_use_stays(self):
        pool, _ = self.pool()
        self.reaches("pools", pool, "ACTIVE")
        home.bucket("in-use")
        app = home.call("POST", f"{API}/applications", application(home.tenancy, poolId=pool)).json()["id"]
        self.assertEqual(self.get("applications", app)["poolId"], pool)
        run = home.call("POST", f"{API}/runs", {"compartmentId": home.tenancy, "applicationId": app, "displayName": "r"})
        self.assertEqual((run.status, run.json()["poolId"]), (200, pool))
        self.reaches("runs", run.json()["id"], "FAILED")  # there is no program
        self.assertEqual(home.call("DELETE", f"{API}/pools/{pool}").status, 204)

    def test_a_private_endpoint(self):
        made = home.call("POST", f"{API}/privateEndpoints", endpoint_of(home.tenancy, maxHostCount=257))
        self.assertEqual((made.status, made.json()["lifecycleState"], made.json()["maxHostCount"]), (202, "CREATING", 512))
        endpoint = made.json()["id"]
        self.refused(home.call("PUT", f"{API}/privateEndpoints/{endpoint}", {"subnetId": "x"}), 400, "InvalidParameter", "subnetId")
        self.reaches("privateEndpoints", endpoint, "INACTIVE")
        app = home.call("POST", f"{API}/applications", application(home.tenancy, privateEndpointId=endpoint)).json()["id"]
        run = home.call("POST", f"{API}/runs", {"compartmentId": home.tenancy, "applicationId": app, "displayName": "r"}).json()
        self.assertEqual((run["privateEndpointDnsZones"], run["privateEndpointMaxHostCount"], run["privateEndpointSubnetId"]),
                         (["a.example"], 512, "ocid1.subnet.oc1.iad.s"))
        done = home.call("DELETE", f"{API}/privateEndpoints/{endpoint}")
        self.assertEqual(done.status, 202)
        self.reaches("workRequests", done.field("opc-work-request-id"), "SUCCEEDED", "status")
        self.assertEqual(self.get("privateEndpoints", endpoint)["lifecycleState"], "DELETED")

    def test_cascading_delete(self):
        app = home.call("POST", f"{API}/applications", application(home.tenancy)).json()["id"]
        runs = [home.call("POST", f"{API}/runs", {"compartmentId": home.tenancy, "applicationId": app, "displayName": "r"}).json()["id"] for _ in range(5)]
        target = f"{API}/applications/{app}/actions/cascadingDeleteApplication"
        self.refused(home.call("POST", target, fields=STALE), 412, "NoEtagMatch")
        done = home.call("POST", target)
        self.assertEqual((done.status, done.body), (202, b""))
        self.reaches("workRequests", done.field("opc-work-request-id"), "SUCCEEDED", "status")
        self.assertEqual(self.get("applications", app)["lifecycleState"], "DELETED")
        for run in runs:
            self.assertIn(self.get("runs", run)["lifecycleState"], ("CANCELED", "FAILED"))

    def test_kill_9_on_the_way(self):
        with weirlocal.Home(env={"WEIR_LOCAL_STEP_MS": "1000"}) as slow:
            pool = slow.call("POST", f"{API}/pools", pool_of(slow.tenancy))
            endpoint = slow.call("POST", f"{API}/privateEndpoints", endpoint_of(slow.tenancy))
            slow.kill9()
            slow.env["WEIR_LOCAL_STEP_MS"] = "10"
            slow.start()
            for kind, made, end in (("pools", pool, "ACTIVE"), ("privateEndpoints", endpoint, "INACTIVE")):
                deadline = time.monotonic() + 60
                while slow.call("GET", f"{API}/{kind}/{made.json()['id']}").json()["lifecycleState"] != end:
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.05)
                work = slow.call("GET", f"{API}/workRequests/{made.field('opc-work-request-id')}").json()
                self.assertEqual(work["status"], "SUCCEEDED")

    def test_lists(self):
        dev = home.compartments["dev"]
        made = [home.call("POST", f"{API}/pools", pool_of(dev, displayName=name)).json()["id"] for name in ("la", "lb", "lc")]
        listed = lambda query: [p["id"] for p in home.call("GET", f"{API}/pools?compartmentId={dev}{query}").json()["items"]]
        for pool in made:
            self.reaches("pools", pool, "ACTIVE")
        self.assertEqual(listed("&displayNameStartsWith=l"), made[::-1])
        self.assertEqual(listed("&displayName=lb&lifecycleState=ACTIVE"), [made[1]])
        self.assertEqual(listed("&displayName=lb&lifecycleState=STOPPED"), [])
        first = home.call("GET", f"{API}/pools?compartmentId={dev}&limit=2&sortOrder=ASC&displayNameStartsWith=l")
        self.assertEqual([p["id"] for p in first.json()["items"]], made[:2])
        self.assertEqual(listed(f"&limit=2&sortOrder=ASC&displayNameStartsWith=l&page={weirlocal.quote(first.field('opc-next-page'))}"), [made[2]])
        for query, part in (("&lifecycleState=ASLEEP", "lifecycleState"), ("&sortBy=displayName", "sortBy"), ("&limit=0", "limit")):
            self.refused(home.call("GET", f"{API}/pools?compartmentId={dev}{query}"), 400, "InvalidParameter", part)

    def test_bad_bodies(self):
        for kind, whole, body, code, part in (
            ("pools", pool_of, {"displayName": None}, "MissingParameter", "displayName"), ("pools", pool_of, {"configurations": None}, "MissingParameter", "configurations"),
            ("pools", pool_of, {"configurations": {}}, "InvalidParameter", "configurations must be a list"), ("pools", pool_of, {"configurations": []}, "InvalidParameter", "configurations"),
            ("pools", pool_of, {"configurations": [{"min": 3, "max": 2}]}, "InvalidParameter", "configurations[0]: min is more than max"),
            ("pools", pool_of, {"configurations": [{}, {"size": 1}]}, "InvalidParameter", "configurations[1]"),
            ("pools", pool_of, {"schedules": [{"dayOfWeek": "SOMEDAY"}]}, "InvalidParameter", "schedules[0].dayOfWeek"),
            ("pools", pool_of, {"schedules": [{"startTime": 24}]}, "InvalidParameter", "schedules[0].startTime"), ("pools", pool_of, {"idleTimeoutInMinutes": 0}, "InvalidParameter", "idleTimeout"),
            ("pools", pool_of, {"poolMetrics": {}}, "InvalidParameter", "poolMetrics"),
            ("privateEndpoints", endpoint_of, {"dnsZones": []}, "InvalidParameter", "dnsZones"), ("privateEndpoints", endpoint_of, {"subnetId": None}, "MissingParameter", "subnetId"),
            ("privateEndpoints", endpoint_of, {"maxHostCount": -1}, "InvalidParameter", "maxHostCount"), ("privateEndpoints", endpoint_of, {"scanDetails": [{"fqdn": 1}]}, "InvalidParameter", "scanDetails[0].fqdn"),
            ("privateEndpoints", endpoint_of, {"securityAttributes": []}, "InvalidParameter", "securityAttributes"),
        ):
            with self.subTest(kind=kind, body=body):
                self.refused(home.call("POST", f"{API}/{kind}", whole(home.tenancy, **body)), 400, code, part)


class SetUp(unittest.TestCase):
    """The command and the file: what it says, what it refuses, what stays."""

    def tearDown(self):
        home.identity({})

    def refused(self, setup, *parts):
        text = setup if isinstance(setup, str) else json.dumps(setup)
        done = home.weir_local("identity", "check", "-", input=text)
        self.assertEqual(done.returncode, 1, done)
        for part in parts:
            self.assertIn(part, done.stderr)
        return done.stderr

    def test_what_is_refused_is_not_set(self):
        home.identity(OTHERS)
        before = home.weir_local("identity").stdout
        done = home.weir_local("identity", "set", "-", input='{"policies": ["Allow"]}')
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("stdin: policies[0]: column 6", done.stderr)
        self.assertEqual(home.weir_local("identity").stdout, before)
        self.assertEqual(home.signer("eve").call("GET", "/n").status, 200)

    def statement(self, text, *parts):
        self.refused({"users": {"ann": {"groups": ["analysts"]}}, "policies": ["Allow any-user to read objects in tenancy", text]}, "stdin: policies[1]: ", *parts)

    def test_bad_statements(self):
        good = "Allow group analysts to read objects in compartment dev"
        for text, *parts in (
            ("", "column 1, at the end: `allow` is expected", "a statement is: Allow group NAME"),
            (good.replace("Allow", "Alow"), "column 1: `Alow`: `allow` is expected"),
            (good.replace("Allow", "Endorse"), "column 1: `Endorse`: weir-local knows only Allow statements", "leave it out"),
            (good.replace("group analysts", "service dataflow"), "column 7: `service`: weir-local knows only groups of users, and any-user"),
            (good.replace("group analysts", "dynamic-group runs"), "column 7: `dynamic-group`"),
            (good.replace("group analysts", "analysts"), "column 7: `analysts`: `group` or `any-user` is expected"),
            (good.replace("analysts", "id ocid1.group.oc1..a"), "column 13: `id`: a group's OCID is not understood here", "name the group"),
            (good.replace("analysts", "analyst"), "column 13: there is no group `analyst`", "did you mean `analysts`?"),
            (good.replace("analysts", "strangers"), "column 13: there is no group `strangers`", "put a user into it"),
            (good.replace("analysts", "analysts,"), "column 26: `read`: `to` is expected"),
            (good.replace("read", "raed"), "column 25: `raed`: a verb is expected", "did you mean `read`?"),
            (good.replace("read", "{OBJECT_READ}"), "column 25: `{OBJECT_READ}`: single permissions are not understood"),
            (good.replace("objects", "object"), "column 30: `object`: a type of resource", "did you mean `objects`?"),
            (good.replace("objects", "instances"), "column 30: `instances`", "the types are all-resources, dataflow-family,"),
            (good.replace("in ", "at "), "column 38: `at`: `in` is expected"),
            (good.replace("compartment dev", "tenant"), "column 41: `tenant`: `tenancy` or `compartment` is expected"),
            (good.replace("dev", "dve"), "column 53: there is no compartment `dve`", "did you mean `dev`?"),
            (good.replace(" dev", ""), "column 52, at the end: a compartment's name is expected"),
            (good + " where target.bucket.name = 'b'", "column 57: `where`: conditions are not understood here", "leave `where` and what follows out"),
            (good + " please", "column 57: `please`: the statement should end here"),
            (good.replace("analysts", "'analysts"), "the quote is not closed"),
        ):
            with self.subTest(text=text):
                self.statement(text, *parts)

    def test_bad_set_ups(self):
        for setup, *parts in (
            ("[", "stdin: "), ("[]", "must be"), ("{} x", "stdin: "), ('{"users": {"a": {}, "a": {}}}', "line 1, column 29: a key is there twice"),
            ({"user": {}}, "unknown key `user`", "users"),
            ({"users": {"a b": {}}}, "users.a b", "a user's name"), ({"users": {"../x": {}}}, "a user's name"), ({"users": {"DEFAULT": {}}}, "a user's name"),
            ({"users": {"a]\nx": {}}}, "a user's name"), ({"users": {"a": {"groups": "g"}}}, "users.a.groups"), ({"users": []}, "users"),
            ({"compartments": {"a:": {}}}, "a path"), ({"compartments": {"a:b": {}}}, "there is no compartment `a` for it to be in", 'add "a": {}'),
            ({"compartments": {"a": {"id": "x"}}}, "compartments.a.id", "ocid1.compartment."),
            ({"compartments": {"a": {"id": "ocid1.compartment.oc1..x"}, "b": {"id": "ocid1.compartment.oc1..x"}}}, "another compartment has this OCID"),
            ({"tenancies": {"Other": {}}}, "a tenancy's name"), ({"tenancies": {"weirlocal": {}}}, "the home's own tenancy has this namespace"),
            ({"tenancies": {"a": {"namespace": "n"}, "b": {"namespace": "n"}}}, "tenancies.b.namespace: `n` is that of the tenancy a"),
            ({"users": {"ann": {}}, "tenancies": {"a": {"users": {"Ann": {}}}}}, "tenancies.a.users.Ann: the profile `Ann` is that of a user of weir-local"),
            ({"tenancies": {"a": {"policies": ["Allow group g to read objects in tenancy"]}}}, "tenancies.a.policies[0]: column 13: there is no group `g`"),
        ):
            with self.subTest(setup=setup):
                self.refused(setup, *parts)

    def test_all_mistakes_at_once(self):
        text = self.refused({"users": {"a": {"group": []}}, "policies": ["x", "y"], "compartments": {"b:c": {}}}, "policies[0]", "policies[1]", "compartments.b:c")
        self.assertGreaterEqual(text.count("stdin: "), 4)

    def test_usage(self):
        for args in (["add"], ["set"], ["check"], ["set", "a", "b"], ["show", "-o", "yaml"], ["clear", "x"]):
            done = home.weir_local("identity", *args)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done)
            self.assertIn("show", done.stderr)
        done = home.weir_local("identity", "set", home.scratch / "none.json")
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("none.json", done.stderr)

    def test_show(self):
        home.identity(OTHERS)
        text, tree = home.weir_local("identity").stdout, json.loads(home.weir_local("identity", "show", "-o", "json").stdout)
        self.assertEqual(list(tree), ["weir-local", "other"])
        self.assertEqual(tree["weir-local"]["compartments"], home.compartments)
        self.assertEqual(tree["other"]["users"]["eve"], {"id": home.signer("eve").user, "profile": "eve", "groups": ["Administrators"], "administrator": True})
        for part in ("tenancy weir-local, namespace weirlocal", "user         ann, profile ann, in analysts", "profile eve, in Administrators, may do all"):
            self.assertIn(part, text)

    def test_ids_of_ones_own(self):
        ocid = "ocid1.compartment.oc1..aaaaaaaaproduction"
        home.identity({"compartments": {"prod": {"id": ocid}}})
        self.assertEqual(home.compartments, {"prod": ocid})
        home.bucket("ids", ocid)
        self.assertEqual(names("buckets", ocid), ["ids"])

    def test_keys(self):
        home.identity(OTHERS)
        for name in ("ann", "nobody", "eve"):
            path = home.path / "keys" / f"{name}.pem"
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        before = {name: home.signer(name).key_id for name in ("DEFAULT", "ann", "eve")}
        self.assertEqual(home.weir_local("reset", "-y").returncode, 0)
        home.stop()
        home.start()
        self.assertEqual({name: home.signer(name).key_id for name in before}, before)

    def test_who_is_gone_is_not_let_in(self):
        home.identity(OTHERS)
        eve, ann = home.signer("eve"), home.signer("ann")
        home.identity({"users": {"ann": {}}})
        self.assertEqual(eve.call("GET", "/n").status, 401)
        self.assertEqual(ann.call("GET", "/n").status, 200)
        self.assertNotIn("[eve]", home.config_file.read_text())
        home.identity(OTHERS)
        self.assertEqual(eve.call("GET", "/n").status, 200)

    def test_while_it_does_not_run(self):
        with weirlocal.Home(start=False) as cold:
            done = cold.weir_local("identity", "set", "-", input=json.dumps(OTHERS))
            self.assertEqual(done.returncode, 0, done)
            cold.start()
            self.assertEqual(cold.signer("eve").ns, "other")
            cold.stop()
            self.assertEqual(cold.weir_local("identity", "clear").returncode, 0)
            cold.start()
            self.assertNotIn("[eve]", cold.config_file.read_text())

    def test_a_spoilt_file_is_told_at_the_start(self):
        with weirlocal.Home(start=False) as cold:
            self.assertEqual(cold.weir_local("identity", "set", "-", input="{}").returncode, 0)
            (cold.path / "identity.json").write_text('{"policies": ["Allow"]}')
            done = cold.weir_local("up")
            self.assertEqual(done.returncode, 3, done)
            self.assertIn("identity.json: policies[0]: column 6, at the end: `group` or `any-user` is expected", done.stderr)

    def test_weir_by_a_profile(self):
        home.identity(OTHERS)
        folder = home.scratch / "by-profile"
        folder.mkdir(exist_ok=True)
        (folder / "job.sql").write_text("select 1")
        (folder / "pipeline.yaml").write_text("pipeline: p\ndefaults: {script_bucket: scripts, spark_version: 3.5.0, driver_shape: VM.Standard2.1, executor_shape: VM.Standard2.1, num_executors: 1}\n"
                                              "buckets: {scripts: {}}\napps: {a: {script: job.sql}}\n")
        done = home.weir("-C", folder, "apply", "-y", "--profile", "eve")
        self.assertEqual(done.returncode, 0, done)
        eve = home.signer("eve")
        self.assertEqual([a["displayName"] for a in eve.call("GET", f"{API}/applications?compartmentId={eve.tenancy}").json()], ["p-a"])
        done = home.weir("-C", folder, "plan", "--profile", "nobody")
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("if the compartment " + home.tenancy + " is there", done.stderr)
        self.assertIn("Allow group <group> to manage dataflow-family in tenancy", done.stderr)
        dev = home.compartments["dev"]
        home.identity({"users": {"nobody": {"groups": ["g"]}}, "policies": ["Allow group g to read object-family in tenancy"]})
        done = home.weir("-C", folder, "plan", "--profile", "nobody", "--compartment-id", dev)
        self.assertEqual(done.returncode, 3, done)
        statement = re.search(r"Allow group <group> to .*", done.stderr).group()
        self.assertEqual(statement, f"Allow group <group> to manage dataflow-family in compartment id {dev}")
        home.identity({"users": {"nobody": {"groups": ["g"]}}, "policies": ["Allow group g to read object-family in tenancy", statement.replace("<group>", "g")]})
        done = home.weir("-C", folder, "plan", "--profile", "nobody", "--compartment-id", dev)
        self.assertEqual(done.returncode, 0, done)


if __name__ == "__main__":
    weirlocal.main()
