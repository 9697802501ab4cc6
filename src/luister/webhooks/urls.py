"""Addresses of the pages of webhooks, below a workspace's own."""

from django.urls import URLPattern, URLResolver, path

from luister.webhooks import views

app_name = "webhooks"
urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/webhooks/", views.webhooks, name="webhooks"),
    path("settings/webhooks/add/", views.add, name="add"),
    path("settings/webhooks/<int:webhook_id>/", views.webhook, name="webhook"),
    path("settings/webhooks/<int:webhook_id>/change/", views.change, name="change"),
    path("settings/webhooks/<int:webhook_id>/secret/", views.rotate, name="rotate"),
    path("settings/webhooks/<int:webhook_id>/on/", views.switch_on, name="switch_on"),
    path("settings/webhooks/<int:webhook_id>/off/", views.switch_off, name="switch_off"),
    path("settings/webhooks/<int:webhook_id>/test/", views.send_test, name="send_test"),
    path("settings/webhooks/<int:webhook_id>/replay/", views.replay_failed, name="replay_failed"),
    path("settings/webhooks/<int:webhook_id>/delete/", views.delete, name="delete"),
    path("settings/webhooks/deliveries/<int:delivery_id>/", views.delivery, name="delivery"),
    path("settings/webhooks/deliveries/<int:delivery_id>/replay/", views.replay, name="replay"),
]
