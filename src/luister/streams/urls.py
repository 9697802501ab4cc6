"""Addresses of the pages of streams, below a workspace's own."""

from django.urls import URLPattern, URLResolver, path

from luister.streams import views

app_name = "streams"
urlpatterns: list[URLPattern | URLResolver] = [
    path("streams/add/", views.add, name="add"),
    path("streams/<int:stream_id>/", views.stream, name="stream"),
    path("streams/<int:stream_id>/change/", views.change, name="change"),
    path("streams/<int:stream_id>/look/", views.look, name="look"),
]
