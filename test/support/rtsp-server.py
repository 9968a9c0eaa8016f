"""An RTSP server with one moving picture and a tone at /live; prints a line when it listens."""
import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 pt=96 config-interval=1",
    "h264-b": "x264enc speed-preset=ultrafast bframes=2 b-adapt=false key-int-max=30 ! rtph264pay name=pay0 pt=96 config-interval=1",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph265pay name=pay0 pt=96 config-interval=1",
    "mjpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
}

BALL = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=25/1"

parser = argparse.ArgumentParser()
parser.add_argument("port")
parser.add_argument("codec", choices=ENCODERS)
parser.add_argument("--credentials", nargs=2, metavar=("USER", "PASSWORD"), help="asked for by Digest")
parser.add_argument("--pictures", nargs=2, metavar=("PATTERN", "FPS"), help="JPEG files shown over and over instead of the ball, such as %%05d.jpg")
parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="files in PEM; RTSPS instead of RTSP")
options = parser.parse_args()
picture = BALL
if options.pictures:
    pattern, fps = options.pictures
    picture = 'multifilesrc location="%s" loop=true caps="image/jpeg,framerate=%s/1" ! jpegdec ! videoconvert ! video/x-raw,format=I420 ! identity sync=true' % (pattern, fps)

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(options.port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch("( %s ! %s audiotestsrc is-live=true ! audioconvert ! alawenc ! rtppcmapay name=pay1 pt=8 )" % (picture, ENCODERS[options.codec]))
factory.set_shared(True)
auth = GstRtspServer.RTSPAuth()
if options.tls:
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(*options.tls))
    server.set_auth(auth)
if options.credentials:
    user, password = options.credentials
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    role = GstRtspServer.RTSPToken()
    role.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(user, password, role)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
print("listening", flush=True)
GLib.MainLoop().run()
