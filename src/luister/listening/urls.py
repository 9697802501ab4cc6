"""Addresses of what is listened to, below a workspace's own."""

from django.urls import URLPattern, URLResolver, path

from luister.listening.views import sources

app_name = "listening"
urlpatterns: list[URLPattern | URLResolver] = [
    path("sources/", sources.sources, name="sources"),
]
