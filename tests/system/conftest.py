"""What integration tests have, and screens, browsers, real servers."""

from publishers import closed_port, encoded, fed, gstreamer_takes, media_server, played_, told
from rtsp_cameras import gstreamer, rtsp_server
from screens import display, open_desk, x_server
from senders import camera_browser, camera_service, new_sender, sending
from services import (
    browser,
    module_service,
    module_until,
    new_service,
    new_watcher,
    running_service_,
    running_stream_,
    service,
    service_at,
    watching_,
)
from viewed_pages import viewed
from whip_servers import whip_server
