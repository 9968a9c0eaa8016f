"""Pushes an FLV file at its own speed by librtmp, whose code OBS uses: rtmp-push.py ADDRESS FILE. Exits with 1 where it is refused."""

import ctypes
import sys
import time

# Of FLV: what is before the first tag, of each tag before and behind its payload; in bytes.
FILE_HEADER, TAG_HEADER, TAG_END = 13, 11, 4

librtmp = ctypes.CDLL("librtmp.so.1")
librtmp.RTMP_Alloc.restype = ctypes.c_void_p
for name in ("RTMP_Init", "RTMP_EnableWrite", "RTMP_Close"):
    getattr(librtmp, name).argtypes = [ctypes.c_void_p]
librtmp.RTMP_SetupURL.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
librtmp.RTMP_Connect.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
librtmp.RTMP_ConnectStream.argtypes = [ctypes.c_void_p, ctypes.c_int]
librtmp.RTMP_Write.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]

# It is kept, and written to, by librtmp.
address = ctypes.create_string_buffer(sys.argv[1].encode())
rtmp = librtmp.RTMP_Alloc()
librtmp.RTMP_Init(rtmp)
librtmp.RTMP_SetupURL(rtmp, address)
librtmp.RTMP_EnableWrite(rtmp)
if not librtmp.RTMP_Connect(rtmp, None) or not librtmp.RTMP_ConnectStream(rtmp, 0):
    sys.exit(1)

with open(sys.argv[2], "rb") as file:
    data = file.read()
began = time.monotonic()
at = FILE_HEADER
while at < len(data):
    size = int.from_bytes(data[at + 1 : at + 4], "big")
    timestamp = int.from_bytes(data[at + 4 : at + 7], "big") | data[at + 7] << 24
    time.sleep(max(0, timestamp / 1000 - (time.monotonic() - began)))
    tag = data[at : at + TAG_HEADER + size + TAG_END]
    if librtmp.RTMP_Write(rtmp, tag, len(tag)) <= 0:
        sys.exit(1)
    at += len(tag)
librtmp.RTMP_Close(rtmp)
