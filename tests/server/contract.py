#!/usr/bin/env python3
"""Every answer of the running server against server/openapi.yaml: its status is described, its headers are there, its
body is what the schema says.

    tests/server/contract.py build/release/bin/dfpipe
"""
import atexit
import http.client
import json
import re
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

import jsonschema
import yaml

SAMPLE = "pipelines/samples/fake_0002.jpg"
with open("server/openapi.yaml", encoding="utf-8") as file:
    API = yaml.safe_load(file)


def resolved(node):
    """Follows a reference inside the description."""
    while "$ref" in node:
        target = API
        for step in node["$ref"][2:].split("/"):
            target = target[step]
        node = target
    return node


def operation(method, path):
    for template, item in API["paths"].items():
        if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path):
            return item.get(method.lower())
    return None


def check_body(schema, body, where):
    whole = dict(schema)
    whole["components"] = API["components"]
    errors = list(jsonschema.Draft202012Validator(whole).iter_errors(body))
    assert not errors, f"{where}: {errors[0].json_path}: {errors[0].message[:300]}"


class Server:
    """dfpipe run pipelines/serve.yaml on a free port."""

    def __init__(self, binary, *sets, options=()):
        command = [binary, "run", "pipelines/serve.yaml", "--no-progress", "--set", "port=0", *options]
        for one in sets:
            command += ["--set", one]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        self.said, self.port = [], None
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            if self.port and self.raw("GET", "/readyz")[0] == 200:
                return
            time.sleep(0.05)
        raise RuntimeError("the server did not start: " + "".join(self.said))

    def listen(self):
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"url http://[^ ]*:(\d+)/", line)
            if found:
                self.port = int(found[1])

    def raw(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, data

    def ask(self, method, path, status, body=None, headers=None):
        """A request whose answer must have this status and be as described; its JSON, or its bytes."""
        got, fields, data = self.raw(method, path, body, headers)
        where = f"{method} {path} -> {got}"
        assert got == status, f"{where}, {status} was expected: {data[:300]}"
        assert re.fullmatch("[0-9a-f]{32}", fields.get("x-request-id", "")), f"{where}: no request id"
        described = operation(method, path.split("?")[0])
        if described is None:  # an unknown path or method: the error's form is all there is to hold
            check_body(API["components"]["schemas"]["Error"], json.loads(data), where)
            return json.loads(data)
        assert str(got) in described["responses"], f"{where}: this status is not described"
        response = resolved(described["responses"][str(got)])
        for name in response.get("headers", {}):
            assert name.lower() in fields, f"{where}: no header {name}"
        if "content" not in response:
            assert not data, f"{where}: a body nobody described"
            return None
        kind = fields["content-type"].split(";")[0]
        assert kind in response["content"], f"{where}: {kind} is not described"
        if kind != "application/json":
            return data
        value = json.loads(data)
        check_body(response["content"][kind]["schema"], value, where)
        if status >= 400 and "request_id" in value:
            assert value["request_id"] == fields["x-request-id"], f"{where}: another request's id"
        return value

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        assert code == 0, f"exit code {code}: {''.join(self.said[-5:])}"


def multipart(files, field="image"):
    body = b""
    for name, data in files:
        body += (f'--frontier\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n').encode()
        body += data + b"\r\n"
    return body + b"--frontier--\r\n", {"Content-Type": "multipart/form-data; boundary=frontier"}


def png(width, height):
    """A black PNG; small however many pixels it has."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width)) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def events(server, path, headers=None):
    """All events of a stream that ends, as (id, name, data)."""
    status, fields, data = server.raw("GET", path, headers=headers)
    assert status == 200 and fields["content-type"].startswith("text/event-stream"), (status, data[:200])
    out = []
    for block in data.decode().split("\n\n"):
        named = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "data" in named:
            out.append((named.get("id"), named.get("event"), json.loads(named["data"])))
    return out


def predictions(server, sample):
    schemas = API["components"]["schemas"]
    picture = server.ask("POST", "/predict", 200, sample, {"Content-Type": "image/jpeg"})
    assert picture["face_count"] == 1 and picture["file"] is None
    body, kind = multipart([("a.jpg", sample)])
    assert server.ask("POST", "/predict", 200, body, kind)["file"] == "a.jpg"
    body, kind = multipart([("a.jpg", sample), ("none.png", png(64, 64)), ("b.txt", b"text"), ("caf\u00e9.jpg", sample)])
    several = server.ask("POST", "/predict", 200, body, kind)["results"]
    assert [one.get("code") for one in several] == [None, None, "not_an_image", None]
    assert several[1]["face_detected"] is False and several[1]["faces"][0]["verdict"] == "inconclusive"
    assert several[3]["file"] == "caf\u00e9.jpg"
    check_body(schemas["Pictures"], {"results": several}, "several")

    raw = {"Content-Type": "image/png"}
    for code, data in {"not_an_image": b"no picture", "truncated": sample[:3000], "corrupt": png(8, 8)[:40] + b"x" * 40,
                       "unsupported": b"GIF89a" + bytes(20)}.items():
        answer = server.ask("POST", "/predict", 400, data, raw)
        assert answer["error"] == "Could not decode image", answer
        assert answer["code"] in (code, "corrupt", "truncated"), (code, answer)
    assert server.ask("POST", "/predict", 413, png(1200, 1200), raw)["code"] == "too_large"
    assert server.ask("POST", "/predict", 413, bytes(400_000), raw)["code"] == "body_too_large"
    assert server.ask("POST", "/predict", 400, b"", raw)["code"] in ("empty_file", "no_image")
    assert server.ask("POST", "/predict", 400)["error"] == "No image provided"
    assert server.ask("POST", "/predict", 415, b"{}", {"Content-Type": "application/json"})["code"] == "content_type"
    assert server.ask("POST", "/predict", 400, *multipart([("a", sample)], "picture"))["code"] == "no_image"
    body, kind = multipart([("a.jpg", sample)])
    assert server.ask("POST", "/predict", 400, body[:-12], kind)["code"] == "truncated_multipart"
    many, kind = multipart([(f"{i}", b"x") for i in range(17)])
    assert server.ask("POST", "/predict", 413, many, kind)["code"] == "too_many_files"


def jobs(server, sample):
    schemas = API["components"]["schemas"]
    body, kind = multipart([(f"{i}.jpg", sample) for i in range(5)] + [("x.txt", b"text")])
    job = server.ask("POST", "/v1/jobs", 202, body, kind)
    path = "/v1/jobs/" + job["id"]
    told = events(server, path + "/events")
    results = [(number, data) for number, name, data in told if name == "result"]
    assert [number for number, _ in results] == [str(i + 1) for i in range(6)], [number for number, _ in results]
    assert sorted(data["index"] for _, data in results) == list(range(6))
    for _, data in results:
        check_body(schemas["JobEntry"], data, "result")
    assert told[-1][1] == "end" and told[-1][2]["failed"] == 1
    check_body(schemas["Job"], told[-1][2], "end")
    later = [number for number, name, _ in events(server, path + "/events", {"Last-Event-ID": "4"}) if name == "result"]
    assert later == ["5", "6"], later
    later = [number for number, name, _ in events(server, path + "/events?last_event_id=5") if name == "result"]
    assert later == ["6"], later
    whole = server.ask("GET", path, 200)
    assert whole["state"] == "done" and len(whole["results"]) == 6
    server.ask("GET", path + "/events", 400, headers={"Last-Event-ID": "many"})
    server.ask("DELETE", path, 204)
    server.ask("GET", path, 404)
    server.ask("DELETE", path, 404)
    server.ask("GET", path + "/events", 404)
    server.ask("GET", "/v1/jobs/nonsense", 404)
    server.ask("POST", "/v1/jobs", 400, *multipart([("a", sample)], "other"))
    server.ask("POST", "/v1/jobs", 415, b"{}", {"Content-Type": "application/json"})


def about(server):
    server.ask("GET", "/livez", 200)
    server.ask("GET", "/readyz", 200)
    info = server.ask("GET", "/v1/info", 200)
    assert info["limits"]["files"] == 16 and info["model"]["caution"]
    graph = server.ask("GET", "/v1/graph", 200)
    assert set(graph["descriptors"]) == {node["type"] for node in graph["nodes"] if "opens" not in node}
    assert graph["sha256"] == info["graph"]["sha256"]
    stats = server.ask("GET", "/v1/stats", 200)
    assert [node["name"] for node in stats["nodes"]] == [node["name"] for node in graph["nodes"]]
    assert stats["ok"] > 0
    text = server.ask("GET", "/metrics", 200).decode()
    for name in ("dfpipe_http_requests_total", "dfpipe_http_request_seconds", "dfpipe_queue_depth", "dfpipe_node_seconds",
                 "dfpipe_node_items_total", "dfpipe_batch_size", "dfpipe_rejected_total"):
        assert f"# TYPE {name} " in text, f"/metrics has no {name}"
    assert "a.jpg" not in text, "a client's text is in the metrics"
    served = server.ask("GET", "/openapi.json", 200)
    assert served == json.loads(json.dumps(API, default=str)), "/openapi.json is not the file"
    for method, path in (("GET", "/nothing"), ("GET", "/v1/"), ("POST", "/nothing")):
        assert server.ask(method, path, 404)["code"] == "not_found"
    for method, path in (("GET", "/predict"), ("PUT", "/v1/jobs"), ("POST", "/livez")):
        assert server.ask(method, path, 405)["code"] == "method_not_allowed"


def keys(binary, sample):
    with tempfile.NamedTemporaryFile("w", suffix=".keys") as file:
        file.write("# two clients\npage 0123456789abcdef\nscript fedcba9876543210\n")
        file.flush()
        server = Server(binary, f"keys={file.name}")
        raw = {"Content-Type": "image/jpeg"}
        for path in ("/v1/info", "/v1/graph", "/v1/stats", "/metrics", "/v1/jobs/" + 32 * "0"):
            assert server.ask("GET", path, 401)["code"] == "unauthorized"
        assert server.ask("POST", "/predict", 401, sample, raw)["code"] == "unauthorized"
        server.ask("POST", "/predict", 401, sample, raw | {"X-Api-Key": "0123456789abcdee"})
        server.ask("POST", "/predict", 200, sample, raw | {"X-Api-Key": "0123456789abcdef"})
        server.ask("POST", "/predict", 200, sample, raw | {"Authorization": "Bearer fedcba9876543210"})
        server.ask("GET", "/livez", 200)
        server.ask("GET", "/openapi.json", 200)
        assert server.ask("GET", "/v1/info", 200, headers={"X-Api-Key": "0123456789abcdef"})["api_key"] is True
        server.end()
        assert "0123456789abcdef" not in "".join(server.said), "a key is in the log"


def deadlines_and_queues(binary, sample):
    raw = {"Content-Type": "image/jpeg"}
    server = Server(binary, "server.deadline=0.05", "server.queue=2")
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(server.raw("POST", "/predict", sample, raw)))
               for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = {status for status, _, _ in answers}
    assert len(answers) == 12 and codes <= {200, 429, 504}, codes
    for status, fields, data in answers:
        if status != 200:
            check_body(API["components"]["schemas"]["Error"], json.loads(data), str(status))
        if status == 429:
            assert int(fields["retry-after"]) >= 1
    assert {429, 504} & codes, codes
    server.ask("GET", "/readyz", 200)
    server.end()


def main():
    binary = sys.argv[1]
    with open(SAMPLE, "rb") as file:
        sample = file.read()
    server = Server(binary, "max_pixels=1000000", "server.upload_bytes=200000")
    predictions(server, sample)
    jobs(server, sample)
    about(server)
    server.end()
    keys(binary, sample)
    deadlines_and_queues(binary, sample)
    print("every answer is as described")


if __name__ == "__main__":
    main()
