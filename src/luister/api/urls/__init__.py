"""Addresses of Settings › API, below a workspace's own."""

from django.urls import URLPattern, URLResolver, path

from luister.api.views import tokens

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/api/", tokens.tokens, name="tokens"),
    path("settings/api/new/", tokens.make, name="make"),
    path("settings/api/<int:token_id>/revoke/", tokens.revoke, name="revoke"),
]
