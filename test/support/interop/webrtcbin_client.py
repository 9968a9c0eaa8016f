"""WHIP and WHEP by GStreamer's webrtcbin: webrtcbin_client.py whip|whep URL [--codec H264|VP8] [--token TOKEN]."""
import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

from client import Refused, Session, arguments, say, say_picture, say_refused, when_told_to_end  # noqa: E402

CAPS = "application/x-rtp,media=video,clock-rate=90000,payload=96,encoding-name="
BLINKING = "videotestsrc is-live=true pattern=blink ! video/x-raw,format=I420,width=320,height=240,framerate=15/1 ! "
ENCODERS = {
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1",
    "VP8": "vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay",
}
DECODER = "rtph264depay ! h264parse ! avdec_h264 ! videoconvert ! video/x-raw,format=I420 ! appsink name=pictures emit-signals=true sync=false"


class Client:
    def __init__(self, options):
        self.session = Session(options.url, options.token)
        self.loop = GLib.MainLoop()
        if options.role == "whip":
            self.pipeline = Gst.parse_launch(BLINKING + ENCODERS[options.codec] + " ! " + CAPS + options.codec + " ! webrtcbin name=peer bundle-policy=max-bundle")
            self.peer = self.pipeline.get_by_name("peer")
            self.peer.emit("get-transceiver", 0).set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        else:
            self.pipeline = Gst.Pipeline()
            self.peer = Gst.ElementFactory.make("webrtcbin")
            self.peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
            self.pipeline.add(self.peer)
            self.peer.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(CAPS + "H264"))
            self.peer.connect("pad-added", self.on_pad)
        self.peer.connect("on-negotiation-needed", self.on_negotiation_needed)
        self.peer.connect("notify::ice-gathering-state", self.on_gathering)
        self.peer.connect("notify::connection-state", lambda peer, _: say("state", state=peer.get_property("connection-state").value_nick))
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.on_error)

    def run(self):
        when_told_to_end(lambda: GLib.idle_add(self.end))
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)

    def on_negotiation_needed(self, peer):
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer))

    def on_offer(self, promise):
        # The offer is part of the reply, and lives as long as that.
        reply = promise.get_reply()
        self.peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def on_gathering(self, peer, _):
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.exchange)

    def exchange(self):
        try:
            answer = self.session.open(self.peer.get_property("local-description").sdp.as_text())
        except Refused as refusal:
            say_refused(refusal)
            self.loop.quit()
            return
        _, sdp = GstSdp.SDPMessage.new_from_text(answer)
        self.peer.emit("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp), None)

    def on_pad(self, _, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        decoder = Gst.parse_bin_from_description(DECODER, True)
        decoder.get_by_name("pictures").connect("new-sample", self.on_picture)
        self.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def on_picture(self, sink):
        sample = sink.emit("pull-sample")
        caps = sample.get_caps().get_structure(0)
        width, height = caps.get_value("width"), caps.get_value("height")
        mapped, picture = sample.get_buffer().map(Gst.MapFlags.READ)
        if mapped:
            # Lines begin at multiples of four bytes.
            say_picture(picture.data, (width + 3) // 4 * 4, width, height)
            sample.get_buffer().unmap(picture)
        return Gst.FlowReturn.OK

    def on_error(self, _, message):
        say("error", message=message.parse_error()[0].message)
        self.loop.quit()

    def end(self):
        if self.session.location is not None:
            self.session.end()
        self.loop.quit()


Gst.init(None)
Client(arguments()).run()
