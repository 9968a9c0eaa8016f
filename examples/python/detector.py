#!/usr/bin/env python3
"""An algorithm of yours as a detector of Framelock: write detect().

    python3 detector.py ws://127.0.0.1:8080/detectors/NAME [TOKEN]
"""
import asyncio, json, sys

import numpy as np
import websockets

HELLO = {"type": "hello", "format": "rgb", "width": 1280, "height": 720}
HEADERS = "additional_headers" if int(websockets.__version__.split(".")[0]) >= 14 else "extra_headers"


def detect(pixels, frame):
    """What is seen on one frame.

    pixels: uint8 array (height, width, 3), RGB. frame: its "stream", "seq", "rtp", "capturedAt", "source"…
    Returns dicts {"label", "score", "box": [x, y, width, height] as fractions of the picture}.

    This one finds the white squares of the frame number that demo://street?timecode=1 draws: the boxes are seq in binary.
    """
    size = 16 * frame["width"] / frame["source"]["width"]
    found = []
    for bit in range(32):
        square = pixels[int(0.25 * size) : int(0.75 * size), int((bit + 0.25) * size) : int((bit + 0.75) * size)]
        if square.mean() > 128:
            box = [bit * size / frame["width"], 0, size / frame["width"], size / frame["height"]]
            found.append({"label": "bit", "score": 1, "box": box})
    return found


async def serve(url, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with websockets.connect(url, subprotocols=["framelock.detector.v1"], max_size=None, **{HEADERS: headers}) as socket:
        await socket.send(json.dumps(HELLO))
        async for message in socket:
            if isinstance(message, str):  # the server's welcome, or what was wrong with an answer
                print(message, flush=True)
                continue
            length = int.from_bytes(message[:4], "little")
            frame = json.loads(message[4 : 4 + length])
            pixels = np.frombuffer(message, np.uint8, offset=4 + length).reshape(frame["height"], frame["width"], 3)
            seen = await asyncio.to_thread(detect, pixels, frame)
            await socket.send(json.dumps({"type": "result", "stream": frame["stream"], "seq": frame["seq"], "detections": seen}))


async def main(url, token=None):
    while True:
        try:
            await serve(url, token)
        except (OSError, websockets.WebSocketException) as error:
            print(f"{error}; trying again", file=sys.stderr, flush=True)
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
