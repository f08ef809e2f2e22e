#!/usr/bin/env python3
"""The running server under load, one promise a name:

    tests/server/load.py build/release/bin/dfpipe overload|drain|ends|stuck|leaving|memory|slow [seconds or requests]

overload   at four times its capacity, what is accepted is answered in at most three times the unloaded p99, the rest
           gets 429 with Retry-After, nothing is lost or answered with another's picture
drain      SIGTERM in the middle of load: every accepted request is answered, a job goes on to its end, exit code 0
ends       a run that ends by itself answers those who still send
stuck      neither a first nor a second SIGTERM waits for a client that never ends its upload
leaving    clients that leave cost nothing: their pictures never reach the model
memory     ten thousand requests, and no more memory than after the first thousand
slow       slowhttptest's four attacks while /livez answers within a second
"""
import http.client
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from contract import SAMPLE, Server, events, multipart, png

RAW = {"Content-Type": "image/jpeg"}
# Each picture is one face: the time goes to the pipeline, not to the search for faces.
FAST = ("faces.precropped=true",)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Client(threading.Thread):
    """Asks again and again on one connection until it is told to end; each picture has a name of its own."""

    def __init__(self, server, sample, patience=0.0):
        super().__init__()
        self.server, self.sample, self.patience = server, sample, patience
        self.over = threading.Event()
        self.taken, self.refused, self.wrong, self.cut = [], 0, [], 0

    def run(self):
        connection, number = None, 0
        while not self.over.is_set():
            number += 1
            name = f"{self.name}-{number}.jpg"
            body, kind = multipart([(name, self.sample)])
            began = time.perf_counter()
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
                connection.request("POST", "/predict", body, kind)
                answer = connection.getresponse()
                data = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                # A server that has stopped listening; while it listens this is a lost request.
                self.cut += 1
                connection = None
                if self.over.wait(0.05):
                    return
                continue
            took = time.perf_counter() - began
            if answer.status == 200:
                self.taken.append(took)
                if data["file"] != name:
                    self.wrong.append(f"{name} got the answer of {data['file']}")
            elif answer.status in (429, 503):
                self.refused += 1
                if int(answer.getheader("Retry-After", "0")) < 1:
                    self.wrong.append(f"{answer.status} without Retry-After")
                self.over.wait(self.patience)
            else:
                self.wrong.append(f"{answer.status} {data}")
            if answer.getheader("Connection", "") == "close":
                connection.close()
                connection = None


def busy(server, sample, clients, seconds, patience=0.0):
    threads = [Client(server, sample, patience) for _ in range(clients)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    for thread in threads:
        thread.over.set()
    for thread in threads:
        thread.join()
    wrong = [text for thread in threads for text in thread.wrong]
    assert not wrong, wrong[:3]
    assert not sum(thread.cut for thread in threads), "connections were cut"
    return [took for thread in threads for took in thread.taken], sum(thread.refused for thread in threads)


def overload(binary, sample, seconds):
    server = Server(binary, *FAST)
    busy(server, sample, 1, 1)
    calm, _ = busy(server, sample, 1, seconds)
    server.end()
    unloaded = percentile(calm, 0.99)
    # How much waiting may be added is the server's to limit; here once more what an unloaded picture takes.
    server = Server(binary, *FAST, f"server.max_wait={unloaded:.4f}", "server.queue=8")
    busy(server, sample, 2, 2)
    full, _ = busy(server, sample, 2, seconds)
    capacity = len(full) / seconds
    clients = 12
    # Each refused client comes back after so long that together they ask four times what the server can do.
    taken, refused = busy(server, sample, clients, 2 * seconds, patience=clients / (4 * capacity))
    server.ask("GET", "/livez", 200)
    server.end()
    asked = (len(taken) + refused) / (2 * seconds)
    loaded = percentile(taken, 0.99)
    print(f"capacity {capacity:.1f}/s, asked {asked:.1f}/s, answered {len(taken) / (2 * seconds):.1f}/s, refused {refused}; "
          f"p99 unloaded {unloaded * 1e3:.1f} ms, under overload {loaded * 1e3:.1f} ms: {loaded / unloaded:.2f} times")
    assert refused > 0, "nothing was refused, so there was no overload"
    assert len(taken) > 0.3 * len(full), "hardly anything was answered"
    return loaded / unloaded


def drain(binary, sample, seconds):
    server = Server(binary, *FAST)
    threads = [Client(server, sample) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    answered = [len(thread.taken) for thread in threads]
    job = server.ask("POST", "/v1/jobs", 202, *multipart([(f"{i}.jpg", sample) for i in range(40)]))
    told = []
    follower = threading.Thread(target=lambda: told.extend(events(server, f"/v1/jobs/{job['id']}/events")))
    follower.start()
    time.sleep(0.1)
    server.end()
    follower.join()
    assert told[-1][1] == "end" and told[-1][2]["done"] == 40 and told[-1][2]["failed"] == 0, told[-1]
    for thread in threads:
        thread.over.set()
        thread.join()
    assert all(answered), "the load had not begun"
    assert not [text for thread in threads for text in thread.wrong], "a wrong answer"
    summary = next(line for line in server.said if " in = " in line)
    given, ok = int(summary.split()[0]), int(summary.split()[3])
    total = sum(len(thread.taken) for thread in threads) + 40
    print(f"{summary.strip()}; clients got {total} answers, 40 of them of a job")
    assert given == ok == total, "an accepted request was lost"


def ends(binary, sample, _):
    server = Server(binary, *FAST, options=["--limit", "1"])
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: {len(sample)}\r\n\r\n".encode()
    senders = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(5)]
    for one in senders:
        one.sendall(head + sample[:1000])
    time.sleep(0.5)  # until their heads are read
    server.ask("POST", "/predict", 200, sample, RAW)  # the run's only item
    for one in senders:
        one.sendall(sample[1000:])
    for one in senders:
        answer = http.client.HTTPResponse(one)
        answer.begin()
        assert answer.status == 503 and json.loads(answer.read())["code"] == "discarded", answer.status
    assert server.process.wait(30) == 0
    print("ended")


def stuck(binary, _, __):
    """A client that goes on sending for ever does not keep the server from its end."""
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\nabc"
    for twice in (False, True):
        server = Server(binary, *FAST, f"server.drain_seconds={60 if twice else 1}")
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(head)
        time.sleep(0.3)
        if twice:
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        server.end()  # exit code 0, well before a minute
        client.close()
    print("ended")


def leaving(binary, sample, _):
    server = Server(binary, *FAST, "server.queue=500")
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: {len(sample)}\r\n\r\n".encode()
    gone = 0
    for _ in range(10):
        sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(30)]
        for one in sockets:
            one.sendall(head + sample)
        for one in sockets:
            if random.random() < 0.5:  # a reset, as of a client that was killed
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            one.close()
            gone += 1
    server.ask("POST", "/predict", 200, sample, RAW)
    stats = server.ask("GET", "/v1/stats", 200)
    judged = next(node for node in stats["nodes"] if node["name"].endswith("judge/clip"))["items"]
    server.end()
    print(f"{gone} clients left, the model judged {judged} pictures")
    assert judged < gone / 2, "the model works for clients that have left"


def memory(binary, sample, requests):
    server = Server(binary, *FAST)

    def resident():
        with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4 // 1024

    small = png(48, 48)
    done = 0

    def ask(count):
        nonlocal done
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for i in range(count):
            if i % 4 == 3:
                connection.request("POST", "/predict", b"no picture" * (i % 50), {"Content-Type": "image/png"})
            elif i % 50 == 0:
                connection.request("POST", "/predict", sample, RAW)
            else:
                connection.request("POST", "/predict", small, {"Content-Type": "image/png"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status in (200, 400), answer.status
            done += 1
        connection.close()

    def load(count):
        threads = [threading.Thread(target=ask, args=(count // 4,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    load(requests // 10)
    before = resident()
    load(requests - requests // 10)
    after = resident()
    server.end()
    print(f"{done} requests, resident {before} MB after a tenth of them, {after} MB at the end")
    assert done >= requests - 8 and after - before < 24, "memory grows with requests"


def slow(binary, sample, seconds):
    tool = shutil.which("slowhttptest")
    if not tool:
        print("skipped: slowhttptest is not installed")
        return
    server = Server(binary, *FAST, "server.header_seconds=2", "server.body_grace=2", "server.write_seconds=2",
                    "server.idle_seconds=2", "server.connections=200", "server.connections_per_address=150")
    url = f"http://127.0.0.1:{server.port}"
    attacks = {"headers": ["-H", "-u", url + "/predict", "-t", "GET"],
               "body": ["-B", "-u", url + "/predict", "-t", "POST", "-s", "100000"],
               "range": ["-R", "-u", url + "/livez", "-t", "GET", "-a", "5", "-b", "500"],
               "read": ["-X", "-u", url + "/openapi.json", "-t", "GET", "-w", "1", "-y", "8", "-n", "1", "-z", "1", "-k", "3"]}
    for name, options in attacks.items():
        attack = subprocess.Popen([tool, *options, "-c", "400", "-r", "200", "-i", "1", "-l", str(seconds), "-p", "2"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        longest, asked = 0.0, 0
        while attack.poll() is None:
            began = time.perf_counter()
            assert server.raw("GET", "/livez")[0] == 200
            longest = max(longest, time.perf_counter() - began)
            asked += 1
            time.sleep(0.1)
        print(f"slow {name}: {asked} times /livez, the longest took {longest * 1e3:.0f} ms")
        assert longest < 1, f"/livez did not answer within a second under slow {name}"
    server.ask("POST", "/predict", 200, sample, RAW)
    server.end()


def main():
    binary, name = sys.argv[1:3]
    with open(SAMPLE, "rb") as file:
        sample = file.read()
    usual = {"overload": 4, "drain": 2, "ends": 0, "stuck": 0, "leaving": 0, "memory": 10_000, "slow": 6}
    amount = int(sys.argv[3]) if len(sys.argv) > 3 else usual[name]
    if name == "overload":
        # Another program's work in one of the two phases says nothing of this one.
        assert any(overload(binary, sample, amount) <= 3 for _ in range(3)), "accepted requests wait too long"
        return
    {"drain": drain, "ends": ends, "stuck": stuck, "leaving": leaving, "memory": memory, "slow": slow}[name](binary, sample, amount)


if __name__ == "__main__":
    main()
