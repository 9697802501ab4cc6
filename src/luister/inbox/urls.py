"""Addresses of the inbox."""

from django.urls import URLPattern, URLResolver, path

from luister.inbox.views import desk, files, language, notices, palette, saved, work, writing

app_name = "inbox"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.home, name="home"),
    path("inbox/<slug:view>/", desk.list_of_cases, name="desk"),
    path("inbox/<slug:view>/narrow/", desk.narrow, name="narrow"),
    path("inbox/<slug:within>/<int:number>/", desk.case, name="case"),
    path("cases/<int:number>/", desk.permalink, name="permalink"),
    path("cases/<int:number>/refresh/", desk.refresh, name="refresh"),
    path("cases/<int:number>/people/", desk.presence, name="people"),
    path("cases/<int:number>/here/", writing.be_present, name="here"),
    path("cases/<int:number>/composer/", writing.composer, name="composer"),
    path("cases/<int:number>/reply/", writing.reply, name="reply"),
    path("cases/<int:number>/note/", writing.note, name="note"),
    path("cases/<int:number>/draft/", writing.draft, name="draft"),
    path("cases/<int:number>/files/", writing.files, name="files"),
    path("cases/<int:number>/assign/", work.assign, name="assign"),
    path("cases/<int:number>/hand-over/", work.hand_over, name="hand_over"),
    path("cases/<int:number>/team/", work.team, name="team"),
    path("cases/<int:number>/label/", work.label, name="label"),
    path("cases/<int:number>/snooze/", work.snooze, name="snooze"),
    path("cases/<int:number>/state/", work.state, name="state"),
    path("cases/<int:number>/urgent/", work.urgent, name="urgent"),
    path("cases/<int:number>/origin/", work.origin, name="origin"),
    path("replies/<int:reply_id>/take-back/", writing.take_reply_back, name="take_back"),
    path("replies/<int:reply_id>/hold/", writing.hold, name="hold"),
    path("replies/<int:reply_id>/settle/", writing.settle, name="settle"),
    path("replies/<int:reply_id>/judge/", writing.judge, name="judge"),
    path("undo/<int:event_id>/", work.undo, name="undo"),
    path("posts/<int:post_id>/html/", files.post_html, name="post_html"),
    path("files/<int:attachment_id>/", files.attachment, name="attachment"),
    path("sent-files/<int:file_id>/", files.sent_file, name="sent_file"),
    path("notices/", notices.notices, name="notices"),
    path("loose/", notices.loose, name="loose"),
    path("palette/", palette.palette, name="palette"),
    path("saved-views/", saved.saved_views, name="saved_views"),
    path("saved-views/new/", saved.save_view, name="save_view"),
    path("saved-views/<int:saved_id>/", saved.change_view, name="saved_view"),
    path("saved-views/<int:saved_id>/restore/", saved.restore_view, name="restore_view"),
    path("query/suggest/", language.suggest, name="query_suggest"),
    path("query/check/", language.check, name="query_check"),
]
