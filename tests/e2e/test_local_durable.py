#!/usr/bin/env python3
"""weir-local under load from several client processes, and killed with kill -9 at random times, also while it starts.
What was acknowledged is there; what was not is there wholly or not at all; lists are what can be read; nothing is torn,
nothing leaked.

    test_local_durable.py                     20 kills
    test_local_durable.py --kills 1000        or DURABLE_KILLS=1000
    test_local_durable.py --seed 7 --clients 8

It prints operations acknowledged, kills, losses.
"""
import argparse
import collections
import contextlib
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal
from dataflow import standin_spark
from durable import Client, check_files, prepare

LONGEST, RARELY = 0.4, 2  # seconds between a start and the next kill; one of twenty times


def serve_client(home, number, seed, stop, results):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    client = Client(home, number, seed, stop.is_set)
    try:
        client.work()
    finally:
        results.put((number, client.acknowledged, client.unacknowledged, client.losses))


def kill_and_start(home, draw):
    """A fifth of the kills comes before the service is ready. How often it was killed."""
    kills = 1
    time.sleep(draw.uniform(0, RARELY if draw.random() < 0.05 else LONGEST))
    home.kill9()
    while draw.random() < 0.2:
        home.spawn()
        time.sleep(draw.uniform(0, 0.1))
        home.kill9()
        kills += 1
    home.start()
    return kills


def free_port(first, last):
    for port in random.sample(range(first, last + 1), 50):
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def processes_of(home):
    """Those that have this home in their environment, or run in it."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(home.path).encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            pass
    return [pid for pid in found if pid != os.getpid()]


def run(options):
    draw = random.Random(options.seed)
    spark = tempfile.mkdtemp(prefix="weir-standin-")
    context = multiprocessing.get_context("fork")
    stop, results = context.Event(), context.Queue()
    acknowledged, unacknowledged, losses = collections.Counter(), collections.Counter(), []
    with weirlocal.Home(start=False, env=standin_spark(spark)) as home:
        # Below the ports that services choose for themselves: while this one is down, another must not take its place.
        home.start("--port", str(free_port(12000, 19999)))
        prepare(home)
        clients = [context.Process(target=serve_client, args=(home, i, options.seed, stop, results)) for i in range(options.clients)]
        for client in clients:
            client.start()
        kills = 0
        while kills < options.kills and all(c.is_alive() for c in clients):
            kills += kill_and_start(home, draw)
            if kills // 100 > (kills - 1) // 100:
                print(f"{kills} kills", flush=True)
        stop.set()
        for _ in clients:
            number, acks, open_, lost = results.get(timeout=600)
            acknowledged.update(acks)
            unacknowledged.update(open_)
            losses += lost
        for client in clients:
            client.join(60)
        home.stop()
        home.start()  # takes away what is no more needed
        home.stop()
        if left := processes_of(home):
            losses.append(f"processes that are left: {left}")
        files = check_files(home, losses)
        if kills < options.kills:
            losses.append("a client ended early")
    shutil.rmtree(spark, ignore_errors=True)
    print("\nacknowledged:   " + ", ".join(f"{kind} {n}" for kind, n in sorted(acknowledged.items())))
    print("unacknowledged: " + ", ".join(f"{kind} {n}" for kind, n in sorted(unacknowledged.items())))
    for text in losses[:40]:
        print("LOSS", text)
    print(f"\nOperations acknowledged: {sum(acknowledged.values())}, without a reply: {sum(unacknowledged.values())}. "
          f"Kills: {kills}. Losses: {len(losses)}. Clients: {options.clients}, files: {files}, seed {options.seed}.")
    return not losses and acknowledged["put"] > 0 and sum(unacknowledged.values()) > 0


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=int(os.environ.get("DURABLE_KILLS") or 20))
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=int(time.strftime("%Y%m%d")))
    start = time.monotonic()
    ok = run(parser.parse_args())
    print(f"{time.monotonic() - start:.0f} s")
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
