"""Addresses of the interface itself."""

from django.urls import path

from luister.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.components, name="components"),
    path("keys/", views.keys, name="keys"),
    path("query/", views.query_help, name="query_help"),
]
