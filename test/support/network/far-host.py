"""A host that is far away: in another network namespace, behind a line of two tunnels that this process relays.

Every packet takes DELAY seconds each way, and IPv6 is swallowed. The host answers HTTP at 10.9.0.2:80. Run as root in a
network namespace of its own; prints "ready" when the line is up.
"""

import ctypes
import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DELAY = float(sys.argv[1])
CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def tunnel(*addresses):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", b"far", IFF_TUN | IFF_NO_PI))
    for address in addresses:
        subprocess.check_call(["ip", "addr", "add", *address.split(), "dev", "far"])
    subprocess.check_call(["ip", "link", "set", "far", "up"])
    return fd


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"far\n")

    def log_message(self, *_):
        pass


here = tunnel("10.9.0.1/24", "2001:db8::1/64 nodad")
if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
    raise OSError(ctypes.get_errno(), "unshare")
there = tunnel("10.9.0.2/24")
server = ThreadingHTTPServer(("10.9.0.2", 80), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)

waiting = []
while True:
    due = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    for fd in select.select([here, there], [], [], due)[0]:
        packet = os.read(fd, 65536)
        if packet[0] >> 4 == 4:
            heapq.heappush(waiting, (time.monotonic() + DELAY, there if fd == here else here, packet))
    while waiting and waiting[0][0] <= time.monotonic():
        _, fd, packet = heapq.heappop(waiting)
        os.write(fd, packet)
