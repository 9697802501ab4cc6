"""Addresses of what is listened to, below a workspace's own."""

from django.urls import URLPattern, URLResolver, path

from luister.listening.views import archive, mentions, monitors, sources, topics

app_name = "listening"
urlpatterns: list[URLPattern | URLResolver] = [
    path("archive/", archive.archive, name="archive"),
    path("sources/", sources.sources, name="sources"),
    path("monitors/", monitors.monitors, name="monitors"),
    path("monitors/new/", monitors.make, name="make"),
    path("monitors/preview/", monitors.preview, name="preview"),
    path("monitors/nav/", monitors.nav, name="nav"),
    path("monitors/<int:monitor_id>/", mentions.stream, name="monitor"),
    path("monitors/<int:monitor_id>/change/", monitors.change, name="change"),
    path("monitors/<int:monitor_id>/mute/", monitors.mute, name="mute"),
    path("monitors/<int:monitor_id>/delete/", monitors.delete, name="delete"),
    path("monitors/<int:monitor_id>/progress/", monitors.progress, name="progress"),
    path("monitors/<int:monitor_id>/stop/", monitors.stop, name="stop"),
    path("mentions/", mentions.every, name="mentions"),
    path("mentions/<int:mention_id>/", mentions.mention, name="mention"),
    path("mentions/<int:mention_id>/case/", mentions.make_case, name="make_case"),
    path("mentions/<int:mention_id>/take-back/", mentions.take_back, name="take_back"),
    path("mentions/<int:mention_id>/dismiss/", mentions.dismiss, name="dismiss"),
    path("mentions/<int:mention_id>/restore/", mentions.restore, name="restore"),
    path("topics/", topics.topics, name="topics"),
    path("topics/new/", topics.make, name="make_topic"),
    path("topics/preview/", topics.preview, name="preview_topic"),
    path("topics/<int:topic_id>/", topics.change, name="topic"),
    path("topics/<int:topic_id>/delete/", topics.delete, name="delete_topic"),
    path("cases/<int:number>/found-by/", monitors.of_case, name="of_case"),
    path("sources/add/", sources.add, name="add_source"),
    path("sources/<int:source_id>/", sources.source, name="source"),
    path("sources/<int:source_id>/rename/", sources.rename, name="rename_source"),
    path("sources/<int:source_id>/pause/", sources.pause, name="pause_source"),
    path("sources/<int:source_id>/resume/", sources.resume, name="resume_source"),
    path("sources/<int:source_id>/read/", sources.read_now, name="read_source"),
    path("sources/<int:source_id>/remove/", sources.remove, name="remove_source"),
]
