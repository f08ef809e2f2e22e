#!/usr/bin/env python3
"""The web endpoint's figures, in one run: requests a second and latency at 1, 8 and 64 connections for a 640-px JPEG,
beside a minimal Flask and PyTorch server with the same weights (flask_detector.py), and the share of a request that is
spent outside the graph.

    tests/bench/server.py build/release/bin/dfpipe [seconds]

Needs wrk, and for the comparison /usr/bin/python3 with flask, torch and cv2 (Debian: python3-flask, python3-torch,
python3-opencv).
"""
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "server"))
from contract import Server  # noqa: E402

PYTHON = os.environ.get("PYTHON", "/usr/bin/python3")
MODEL = "models/demo"
# The pictures are faces already, as for the other server, which is told the box.
SAME = ["faces.precropped=true"]
# What the other server does not do: roll-out, heuristics, spectrum picture.
SCORE_ALONE = SAME + ["per-face/score.explain=false", "per-face/score.measure=false", "per-face/uncanny.enabled=false",
                      "per-face/spectrum.enabled=false"]


def sample():
    """A 640 x 640 JPEG of a sample face."""
    made = subprocess.run(
        [PYTHON, "-c", "import cv2, sys; picture = cv2.imread('pipelines/samples/fake_0002.jpg');"
         "picture = cv2.resize(picture, (640, 640), interpolation=cv2.INTER_CUBIC);"
         "sys.stdout.buffer.write(cv2.imencode('.jpg', picture, [1, 90])[1].tobytes())"], capture_output=True, check=True)
    return made.stdout


def wrk(url, picture, connections, seconds):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f'local f = io.open("{picture}", "rb"); wrk.body = f:read("*a"); f:close()\n'
                     'wrk.method = "POST"; wrk.headers["Content-Type"] = "image/jpeg"\n'
                     'done = function(summary, latency)\n'
                     '  local e = summary.errors\n'
                     '  io.write(string.format("FIGURES %d %d %d %d %d %d\\n", summary.requests, summary.duration,\n'
                     '    latency:percentile(50), latency:percentile(95), latency:percentile(99),\n'
                     '    e.connect + e.read + e.write + e.status + e.timeout))\nend\n')
        script.flush()
        said = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", script.name, url],
                              capture_output=True, text=True, check=True).stdout
    requests, micros, p50, p95, p99, errors = (int(n) for n in re.search(r"FIGURES (.*)", said)[1].split())
    return {"rate": (requests - errors) / micros * 1e6, "p50": p50 / 1e3, "p95": p95 / 1e3, "p99": p99 / 1e3,
            "errors": errors}


def measure(name, url, picture, seconds):
    wrk(url, picture, 4, 2)  # warm
    figures = {}
    for connections in (1, 8, 64):
        one = figures[connections] = wrk(url, picture, connections, seconds)
        print(f"{name:34} {connections:3} {one['rate']:9.1f} {one['p50']:9.1f} {one['p95']:9.1f} {one['p99']:9.1f} "
              f"{one['errors']:7}", flush=True)
    return figures


def dfpipe(binary, name, sets, picture, seconds):
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        server = Server(binary, *sets, f"access_log={log.name}", "server.connections_per_address=100")
        figures = measure(name, f"http://127.0.0.1:{server.port}/predict", picture, seconds)
        outside = share_outside(server, picture, log.name)
        server.end()
    return figures, outside


def share_outside(server, picture, log):
    """Of a request, from its first byte to the last of its answer by the access log, alone on one connection: what is
    not in the graph."""
    with open(picture, "rb") as file:
        data = file.read()
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    inside = {}
    for _ in range(200):
        connection.request("POST", "/predict", data, {"Content-Type": "image/jpeg"})
        answer = json.loads(connection.getresponse().read())
        inside[answer["request_id"]] = answer["timings"]["graph"]
    time.sleep(0.2)
    with open(log, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    whole = {line["request_id"]: line["ms"] for line in lines}
    return 1 - statistics.median(inside.values()) / statistics.median(whole[name] for name in inside)


def flask(picture, seconds):
    if subprocess.run([PYTHON, "-c", "import flask, torch, cv2"], capture_output=True).returncode != 0:
        print("skipped: flask, torch or cv2 is not installed")
        return None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([PYTHON, os.path.join(os.path.dirname(__file__), "flask_detector.py"), MODEL, str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        return measure("Flask and PyTorch: the score", f"http://127.0.0.1:{port}/predict?box=0,0,640,640", picture, seconds)
    finally:
        server.kill()
        server.wait()


def main():
    binary, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(sample())
        file.flush()
        print(f"{'server':34} {'con':>3} {'req/s':>9} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9} {'errors':>7}")
        other = flask(file.name, seconds)
        alone, outside_alone = dfpipe(binary, "dfpipe: the score", SCORE_ALONE, file.name, seconds)
        same, outside_same = dfpipe(binary, "dfpipe: all but the search for faces", SAME, file.name, seconds)
        whole, outside = dfpipe(binary, "dfpipe: serve.yaml as it is", [], file.name, seconds)
    print(f"outside the graph: {outside_alone:.1%} of the score alone, {outside_same:.1%} of all but the search, "
          f"{outside:.1%} of serve.yaml as it is")
    if other:
        for name, figures in (("the score", alone), ("all but the search", same), ("serve.yaml", whole)):
            print(f"{name}: " + ", ".join(f"{figures[n]['rate'] / other[n]['rate']:.1f} times Flask's requests a second at {n}"
                                          for n in (1, 8, 64)))


if __name__ == "__main__":
    main()
