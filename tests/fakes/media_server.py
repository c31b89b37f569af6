"""A real media server for tests: GStreamer's RTSP server, which takes a stream at one address and plays it at another.

Run it with the system's Python. Publish to /live, watch /watch; both stand on one listening socket. It prints its port,
and then a line for each publisher that comes.
"""

import argparse
import sys

TAKE = "( rtph264depay name=depay0 ! h264parse config-interval=-1 ! {caps} ! appsink name=taken sync=false )"
PLAY = "( appsrc name=given is-live=true do-timestamp=true format=time caps={caps} ! rtph264pay name=pay0 pt=96 )"
CAPS = "video/x-h264,stream-format=byte-stream,alignment=au"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--login", help="USER:PASSWORD, which is then needed")
    parser.add_argument("--auth", choices=("basic", "digest"), default="digest")
    options = parser.parse_args()
    try:
        import gi

        for name in ("Gst", "GstApp", "GstRtsp", "GstRtspServer"):
            gi.require_version(name, "1.0")
        from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer
    except (ImportError, ValueError) as error:
        sys.exit(f"missing: {error}")
    Gst.init(None)
    assert GstApp
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(str(options.port))
    # Who watches is made to wait for a picture, which must not keep the publisher's from being read.
    server.get_thread_pool().set_max_threads(16)
    if options.login:
        ask_for_login(server, options, GstRtsp, GstRtspServer)
    relay = Relay(Gst)
    mounts = server.get_mount_points()
    mounts.add_factory("/live", factory(GstRtspServer, TAKE, relay.take, options.login, records=True))
    mounts.add_factory("/watch", factory(GstRtspServer, PLAY, relay.give, options.login, records=False))
    if not server.attach(None):
        sys.exit("cannot listen")
    tell(server.get_bound_port())
    GLib.MainLoop().run()


def factory(gst_rtsp_server, launch, configure, login, *, records):
    made = gst_rtsp_server.RTSPMediaFactory.new()
    made.set_launch(launch.format(caps=CAPS))
    made.set_shared(not records)
    if records:
        made.set_transport_mode(gst_rtsp_server.RTSPTransportMode.RECORD)
    if login:
        rights = gst_rtsp_server.RTSPPermissions()
        for right in ("media.factory.access", "media.factory.construct"):
            rights.add_permission_for_role("publisher", right, True)
        made.set_permissions(rights)
    made.connect("media-configure", lambda _, media: configure(media))
    return made


def ask_for_login(server, options, gst_rtsp, gst_rtsp_server):
    user, _, password = options.login.partition(":")
    auth = gst_rtsp_server.RTSPAuth.new()
    publisher = gst_rtsp_server.RTSPToken()
    publisher.set_string("media.factory.role", "publisher")
    if options.auth == "basic":
        auth.add_basic(gst_rtsp_server.RTSPAuth.make_basic(user, password), publisher)
    else:
        auth.set_supported_methods(gst_rtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, publisher)
    server.set_auth(auth)


class Relay:
    """Hands each picture that is taken to all who watch."""

    def __init__(self, gst):
        self._gst = gst
        self._watching = []

    def take(self, media):
        taken = media.get_element().get_child_by_name("taken")
        taken.set_property("emit-signals", True)
        taken.connect("new-sample", self._pass_on)
        tell("publisher")

    def give(self, media):
        given = media.get_element().get_child_by_name("given")
        self._watching.append(given)
        media.connect("unprepared", lambda _: self._watching.remove(given))

    def _pass_on(self, sink):
        picture = sink.emit("pull-sample").get_buffer()
        for given in list(self._watching):
            given.emit("push-buffer", picture.copy_deep())
        return self._gst.FlowReturn.OK


def tell(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
