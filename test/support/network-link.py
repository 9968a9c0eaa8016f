"""Two hosts in network namespaces of their own, and the link between them, which can be made as bad as wanted.

What the kernel's netem does (loss, delay, jitter, reordering), done here: many kernels are built without netem, and here the dice are
seeded. Every packet between the hosts passes this process, by a TUN device in each. The namespaces have no names, so nothing is
left of them once this process and those in them have ended.

Needs CAP_SYS_ADMIN, CAP_NET_ADMIN, /dev/net/tun and the ip command. Arguments: SERVER_ADDRESS CLIENT_ADDRESS PORT.

The first line of output says where the hosts are, and a TCP port of the namespace this was started in that leads to PORT on the
loopback of the server's: {"server": PATH, "client": PATH, "port": NUMBER}. Each line of input is the link's new condition:
{"loss": 0…1, "delayMs": MS, "jitterMs": MS, "reorder": 0…1, "down": BOOL, "blocked": [{"protocol": "udp" or "tcp", "port": NUMBER}]},
answered by a line that counts packets since the last: {"passed": NUMBER, "dropped": NUMBER}. Ends with its input.
"""

import asyncio
import ctypes
import fcntl
import json
import os
import random
import socket
import struct
import subprocess
import sys

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
PROTOCOLS = {"tcp": 6, "udp": 17}
MTU = 1500
# How much longer a packet takes that others overtake.
HELD_BACK_MS = 25

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def make_host(address):
    """Enters a new namespace with one address; returns the descriptors of the namespace and of its device."""
    check(libc.unshare(CLONE_NEWNET))
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"net0", IFF_TUN_NO_PI))
    for arguments in (["link", "set", "lo", "up"], ["address", "add", f"{address}/24", "dev", "net0"], ["link", "set", "dev", "net0", "mtu", str(MTU), "up"]):
        subprocess.run(["ip", *arguments], check=True, stdout=sys.stderr)
    return os.open("/proc/self/ns/net", os.O_RDONLY), device


class Link:
    def __init__(self, server, client):
        self.random = random.Random(7)
        self.condition = {}
        self.passed = self.dropped = 0
        loop = asyncio.get_running_loop()
        for source, target in ((server, client), (client, server)):
            loop.add_reader(source, self.read, source, target)

    def read(self, source, target):
        while True:
            try:
                packet = os.read(source, MTU + 64)
            except BlockingIOError:
                return
            self.take(packet, target)

    def take(self, packet, target):
        loss, delay, jitter, reorder = (self.condition.get(key, 0) for key in ("loss", "delayMs", "jitterMs", "reorder"))
        if self.condition.get("down") or self.is_blocked(packet) or self.random.random() < loss:
            self.dropped += 1
            return
        self.passed += 1
        if jitter > 0:
            delay += self.random.uniform(-jitter, jitter)
        if reorder > 0 and self.random.random() < reorder:
            delay += HELD_BACK_MS
        if delay > 0:
            asyncio.get_running_loop().call_later(delay / 1000, self.write, packet, target)
        else:
            self.write(packet, target)

    def is_blocked(self, packet):
        if packet[0] >> 4 != 4:
            return False
        header = (packet[0] & 15) * 4
        ports = struct.unpack_from("!HH", packet, header) if len(packet) >= header + 4 else ()
        return any(packet[9] == PROTOCOLS[rule["protocol"]] and rule["port"] in ports for rule in self.condition.get("blocked", []))

    @staticmethod
    def write(packet, target):
        try:
            os.write(target, packet)
        except (BlockingIOError, OSError):
            # A device that is down or full loses it, as a network would.
            pass

    def change(self, condition):
        self.condition = condition
        counted = {"passed": self.passed, "dropped": self.dropped}
        self.passed = self.dropped = 0
        return counted


async def relay(port, reader, writer):
    """Carries one connection from outside to the server's loopback."""

    async def carry(source, target):
        try:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        except OSError:
            pass
        target.close()

    try:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return writer.close()
    await asyncio.gather(carry(reader, there_writer), carry(there_reader, writer))


async def main(server_address, client_address, port):
    outside = socket.create_server(("127.0.0.1", 0))
    server, server_device = make_host(server_address)
    client, client_device = make_host(client_address)
    # New connections of this process begin on the server's host.
    check(libc.setns(server, CLONE_NEWNET))
    link = Link(server_device, client_device)
    await asyncio.start_server(lambda reader, writer: relay(port, reader, writer), sock=outside)

    def say(message):
        print(json.dumps(message), flush=True)

    say({"server": f"/proc/{os.getpid()}/fd/{server}", "client": f"/proc/{os.getpid()}/fd/{client}", "port": outside.getsockname()[1]})
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        say(link.change(json.loads(line)))


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
