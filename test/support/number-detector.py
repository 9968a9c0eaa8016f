#!/usr/bin/env python3
"""A slow algorithm whose label is the frame's number, as it reads it in the picture: examples/python/detector.py with another detect().

    python3 number-detector.py ws://127.0.0.1:8080/detectors/NAME [TOKEN]
"""
import asyncio, pathlib, sys, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "python"))
import detector

# Eighths of a picture are whole, even pixels in all sizes that are tested.
PLACE = [0.75, 0.125, 0.125, 0.125]


def detect(pixels, frame):
    size = 16 * frame["width"] / frame["source"]["width"]
    number = 0
    for bit in range(32):
        square = pixels[int(0.25 * size) : int(0.75 * size), int((bit + 0.25) * size) : int((bit + 0.75) * size)]
        number += (square.mean() > 128) << bit
    time.sleep(0.04)
    return [{"label": f"frame {number}", "score": 1, "box": PLACE}]


detector.HELLO = {"type": "hello", "format": "rgb", "width": 1280, "height": 720, "fps": 8}
detector.detect = detect
asyncio.run(detector.main(*sys.argv[1:]))
