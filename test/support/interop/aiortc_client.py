"""WHIP and WHEP by aiortc: aiortc_client.py whip|whep URL [--codec H264|VP8] [--token TOKEN]."""
import asyncio

from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription, VideoStreamTrack
from av import VideoFrame

from client import Refused, Session, arguments, say, say_picture, say_refused, when_told_to_end

WIDTH, HEIGHT = 320, 240


class Blinking(VideoStreamTrack):
    """Black and white pictures in turn, a second each."""

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        luma = 235 if pts // 90000 % 2 else 16
        for plane, value in zip(frame.planes, (luma, 128, 128)):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


async def watch(track):
    while True:
        frame = (await track.recv()).reformat(format="yuv420p")
        say_picture(bytes(frame.planes[0]), frame.planes[0].line_size, frame.width, frame.height)


async def main():
    options = arguments()
    peer = RTCPeerConnection()
    session = Session(options.url, options.token)
    ended = asyncio.Event()
    when_told_to_end(lambda loop=asyncio.get_running_loop(): loop.call_soon_threadsafe(ended.set))
    peer.on("connectionstatechange", lambda: say("state", state=peer.connectionState))
    if options.role == "whip":
        transceiver = peer.addTransceiver(Blinking(), direction="sendonly")
        known = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([codec for codec in known if codec.name in (options.codec, "rtx")])
    else:
        peer.addTransceiver("video", direction="recvonly")
        peer.on("track", lambda track: asyncio.ensure_future(watch(track)))
    await peer.setLocalDescription(await peer.createOffer())
    try:
        answer = await asyncio.to_thread(session.open, peer.localDescription.sdp)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await ended.wait()
        await asyncio.to_thread(session.end)
    except Refused as refusal:
        say_refused(refusal)
    await peer.close()


asyncio.run(main())
