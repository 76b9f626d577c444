#!/usr/bin/env python3
"""The life of weir-local: one a home, found again, detached wholly, ended when asked or idle."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import Flow, standin_spark


class Case(unittest.TestCase):
    def setUp(self):
        self.home = weirlocal.Home(start=False)
        self.addCleanup(self.home.__exit__)

    def run_ok(self, *args, **options):
        done = self.home.weir_local(*args, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def up(self, *args):
        return json.loads(self.run_ok("up", "-o", "json", *args).stdout)

    def wait_until_gone(self, pid):
        for _ in range(600):
            if not pathlib.Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.05)
        self.fail(f"process {pid} has not ended")


class UpAndDown(Case):
    def test_up_status_down(self):
        state = self.up()
        self.assertTrue(state["running"])
        self.assertEqual(state["endpoint"], f"http://127.0.0.1:{state['port']}")
        self.assertEqual(state["config_file"], str(self.home.config_file))
        again = self.up("--on-demand")
        self.assertEqual((again["pid"], again["port"]), (state["pid"], state["port"]))
        self.assertEqual(json.loads(self.run_ok("status", "-o", "json").stdout)["pid"], state["pid"])
        self.assertIn(state["endpoint"], self.run_ok("status").stdout)
        self.run_ok("down")
        self.wait_until_gone(state["pid"])
        down = self.home.weir_local("status", "-o", "json")
        self.assertEqual((down.returncode, json.loads(down.stdout)["running"]), (3, False))
        self.assertFalse((self.home.path / "state.json").exists())
        self.run_ok("down")  # it is down: that is what was asked for

    def test_port_and_identity_are_kept(self):
        first = self.up()
        files = {name: (self.home.path / name).read_bytes() for name in ("config", "key.pem", "port")}
        self.run_ok("down")
        second = self.up()
        self.assertEqual((second["port"], second["compartment_id"]), (first["port"], first["compartment_id"]))
        self.assertEqual({name: (self.home.path / name).read_bytes() for name in files}, files)
        self.assertLess(first["port"], 32768, "a port that the kernel may give to anyone")

    def test_many_at_once(self):
        """Everybody gets the one service."""
        states = []
        threads = [threading.Thread(target=lambda: states.append(self.up())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(states), 8)
        self.assertEqual(len({state["pid"] for state in states}), 1)

    def test_a_second_service(self):
        self.up()
        done = self.home.weir_local("serve", "--foreground")
        self.assertEqual(done.returncode, 4)
        self.assertIn(f"a weir-local runs already in {self.home.path}", done.stderr)

    def test_after_kill_9(self):
        """What state.json says counts only while the service lives."""
        first = self.up()
        os.kill(first["pid"], signal.SIGKILL)
        self.wait_until_gone(first["pid"])
        self.assertTrue((self.home.path / "state.json").exists())
        self.assertEqual(self.home.weir_local("status").returncode, 3)
        second = self.up()
        self.assertNotEqual(second["pid"], first["pid"])
        self.assertEqual(second["port"], first["port"])

    def test_signals_end_it_well(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                self.home.start()
                self.assertEqual(self.home.stop(number), 0)
                self.assertEqual(self.home.state(), {})

    def test_version(self):
        state = self.up()
        self.assertEqual(self.run_ok("version").stdout, f"weir-local {state['version']}\n")
        self.home._read()
        self.assertEqual(self.home.call("GET", "/n").field("weir-local-version"), state["version"])
        before = self.home.call("GET", "/weir/state").json()
        told = self.home.call("GET", "/weir/state").json()
        self.assertEqual(told["requests"], before["requests"] + 1)
        self.assertGreater(told["busy_ms"], before["busy_ms"])
        self.assertEqual((told["version"], told["pid"]), (state["version"], state["pid"]))


class Detached(Case):
    def test_nothing_of_the_starter_stays(self):
        """A job that started it ends: no pipe, terminal, folder or session of it is held."""
        folder = self.home.scratch / "job"
        folder.mkdir()
        read, write = os.pipe()
        done = self.home.run(
            [os.environ["WEIR_LOCAL"], "up", "-o", "json"], cwd=folder, pass_fds=[write], timeout=120
        )
        os.close(write)
        pid = json.loads(done.stdout)["pid"]
        self.assertEqual(os.read(read, 1), b"", "the service holds a descriptor of its starter")
        os.close(read)
        proc = pathlib.Path(f"/proc/{pid}")
        self.assertEqual(os.readlink(proc / "cwd"), "/")
        self.assertNotEqual(os.getsid(pid), os.getsid(0))
        self.assertNotEqual(int((proc / "stat").read_text().rsplit(")", 1)[1].split()[1]), os.getpid())
        links = [os.readlink(fd) for fd in (proc / "fd").iterdir()]
        self.assertFalse([link for link in links if link.startswith(("pipe:", "/dev/pts", "/dev/tty"))], links)

    def test_signals_of_the_terminal_do_not_reach_it(self):
        starter = subprocess.Popen(
            [os.environ["WEIR_LOCAL"], "up", "-o", "json"], env=self.home.env, stdout=subprocess.PIPE,
            start_new_session=True, text=True,
        )
        pid = json.loads(starter.communicate(timeout=120)[0])["pid"]
        self.assertNotEqual(os.getsid(pid), starter.pid)
        os.kill(pid, signal.SIGHUP)
        time.sleep(0.3)
        self.assertEqual(self.up()["pid"], pid)

    def test_logs(self):
        self.assertEqual(self.home.weir_local("logs").returncode, 3)
        state = self.up()
        self.assertIn(f"listens on {state['endpoint']}", self.run_ok("logs").stdout)
        self.assertEqual(self.run_ok("logs", "-n", "0").stdout, "")


class Idle(Case):
    def test_ends_when_idle(self):
        state = self.up("--idle-minutes", "0.01")
        self.wait_until_gone(state["pid"])
        self.assertIn("idle", self.run_ok("logs").stdout)

    def test_stays_while_it_is_used(self):
        state = self.up("--idle-minutes", "0.05")  # 3 s
        self.home._read()
        until = time.monotonic() + 6
        while time.monotonic() < until:
            self.assertEqual(self.home.call("GET", "/n").status, 200)
            time.sleep(0.5)
        self.assertTrue(pathlib.Path(f"/proc/{state['pid']}").exists())
        self.wait_until_gone(state["pid"])

    def test_on_demand_is_thirty_minutes(self):
        self.assertEqual(self.up("--on-demand")["idle_minutes"], 30)


class Homes(Case):
    def test_mode(self):
        self.home.path.mkdir(mode=0o755)
        self.up()
        self.assertEqual(stat.S_IMODE(self.home.path.stat().st_mode), 0o700)

    def test_open_to_others_with_things_in_it(self):
        """Say /tmp: whoever has something there must not be shut out."""
        self.home.path.mkdir(mode=0o755)
        (self.home.path / "thing").write_text("not weir-local's")
        done = self.home.weir_local("up")
        self.assertEqual(done.returncode, 1)
        self.assertIn("holds other things and is open to others", done.stderr)
        self.assertIn("WEIR_LOCAL_HOME", done.stderr)
        self.assertEqual(stat.S_IMODE(self.home.path.stat().st_mode), 0o755)
        self.assertEqual([f.name for f in self.home.path.iterdir()], ["thing"])

    def test_opened_later(self):
        self.up()
        self.run_ok("down")
        self.home.path.chmod(0o755)
        self.up()
        self.assertEqual(stat.S_IMODE(self.home.path.stat().st_mode), 0o700)

    def test_of_another_user(self):
        if os.getuid() == 0:
            other = self.home.scratch / "other"
            other.mkdir()
            os.chown(other, 65534, 65534)
        else:
            other = pathlib.Path("/")
        done = self.home.weir_local("up", env={"WEIR_LOCAL_HOME": str(other)})
        self.assertEqual(done.returncode, 1)
        self.assertIn("belongs to another user", done.stderr)
        self.assertIn("WEIR_LOCAL_HOME", done.stderr)

    def test_where_it_is(self):
        """WEIR_LOCAL_HOME, then XDG_STATE_HOME, then HOME."""
        state = str(self.home.scratch / "state")
        for env, path in (
            ({"WEIR_LOCAL_HOME": "", "XDG_STATE_HOME": state}, f"{state}/weir/local"),
            ({"WEIR_LOCAL_HOME": "", "XDG_STATE_HOME": ""}, f"{self.home.scratch}/.local/state/weir/local"),
            ({"WEIR_LOCAL_HOME": "rel/home"}, f"{self.home.scratch}/rel/home"),
        ):
            with self.subTest(env=env):
                done = self.home.weir_local("status", "-o", "json", env=env, cwd=self.home.scratch)
                self.assertEqual(json.loads(done.stdout)["home"], path)

    def test_too_long(self):
        done = self.home.weir_local("up", env={"WEIR_LOCAL_HOME": "/tmp/" + "x/" * 300})
        self.assertEqual(done.returncode, 3)
        self.assertIn("longer than", done.stderr)

    def test_not_a_folder(self):
        self.home.path.write_text("a file")
        done = self.home.weir_local("up")
        self.assertEqual(done.returncode, 3)
        self.assertIn(str(self.home.path), done.stderr)

    def test_spoilt_key(self):
        self.home.path.mkdir(mode=0o700)
        (self.home.path / "key.pem").write_text("nonsense")
        done = self.home.weir_local("up")
        self.assertEqual(done.returncode, 3)
        self.assertIn("key.pem: not a private key", done.stderr)

    def test_spoilt_database(self):
        self.home.path.mkdir(mode=0o700)
        (self.home.path / "weir-local.db").write_bytes(b"nonsense" * 1000)
        done = self.home.weir_local("up")
        self.assertEqual(done.returncode, 3)
        self.assertIn("weir-local.db", done.stderr)

    def test_port_taken(self):
        """The error names who has it; another port can be chosen, and is kept."""
        port = self.up()["port"]
        self.run_ok("down")
        holder = subprocess.Popen(
            [sys.executable, "-c", "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1])));"
             "print(flush=True); time.sleep(600)", str(port)], stdout=subprocess.PIPE,
        )
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        self.addCleanup(holder.stdout.close)
        holder.stdout.readline()
        done = self.home.weir_local("up")
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"port {port} of this weir-local is taken by process {holder.pid} (", done.stderr)
        self.assertIn("--port", done.stderr)
        with socket.create_server(("127.0.0.1", 0)) as free:
            other = free.getsockname()[1]
        self.assertEqual(self.up("--port", str(other))["port"], other)
        self.run_ok("down")
        self.assertEqual(self.up()["port"], other)

    def test_env(self):
        """What sh makes of it, also where the path is not a plain one."""
        path = self.home.scratch / "a 'quoted' $home"
        env = {"WEIR_LOCAL_HOME": str(path)}
        early = self.home.weir_local("env", env=env)
        self.assertEqual((early.returncode, early.stdout), (3, ""))
        self.assertIn("weir local up", early.stderr)
        endpoint = json.loads(self.run_ok("up", "-o", "json", env=env).stdout)["endpoint"]
        try:
            shell = 'eval "$("$WEIR_LOCAL" env)"; env'
            told = self.home.run(["sh", "-c", shell], env={**env, "WEIR_LOCAL": os.environ["WEIR_LOCAL"]})
            values = dict(line.split("=", 1) for line in told.stdout.splitlines() if "=" in line)
            for name in ("OCI_CONFIG_FILE", "OCI_CLI_CONFIG_FILE", "OCI_CONFIG_LOCATION", "OCIFS_CONFIG_LOCATION"):
                self.assertEqual(values[name], f"{path}/config")
            for name in ("OCI_CLI_PROFILE", "OCI_CONFIG_PROFILE", "OCIFS_CONFIG_PROFILE"):
                self.assertEqual(values[name], "DEFAULT")
            self.assertEqual(values["OCI_CLI_ENDPOINT"], endpoint)
            self.assertEqual(values["OCIFS_IAM_TYPE"], "api_key")
            self.assertEqual(json.loads(values["FSSPEC_OCI"]), {"config_kwargs": {"service_endpoint": endpoint}})
        finally:
            self.run_ok("down", env=env)


class SparkMaster(Case):
    """--spark-master with a listening socket in the master's place; real ones are spark/test_spark_cluster's."""

    def setUp(self):
        super().setUp()
        self.home.env.update(standin_spark(self.home.scratch / "spark"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.master = f"spark://127.0.0.1:{self.listener.getsockname()[1]}"

    def test_kept_until_it_is_taken_back(self):
        self.assertEqual(self.up("--spark-master", self.master)["spark_master"], self.master)
        self.assertIn(self.master, self.run_ok("status").stdout)
        self.assertEqual(self.up("--spark-master", self.master)["spark_master"], self.master)
        other = self.home.weir_local("up", "--spark-master", "local")
        self.assertEqual(other.returncode, 4)
        self.assertIn(self.master, other.stderr)
        self.assertIn("weir local down", other.stderr)
        self.run_ok("down")
        self.assertEqual(self.up("--on-demand")["spark_master"], self.master)
        self.run_ok("down")
        self.assertIsNone(self.up("--spark-master", "local")["spark_master"])
        self.run_ok("down")
        self.assertIsNone(self.up()["spark_master"])

    def test_none_there(self):
        """An error where it is given; where it is kept, of the run alone, which needs it."""
        self.home.start("--spark-master", self.master)
        self.home.stop()
        self.listener.close()
        done = self.home.weir_local("up", "--spark-master", self.master)
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"no Spark master answers at {self.master}: Connection refused", done.stderr)
        self.assertEqual(self.home.weir_local("status").returncode, 3)
        self.home.start()
        flow = Flow(self.home)
        flow.put("code", "job.py", "echo hello")
        run = flow.finish(flow.run(flow.application("code", "job.py")))
        self.assertEqual(run["lifecycleState"], "FAILED")
        self.assertIn(f"no Spark master answers at {self.master}: Connection refused", run["lifecycleDetails"])
        self.assertIn("--spark-master local", flow.log(run, "stderr"))

    def test_wrong(self):
        for master in ("", "yarn", "local[2]", "127.0.0.1:7077", "spark://127.0.0.1", "spark://127.0.0.1:", "spark://127.0.0.1:0",
                       "spark://127.0.0.1:70000", "spark://10.1.2.3:7077", "spark://example.com:7077", "spark://:7077",
                       "spark://127.0.0.1:7077,127.0.0.1:7078", "spark://127.0.0.1:7077/x", "http://127.0.0.1:7077"):
            for command in (["up"], ["serve", "--foreground"]):
                with self.subTest(master=master, command=command):
                    done = self.home.weir_local(*command, "--spark-master", master)
                    self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                    self.assertIn(f"`{master}` is no Spark master of this machine", done.stderr)
                    self.assertIn("spark://127.0.0.1:PORT", done.stderr)
        self.assertFalse(self.home.path.exists())


class Reset(Case):
    def test_asks(self):
        done = self.home.weir_local("reset")
        self.assertEqual(done.returncode, 1)
        self.assertIn("-y", done.stderr)

    def test_removes_what_was_put(self):
        before = self.up()
        self.home._read()
        self.home.bucket("b")
        self.assertEqual(self.home.call("PUT", self.home.object("b", "o"), b"x").status, 200)
        self.run_ok("reset", "-y")
        self.wait_until_gone(before["pid"])
        left = {path.name for path in self.home.path.iterdir()}
        self.assertEqual(left, {"config", "key.pem", "lock", "port"})
        after = self.up()
        self.assertEqual((after["port"], after["compartment_id"]), (before["port"], before["compartment_id"]))
        listed = self.home.call("GET", f"/n/{self.home.ns}/b?compartmentId={self.home.tenancy}")
        self.assertEqual(listed.json(), [])


class CommandLine(Case):
    def test_wrong(self):
        for args in (
            ["nonsense"], ["up", "--nonsense"], ["up", "--port"], ["up", "--port", "0"], ["up", "--port", "x"], ["up", "--port", "70000"],
            ["up", "-o", "xml"], ["up", "--idle-minutes", "-1"], ["up", "extra"], ["status", "-y"], ["down", "-o", "json"], ["logs", "-n", "x"],
            ["up", "--foreground"], ["serve", "--max-runs", "0"],
        ):
            with self.subTest(args=args):
                done = self.home.weir_local(*args)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                self.assertTrue(done.stderr.startswith("weir-local: "), done.stderr)
        self.assertFalse(self.home.path.exists())

    def test_a_result_that_is_not_written(self):
        self.up()
        for args in (["env"], ["status"], ["status", "-o", "json"], ["up"], ["version"], ["help"]):
            for ways, why in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
                with self.subTest(args=args, ways=ways):
                    done = self.home.run(["sh", "-c", f'exec "$0" "$@" {ways}', os.environ["WEIR_LOCAL"], *args])
                    self.assertEqual((done.returncode, done.stderr), (3, f"weir-local: write to stdout: {why}\n"))

    def test_help(self):
        for args in ([], ["help"], ["--help"], ["-h"]):
            done = self.run_ok(*args)
            for command in ("up", "down", "status", "serve", "setup", "env", "logs", "reset"):
                self.assertIn(f"\n  {command} ", done.stdout)


class Ending(unittest.TestCase):
    def knock(self, port, over):
        while not over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
                    wire.sendall(b"GET /n HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
                    wire.recv(10)
            except OSError:
                pass

    def end_while_clients_come(self):
        home, over = weirlocal.Home().__enter__(), threading.Event()
        client = threading.Thread(target=self.knock, args=(home.port, over))
        client.start()
        try:
            home.__exit__()  # anything but status 0 is an error
        finally:
            over.set()
            client.join()

    def test_clients_come_while_it_ends(self):
        """libmicrohttpd could abort the process here, about once in a hundred."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(self.end_while_clients_come) for _ in range(40)]:
                done.result()


class Deadlines(Case):
    def setUp(self):
        super().setUp()
        self.home.start("--request-seconds", "1")
        self.home.bucket("b")

    def test_a_head_that_does_not_end(self):
        """A byte now and then is not silence, yet not a request."""
        head = weirlocal.message("GET", "/n", self.home.sign("GET", "/n"))
        line = head.index(b"\r\n") + 2
        with self.home.wire() as wire:
            wire.send(head[:line])
            began = time.monotonic()
            for byte in head[line : line + 100]:
                wire.send(bytes([byte]))
                time.sleep(0.1)
                if time.monotonic() - began > 5:
                    break
            self.assertTrue(wire.closed())
        self.assertEqual(self.home.call("GET", "/n").status, 200)

    def test_a_body_that_does_not_end(self):
        target = self.home.object("b", "slow")
        fields = [(n, "1000" if n == "content-length" else v) for n, v in self.home.sign("PUT", target, b"")]
        with self.home.wire() as wire:
            wire.send(weirlocal.message("PUT", target, fields))
            for _ in range(60):
                wire.send(b"x")
                time.sleep(0.1)
            self.assertTrue(wire.closed())
        self.assertEqual(self.home.call("GET", target).status, 404)
        self.assertEqual(list((self.home.path / "tmp").iterdir()), [])

    def test_a_large_body_gets_its_time(self):
        target = self.home.object("b", "large")
        body = os.urandom(1 << 20)
        with self.home.wire() as wire:
            data = weirlocal.message("PUT", target, self.home.sign("PUT", target, body), body)
            for at in range(0, len(data), 1 << 17):
                wire.send(data[at : at + (1 << 17)])
                time.sleep(0.3)
            self.assertEqual(wire.reply().status, 200)
        self.assertEqual(self.home.call("GET", target).body, body)

    def trickle(self, wire, data):
        """A byte now and then, until the service closes; its reply before that is no harm."""
        closed = False
        for byte in data:
            wire.send(bytes([byte]))
            if select.select([wire.socket], [], [], 0.1)[0]:
                closed = True
                break
        self.assertTrue(closed, "it takes all the time there is")
        reply = wire.reply()
        self.assertTrue(reply is None or reply.status >= 400, reply)

    def signed(self, method, target, body):
        """Head and body of a signed request."""
        head = weirlocal.message(method, target, self.home.sign(method, target, body))
        return head, weirlocal.as_bytes(body)

    def test_json_that_does_not_end(self):
        body = {"name": "slow" + "x" * 100, "compartmentId": self.home.tenancy}
        head, body = self.signed("POST", f"/n/{self.home.ns}/b", body)
        with self.home.wire() as wire:
            wire.send(head)
            self.trickle(wire, body)
        self.assertEqual(self.home.call("GET", "/n").status, 200)

    def test_a_refused_body_that_does_not_end(self):
        """It is read so that the refusal is heard, and no longer than another."""
        head, body = self.signed("PUT", self.home.object("missing", "o"), b"x" * 1000)
        with self.home.wire() as wire:
            wire.send(head)
            self.trickle(wire, body)

    def test_the_second_request_of_a_connection(self):
        with self.home.wire() as wire:
            self.assertEqual(self.home.call("GET", "/n", wire=wire).status, 200)
            head, _ = self.signed("GET", "/n", b"")
            line = head.index(b"\r\n") + 2
            wire.send(head[:line])
            self.trickle(wire, head[line:])

    def test_a_reply_that_is_not_read(self):
        """A client that takes a byte now and then of a reply does not hold its file for ever."""
        target = self.home.object("b", "o")
        self.home.call("PUT", target, os.urandom(4 << 20))
        self.home.stop()
        self.home.start("--request-seconds", "1")
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # small segments, small buffers at the other end
            slow.connect(("127.0.0.1", self.home.port))
            range_ = [("range", "bytes=0-262143")]
            slow.sendall(weirlocal.message("GET", target, self.home.sign("GET", target, fields=range_)))
            deadline = time.monotonic() + 10
            while not self.objects_open():
                self.assertLess(time.monotonic(), deadline, "it fitted into the kernel's buffers: nobody waits")
            for _ in range(300):  # 1 s, and 4 s for 256 KiB
                if not self.objects_open():
                    return
                time.sleep(0.1)
                slow.recv(1)
            self.fail("it waits for the reader for ever")

    def objects_open(self):
        """How many contents the service has open."""
        folder, found = f"/proc/{self.home.pid()}/fd", 0
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                found += "/objects/" in os.readlink(f"{folder}/{name}")
        return found

    def test_many_slow_ones_keep_nobody_out(self):
        """300 clients, each with a byte now and then of its head or body; the others are served meanwhile."""
        put, body = self.signed("PUT", self.home.object("b", "slow"), b"x" * 1000)
        get, _ = self.signed("GET", "/n", b"")
        slow = [self.home.wire() for _ in range(300)]
        try:
            for i, wire in enumerate(slow):
                wire.send(put + body[:10] if i % 2 else get[:40])
            for _ in range(10):
                for wire in slow:
                    wire.send(b"x")
                self.assertEqual(self.home.call("GET", "/n").status, 200)
                self.assertEqual(self.home.call("PUT", self.home.object("b", "quick"), b"x").status, 200)
        finally:
            for wire in slow:
                wire.close()
        self.assertEqual(self.home.call("GET", self.home.object("b", "slow")).status, 404)

    def test_an_idle_connection_stays(self):
        with self.home.wire() as wire:
            for _ in range(3):
                self.assertEqual(self.home.call("GET", "/n", wire=wire).status, 200)
                time.sleep(1.6)


if __name__ == "__main__":
    weirlocal.main()
