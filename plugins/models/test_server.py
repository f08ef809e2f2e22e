"""An HTTP server that misbehaves on request, for the tests of downloads: test_server.py FOLDER

It serves the files of FOLDER/files on 127.0.0.1, with the certificate FOLDER/certificate.pem on a second port, writes both
ports to FOLDER/ports and a line for each request to FOLDER/log. The first piece of a path says how to behave, the last is the file. It also answers as a proxy. It ends with
its parent, and after two minutes at the latest.
"""
import http.server
import os
import pathlib
import re
import ssl
import sys
import threading
import time
import urllib.parse

folder = pathlib.Path(sys.argv[1])
lock = threading.Lock()
seen = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path
        proxied = path.startswith("http://")
        if proxied:
            path = urllib.parse.urlsplit(path).path
        with lock:
            self.count = seen[path] = seen.get(path, 0) + 1
            with open(folder / "log", "a") as log:
                log.write("%s range=%s if-range=%s%s\n" % (path, self.headers.get("Range", ""),
                                                         self.headers.get("If-Range", ""), " proxied" if proxied else ""))
        pieces = path.strip("/").split("/")
        self.content = (folder / "files" / pieces[-1]).read_bytes()
        getattr(self, "behave_" + pieces[0])(*pieces[1:-1])

    def asked_from(self):
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(found.group(1)) if found else 0

    def give(self, content=None, etag='"1"', date=None, cut=None, slow=0.0, obey_range=True, obey_if_range=True, shift=0,
             more_length=0, length=True):
        """`cut`: the share of the body after which the connection breaks."""
        content = self.content if content is None else content
        start = self.asked_from() if obey_range else 0
        condition = self.headers.get("If-Range")
        if condition and obey_if_range and condition not in (etag, date):
            start = 0
        body = content[start + shift if start else 0:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (start + shift, len(content) - 1, len(content)))
        if etag:
            self.send_header("ETag", etag)
        if date:
            self.send_header("Last-Modified", date)
        if length:
            self.send_header("Content-Length", str(len(body) + more_length))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        if cut is not None:
            body = body[:int(len(body) * cut)]
            self.close_connection = True
        if slow:
            for i in range(0, len(body), 1000):
                self.wfile.write(body[i:i + 1000])
                self.wfile.flush()
                time.sleep(slow)
        else:
            self.wfile.write(body)
        if not length:
            self.close_connection = True

    def answer(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"sorry")

    def behave_ok(self):
        self.give()

    def behave_slow(self):
        self.give(slow=0.05)

    def behave_cut(self, times):
        self.give(cut=0.5 if self.count <= int(times) else None)

    def behave_unmarked(self):
        self.give(etag=None, cut=0.5 if self.count == 1 else None)

    def behave_weak(self):
        date = "Mon, 01 Jan 2024 00:00:00 GMT"
        self.give(etag='W/"1"', date=date, cut=0.5 if self.count == 1 else None)

    def behave_early(self):
        self.give(length=False, cut=0.5 if self.count == 1 else None)

    def behave_norange(self):
        self.give(obey_range=False, cut=0.5 if self.count == 1 else None)

    def behave_changed(self):
        self.give(self.content[::-1], etag='"old"', cut=0.5) if self.count == 1 else self.give(etag='"new"')

    def behave_glue(self):
        first = self.count == 1
        self.give(self.content[::-1], etag='"old"', cut=0.5) if first else self.give(etag='"new"', obey_if_range=False)

    def behave_shift(self):
        self.give(cut=0.5 if self.count == 1 else None, shift=7 if self.count == 2 else 0)

    def behave_past(self):
        if self.asked_from():
            self.answer(416, Content_Range="bytes */%d" % len(self.content))
        else:
            self.give(cut=0.5 if self.count == 1 else None)

    def behave_status(self, status, times):
        self.answer(int(status)) if self.count <= int(times) else self.give()

    def behave_busy(self):
        self.answer(503, Retry_After="1") if self.count == 1 else self.give()

    def behave_redirect(self):
        self.answer(302, Location="/ok/" + self.path.split("/")[-1])

    def behave_loop(self):
        self.answer(302, Location=self.path)

    def behave_away(self):
        self.answer(302, Location="file:///etc/hostname")

    def behave_down(self):
        self.answer(302, Location="http://127.0.0.1:%d/ok/%s" % (plain.server_address[1], self.path.split("/")[-1]))

    def behave_up(self):
        self.answer(302, Location="https://127.0.0.1:%d/ok/%s" % (secure.server_address[1], self.path.split("/")[-1]))

    def behave_stall(self):
        if self.count > 1:
            return self.give()
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content[:len(self.content) // 2])
        self.wfile.flush()
        time.sleep(60)

    def behave_silent(self):
        time.sleep(60)

    def behave_longer(self):
        self.give(self.content + b"more")

    def behave_endless(self):
        self.give(self.content + b"more", length=False)

    def behave_promise(self):
        self.give(more_length=10)

    def behave_wrong(self):
        self.give(self.content[::-1])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):  # clients that go away are part of the tests
        pass


plain, secure = Server(("127.0.0.1", 0), Handler), Server(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "certificate.pem")
secure.socket = context.wrap_socket(secure.socket, server_side=True)
for server in plain, secure:
    threading.Thread(target=server.serve_forever, daemon=True).start()
(folder / "ports.new").write_text("%d %d" % (plain.server_address[1], secure.server_address[1]))
(folder / "ports.new").rename(folder / "ports")
parent, end = os.getppid(), time.monotonic() + 120
while os.getppid() == parent and time.monotonic() < end:
    time.sleep(0.2)
