"""Addresses of Settings › Imports, below a workspace's own."""

from django.urls import URLPattern, URLResolver, path

from luister.imports.views import imports

app_name = "imports"
urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/imports/", imports.imports, name="imports"),
    path("settings/imports/example.csv", imports.example, name="example"),
    path("settings/imports/<int:import_id>/", imports.one, name="import"),
    path("settings/imports/<int:import_id>/cancel/", imports.cancel, name="cancel"),
    path("settings/imports/<int:import_id>/go-on/", imports.go_on, name="go_on"),
    path("settings/imports/<int:import_id>/remove/", imports.remove, name="remove"),
    path("settings/imports/<int:import_id>/refused.csv", imports.refused, name="refused"),
]
