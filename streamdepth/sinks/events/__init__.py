"""Events of zones, as a sink: to lines of JSON, to webhooks, and to MQTT."""
