"""Services with those who watch, cameras that are sent, servers to which is published."""

from publishers import closed_port, encoded, fed, gstreamer_takes, media_server, played_, told
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
