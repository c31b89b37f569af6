"""A real RTSP server for tests and the soak: GStreamer's, in a process of its own that can be killed.

Run it with the system's Python, which has GStreamer's bindings. It prints one line once it listens, and takes the
words `freeze` (the same picture again and again) and `go` (noise, as from a sensor) on its standard input.
"""

import argparse
import sys

RAW = "video/x-raw,format=I420,width={width},height={height},framerate={rate}/1"
PIPELINE = f"videotestsrc name=camera is-live=true pattern={{pattern}} ! {RAW} ! {{encoder}}"
STILL = (
    f"compositor name=both sink_1::alpha=0.04 ! {RAW} ! {{encoder}} "
    f"videotestsrc name=camera is-live=true pattern=smpte75 ! {RAW} ! both.sink_0 "
    f"videotestsrc is-live=true pattern=snow ! {RAW} ! both.sink_1"
)
"""A scene in which nothing moves, with the noise of a sensor."""
ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={rate} bitrate=800 "
    "! rtph264pay name=pay0 pt=96 config-interval=1",
    "jpeg": "jpegenc quality=70 ! rtpjpegpay name=pay0 pt=26",
}
PATTERNS = {"freeze": "smpte75", "go": "snow"}


def main():
    options = parsed()
    try:
        import gi

        gi.require_version("Gst", "1.0")
        gi.require_version("GstRtsp", "1.0")
        gi.require_version("GstRtspServer", "1.0")
        from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
    except (ImportError, ValueError) as error:
        sys.exit(f"missing: {error}")
    Gst.init(None)
    serve(options, GLib, Gst, GstRtsp, GstRtspServer)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--rate", type=int, default=25)
    parser.add_argument("--codec", choices=ENCODERS, default="h264")
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument(
        "--still", action="store_true", help="nothing moves; the same picture does not come twice"
    )
    parser.add_argument("--login", help="USER:PASSWORD, which is then needed")
    parser.add_argument(
        "--second", metavar="SIZE", help="a second video at the same address, at 25 pictures/s"
    )
    parser.add_argument("--only", choices=("TCP", "UDP"), help="the only transport that is not refused")
    parser.add_argument("--auth", choices=("basic", "digest"), default="digest")
    return parser.parse_args()


def serve(options, glib, gst, gst_rtsp, gst_rtsp_server):
    server = gst_rtsp_server.RTSPServer.new()
    server.set_address(options.host)
    server.set_service(str(options.port))
    factory = gst_rtsp_server.RTSPMediaFactory.new()
    factory.set_launch(f"( {launch_line(options)} )")
    factory.set_shared(True)
    if options.only:
        factory.set_protocols(getattr(gst_rtsp.RTSPLowerTrans, options.only))
    cameras = []
    factory.connect("media-configure", lambda _, media: cameras.append(camera_of(media)))
    if options.login:
        protect(server, factory, options, gst_rtsp, gst_rtsp_server)
    server.get_mount_points().add_factory("/camera", factory)
    if not server.attach(None):
        sys.exit("cannot listen")
    loop = glib.MainLoop()
    told = glib.IOCondition.IN | glib.IOCondition.HUP  # also that whoever tells it is gone
    glib.io_add_watch(sys.stdin, glib.PRIORITY_DEFAULT, told, lambda *_: obey(cameras, loop))
    tell(server.get_bound_port())
    loop.run()


def launch_line(options):
    line = stream_line(options, options.size, options.rate)
    if options.second:
        second = stream_line(options, options.second, 25)
        line += " " + second.replace("pay0 pt=96", "pay1 pt=97").replace("name=camera", "")
    return line


def stream_line(options, size, rate):
    width, height = size.split("x")
    pattern = PATTERNS["freeze" if options.frozen else "go"]
    encoder = ENCODERS[options.codec].format(rate=rate)
    pipeline = STILL if options.still else PIPELINE
    return pipeline.format(width=width, height=height, rate=rate, pattern=pattern, encoder=encoder)


def camera_of(media):
    return media.get_element().get_child_by_name("camera")


def protect(server, factory, options, gst_rtsp, gst_rtsp_server):
    user, _, password = options.login.partition(":")
    role = gst_rtsp_server.RTSPToken()
    role.set_string("media.factory.role", "viewer")
    auth = gst_rtsp_server.RTSPAuth.new()
    if options.auth == "basic":
        auth.add_basic(gst_rtsp_server.RTSPAuth.make_basic(user, password), role)
    else:
        auth.set_supported_methods(gst_rtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, role)
    server.set_auth(auth)
    permissions = gst_rtsp_server.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", right, True)
    factory.set_permissions(permissions)


def obey(cameras, loop):
    word = sys.stdin.readline().strip()
    if not word:
        loop.quit()
        return False
    for camera in cameras:
        camera.set_property("pattern", PATTERNS[word])
    tell(word)
    return True


def tell(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
