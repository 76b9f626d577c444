#!/usr/bin/env python3
"""azure_copy of pipelines/azure-copy on real Spark, from Azurite to weir-local: files of any name and tables, again and again, and what
goes wrong on either side. One JVM runs all cases; the secret is given to it. The way through weir, Vault included, is
test_azure_pipeline."""
import errno
import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import azurelake
import weirlocal
from azurelake import BUCKET, CONTAINER, md5

NAMES = ("a b.csv", "c+d.bin", "100%.txt", "e%20f.txt", "g#h.txt", "i?j.txt", "deep/er/é ü 漢字 😀.txt", "k&l=m;n.txt", "empty", "n" * 240)
CSV = "id,name,price\n" + "".join(f"{i},name {i},{i}.5\n" for i in range(200))


def setUpModule():
    global lake, driver
    lake = azurelake.Lake()
    unittest.addModuleCleanup(lake.close)
    driver = azurelake.Driver(lake)
    unittest.addModuleCleanup(lambda: driver.close())


class Case(unittest.TestCase):
    def setUp(self):
        """Each test in a directory and prefix of its own."""
        self.at = self._testMethodName
        self.addCleanup(lake.front.clear)

    def put(self, files):
        lake.put(files, self.at)

    def done(self, reply, **wanted):
        self.assertIn("result", reply, reply)
        self.assertEqual({key: reply["result"].get(key) for key in wanted}, wanted)
        return reply

    def failed(self, reply, *texts):
        self.assertIn("error", reply, reply)
        for text in texts:
            self.assertIn(text, reply["error"])
        self.assertNotIn(lake.azure.secret, str(reply))
        return reply["error"]

    def copy(self, **options):
        return driver.copy(self.at, self.at, **options)

    def verify(self, **options):
        return driver.verify(self.at, self.at, **options)

    def objects(self):
        """Without what is the copy's own."""
        return {name: data for name, data in lake.objects(self.at).items() if not name.startswith("_")}

    def is_marked(self, marked):
        self.assertEqual(lake.object(f"{self.at}/_INCOMPLETE").status, 200 if marked else 404)


class Files(Case):
    def test_names_again_and_proved(self):
        files = {name: name.encode() * 50 for name in NAMES} | {"empty": b"", "large": os.urandom(3 << 20)}
        room = 1024 - len(self.at) - 1
        files["/".join(["x" * 200] * 4) + "/" + "y" * (room - 804)] = b"1,024 bytes with the prefix"
        self.put(files)
        self.done(self.copy(), files=len(files), copied=len(files), skipped=0, bytes=sum(map(len, files.values())))
        self.assertEqual(self.objects(), files)
        wanted = sorted((f"{self.at}/{name}", len(data), md5(data)) for name, data in files.items())
        manifest = lake.lines(f"{self.at}/_manifest.jsonl")
        self.assertEqual(sorted((m["name"], m["size"], m["md5"]) for m in manifest), wanted)
        self.is_marked(False)
        self.done(self.copy(), copied=0, skipped=len(files), bytes=0)
        proved = self.done(self.verify(), files=len(files))
        verified = lake.lines(f"{self.at}/_verified.jsonl")
        self.assertEqual([(v["name"], v["size"], v["md5"]) for v in verified], sorted(wanted))
        self.assertEqual(proved["printed"].count('"md5"'), len(files))

    def test_a_byte_that_changed(self):
        self.put({"a": b"x" * 5000, "b": b"y"})
        self.done(self.copy(), copied=2)
        lake.home.call("PUT", f"/n/{lake.home.ns}/b/{BUCKET}/o/{self.at}%2Fa", b"x" * 2500 + b"X" + b"x" * 2499)
        self.failed(self.verify(), "VerifyError: 1 differences", f"{self.at}/a: MD5 {md5(b'x' * 5000)} in the source")
        self.assertEqual(lake.object(f"{self.at}/_verified.jsonl").status, 404)
        # The next copy mends it, and it alone.
        self.done(self.copy(), copied=1, skipped=1)
        self.done(self.verify(), files=2)

    def test_what_is_missing_more_or_of_another_size(self):
        self.put({"a": b"1", "b": b"2", "c": b"3"})
        self.done(self.copy(), copied=3)
        for method, name, data in (("DELETE", "a", b""), ("PUT", "b", b"22"), ("PUT", "d", b"4")):
            lake.home.call(method, f"/n/{lake.home.ns}/b/{BUCKET}/o/{self.at}%2F{name}", data)
        self.failed(self.verify(), f"3 differences: {self.at}/a: not in the target; {self.at}/d: not in the source; "
                                   f"{self.at}/b: 1 bytes in the source, 2 in the target")

    def test_modes(self):
        self.put({"same": b"1", "other": b"2"})
        self.done(self.copy(mode="overwrite"), copied=2)
        self.put({"other": b"3", "new": b"4"})
        self.failed(self.copy(mode="append"), f"1 of 3 files were not copied: other: {self.at}/other is there and is another")
        self.assertEqual(self.objects(), {"same": b"1", "other": b"2", "new": b"4"})
        self.is_marked(True)
        self.done(self.copy(mode="skip"), copied=1, skipped=2)
        self.done(self.copy(mode="append"), copied=0, skipped=3)
        self.done(self.copy(mode="overwrite"), copied=3)
        self.assertEqual(self.objects(), {"same": b"1", "other": b"3", "new": b"4"})

    def test_a_target_without_a_manifest_is_compared(self):
        """Another tool has copied there before."""
        self.put({"same": b"12", "other": b"34"})
        for name, data in (("same", b"12"), ("other", b"43")):
            lake.home.call("PUT", f"/n/{lake.home.ns}/b/{BUCKET}/o/{self.at}%2F{name}", data)
        self.done(self.copy(), copied=1, skipped=1)


class Wrong(Case):
    def test_secret(self):
        self.put({"a": b"1"})
        self.failed(self.copy(secret="wrong"), f"abfss://{CONTAINER}@datalake", "401", "AADSTS7000215: Invalid client secret provided")
        lake.azure.tokens.expired = True
        self.addCleanup(setattr, lake.azure.tokens, "expired", False)
        self.failed(self.copy(), "AADSTS7000222: The provided client secret keys are expired")
        self.assertEqual(lake.objects(self.at), {})

    def test_nothing_to_copy(self):
        self.failed(self.copy(container="none"), "abfss://none@datalake", "there is no such container or directory")
        self.failed(self.copy(), f"{self.at}: there is no such container or directory")
        lake.azure.call("PUT", f"{CONTAINER}/{self.at}", x_ms_blob_type="BlockBlob", x_ms_meta_hdi_isfolder="true")
        self.failed(self.copy(), f"{self.at}: there is no file in it")
        self.assertEqual(lake.objects(self.at), {})

    def test_target_bucket(self):
        self.put({"a": b"1"})
        self.failed(self.copy(bucket="no-such"), "oci://no-such@", "BucketNotFound")

    def test_names_that_can_not_be(self):
        long = "/".join(["x" * 200] * 5)
        self.put({"a": b"1", long: b"2"})
        self.failed(self.copy(), f"{long}: with the prefix its name is longer than 1024 bytes")
        lake.azure.remove(CONTAINER, f"{self.at}/{long}")
        self.put({"_manifest.jsonl": b"3"})
        self.failed(self.copy(), "_manifest.jsonl: a file of that name can't be copied")
        self.assertEqual(lake.objects(self.at), {})

    def test_a_file_that_changes_or_vanishes(self):
        self.put({"changes": b"1" * 9000, "vanishes": b"2" * 9000, "stays": b"3"})
        lake.front.before(lambda m, p: m == "GET" and p.split("?")[0].endswith(f"{self.at}/changes"),
                          lambda: self.put({"changes": b"4" * 9000}))
        lake.front.before(lambda m, p: m == "GET" and p.split("?")[0].endswith(f"{self.at}/vanishes"),
                          lambda: lake.azure.remove(CONTAINER, f"{self.at}/vanishes"))
        self.failed(self.copy(), "2 of 3 files were not copied: ", "vanishes: it vanished while it was copied",
                    "changes: it was changed while it was copied")
        self.assertEqual(self.objects(), {"stays": b"3"})
        self.is_marked(True)
        self.failed(self.verify(), "is marked _INCOMPLETE")
        self.done(self.copy(), files=2, copied=1, skipped=1)
        self.assertEqual(self.objects(), {"changes": b"4" * 9000, "stays": b"3"})
        self.is_marked(False)

    def test_azure_is_busy(self):
        self.put({"a": b"1" * 5000, "b": b"2"})
        # At times, for reading and for listing: tried again.
        for status in (429, 503):
            lake.front.clear()
            read = lake.front.fail(lambda m, p: m == "GET" and f"{self.at}/a" in p, status, times=2)
            listed = lake.front.fail(lambda m, p: "comp=list" in p, status, times=2)
            self.done(self.copy(mode="overwrite"), copied=2)
            self.assertEqual((read["used"], listed["used"]), (2, 2))
        # For good.
        for status in (429, 503):
            lake.front.clear()
            lake.front.fail(lambda m, p: m == "GET" and p.split("?")[0].endswith(f"{self.at}/a"), status)
            self.failed(self.copy(mode="overwrite"), "1 of 2 files were not copied: a: ", str(status))
            self.is_marked(True)
            lake.front.clear()
            # The connector removes what is to be written over when it begins.
            self.done(self.copy(), copied=1, skipped=1)

    def test_disk_full(self):
        self.put({"a": b"1" * 20000, "b": b"2" * 20000})
        self.addCleanup(lake.machine.heal)
        lake.machine.fail("write", errno.ENOSPC, text="/tmp/content")
        self.failed(self.copy(), "2 of 2 files were not copied", "a: java.io.IOException: Unable to put object")
        lake.machine.heal()
        self.is_marked(True)
        self.assertTrue(all(data in (b"1" * 20000, b"2" * 20000) for data in self.objects().values()))
        self.done(self.copy(), files=2)
        self.done(self.verify(), files=2)

    def test_killed_half_way(self):
        global driver
        self.put({f"{i:02}": bytes([i]) * 10000 for i in range(40)})
        reached, go_on = threading.Event(), threading.Event()

        def wait():
            reached.set()
            go_on.wait(60)

        lake.front.before(lambda m, p: m == "GET" and p.split("?")[0].endswith(f"{self.at}/25"), wait)
        driver.begin("copy", self.at, self.at, at_once=2)
        self.assertTrue(reached.wait(60))
        driver.kill()
        go_on.set()
        driver.start()
        self.is_marked(True)
        before = self.objects()
        self.assertTrue(20 <= len(before) < 40 and all(data == bytes([int(n)]) * 10000 for n, data in before.items()))
        self.failed(self.verify(), "is marked _INCOMPLETE")
        self.done(self.copy(), copied=40 - len(before), skipped=len(before))
        self.done(self.verify(), files=40)


class Tables(Case):
    def rows(self, directory, **options):
        return self.done(driver.verify(directory, self.at, **options))["result"]["rows"]

    def test_csv_again_and_a_row_that_changed(self):
        self.put({"part one.csv": CSV, "part two.csv": CSV.replace("name", "title").replace("id,title", "id,name")})
        self.done(self.copy(format="csv"), files=2, copied=2)
        self.assertEqual(self.rows(self.at, format="csv"), 400)
        self.is_marked(False)
        before = lake.objects(self.at)
        self.done(self.copy(format="csv"), copied=0, skipped=2)
        self.assertEqual(lake.objects(self.at), before)
        # Another state of the source: the proof names what differs, and the next copy makes it equal.
        self.put({"part two.csv": CSV.replace("7,name 7,", "7,name 8,", 1)})
        self.put({"part one.csv": CSV + "201,more,1.0\n"})
        reply = self.verify(format="csv")
        error = self.failed(reply, "401 rows in the source, 400 in the target", "rows only in the source", "rows only in the target")
        self.assertIn("VerifyError", error)
        self.assertIn('only in the source: {"id":', reply["printed"])
        self.done(self.copy(format="csv"), copied=2)
        self.assertEqual(self.rows(self.at, format="csv"), 401)

    def test_one_row_and_the_schema(self):
        self.put({"t.csv": CSV})
        self.done(self.copy(format="csv"))
        self.put({"t.csv": CSV.replace("7,name 7,", "7,name 8,", 1)})
        self.failed(self.verify(format="csv"), "2 differences: ", ": 1 rows only in the source", ": 1 rows only in the target")
        self.put({"t.csv": CSV})
        self.failed(self.verify(format="csv", schema="text"), "schema: [('id', 'string')", "('id', 'int')")

    def test_json_and_parquet(self):
        self.put({"t.json": "".join(f'{{"id": {i}, "tags": ["a", "b{i}"]}}\n' for i in range(50))})
        self.done(self.copy(format="json"))
        self.assertEqual(self.rows(self.at, format="json"), 50)
        # The table that came out goes in again.
        parquet = {f"parquet/{name}": data for name, data in lake.objects(self.at).items() if name.endswith(".parquet")}
        self.put(parquet)
        self.done(driver.copy(f"{self.at}/parquet", f"{self.at}-2", format="parquet"))
        self.done(driver.verify(f"{self.at}/parquet", f"{self.at}-2", format="parquet"), rows=50)

    def test_append(self):
        self.put({"one/t.csv": CSV, "two/t.csv": CSV.replace("name ", "title ")})
        one, two = f"{self.at}/one", f"{self.at}/two"
        self.done(driver.copy(one, self.at, format="csv", mode="append"), copied=1)
        self.done(driver.copy(two, self.at, format="csv", mode="append"), copied=1)
        # The same state again adds nothing.
        self.done(driver.copy(one, self.at, format="csv", mode="append"), copied=0, skipped=1)
        self.assertEqual(self.rows(one, format="csv", mode="append"), 200)
        self.failed(driver.verify(one, self.at, format="csv"), "200 rows in the source, 400 in the target")

    def test_broken_off(self):
        """What an append that ended half-way has left is removed by the next, and only that."""
        self.put({"t.csv": CSV})
        self.done(self.copy(format="csv", mode="append"))
        had = sorted(self.objects())
        left = b'{"had": ["' + had[0].encode() + b'"]}\n'
        for name, data in (("part-00000-left.parquet", b"half of a file"), ("_INCOMPLETE", left)):
            lake.home.call("PUT", f"/n/{lake.home.ns}/b/{BUCKET}/o/{self.at}%2F{name}", data)
        self.failed(self.verify(format="csv"), "is marked _INCOMPLETE")
        self.put({"t.csv": CSV.replace("name ", "title ")})
        self.done(self.copy(format="csv", mode="append"), copied=1)
        self.assertEqual(len(self.objects()), len(had) + 1)
        self.assertNotIn("part-00000-left.parquet", self.objects())
        self.assertEqual(self.rows(self.at, format="csv", mode="append"), 200)
        self.done(self.copy(format="csv", mode="overwrite"), copied=1)
        self.assertEqual(self.rows(self.at, format="csv"), 200)


weirlocal.main()
