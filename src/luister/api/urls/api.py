"""Addresses of the API itself, which have no workspace in them: the token says which one."""

from luister.api.routes.api import addresses

app_name = "rest"
urlpatterns = addresses()
