#!/usr/bin/env python3
"""Whose what is in weir-local: compartments, and what is not in them."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

API = "/20200129"
NOWHERE = "ocid1.compartment.oc1..aaaaaaaanowhere"
home = None


def setUpModule():
    global home
    home = weirlocal.Home()
    unittest.addModuleCleanup(home.__exit__)
    home.start()


def application(compartment, name="a", **more):
    """The body of a create."""
    return {
        "compartmentId": compartment, "displayName": name, "language": "PYTHON", "sparkVersion": "3.5.0",
        "driverShape": "VM.Standard2.1", "executorShape": "VM.Standard2.1", "numExecutors": 1,
        "fileUri": f"oci://code@{home.ns}/a.py", **more,
    }


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


if __name__ == "__main__":
    weirlocal.main()
