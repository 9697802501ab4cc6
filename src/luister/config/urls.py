"""Every address of Luister."""

from django.urls import URLPattern, URLResolver, include, path

from luister.config import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("luister.accounts.urls")),
    path("account/", include("luister.accounts.urls.sign_in")),
    path("ui/", include("luister.ui.urls")),
    path("practice/", include("luister.practice.urls")),
    path("api/v1/", include("luister.api.urls.api")),
    path("w/<slug:slug>/", include("luister.api.urls")),
    path("w/<slug:slug>/settings/status/", views.status, name="status"),
    path("w/<slug:slug>/", include("luister.delivery.urls")),
    path("w/<slug:slug>/", include("luister.imports.urls")),
    path("w/<slug:slug>/", include("luister.inbox.urls")),
    path("w/<slug:slug>/", include("luister.listening.urls")),
    path("w/<slug:slug>/", include("luister.streams.urls")),
    path("w/<slug:slug>/", include("luister.webhooks.urls")),
]

handler403 = "luister.ui.views.forbidden"
handler404 = "luister.ui.views.not_found"
handler500 = "luister.ui.views.server_error"
