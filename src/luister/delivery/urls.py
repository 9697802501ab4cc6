"""Addresses of Settings › Channels and of the bin, below a workspace's own."""

from django.urls import URLPattern, URLResolver, path

from luister.delivery.views import bin as waste
from luister.delivery.views import channels, sending, start

app_name = "delivery"
urlpatterns: list[URLPattern | URLResolver] = [
    path("start/", start.start, name="start"),
    path("settings/channels/", channels.channels, name="channels"),
    path("settings/channels/add/", channels.add, name="add"),
    path("settings/channels/add/<slug:kind>/", channels.connect, name="connect"),
    path("settings/channels/<int:channel_id>/", channels.channel, name="channel"),
    path("settings/channels/<int:channel_id>/check/", channels.check, name="check"),
    path("settings/channels/<int:channel_id>/pause/", channels.pause, name="pause"),
    path("settings/channels/<int:channel_id>/resume/", channels.resume, name="resume"),
    path("sending/", sending.state, name="sending-state"),
    path("settings/sending/", sending.page, name="sending"),
    path("settings/sending/stop/", sending.stop, name="sending-stop"),
    path("settings/sending/resume/", sending.resume, name="sending-resume"),
    path("settings/sending/unlock/", sending.unlock, name="sending-unlock"),
    path("settings/bin/", waste.unprocessable, name="bin"),
    path("settings/bin/<int:raw_id>/raw/", waste.raw, name="raw"),
    path("settings/bin/<int:raw_id>/reprocess/", waste.reprocess, name="reprocess"),
    path("settings/bin/<int:raw_id>/discard/", waste.discard, name="discard"),
]
