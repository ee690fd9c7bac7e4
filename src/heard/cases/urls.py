"""Addresses of cases."""

from django.urls import path

from heard.cases.views import case, guest, meeting, steps

app_name = "cases"
urlpatterns = [
    path("answer/", guest.enter, name="guest"),
    path("answer/write/", guest.write, name="guest_write"),
    path("team/cases/", case.cases, name="cases"),
    path("team/board/", case.board, name="board"),
    path("team/of/<slug:slug>/drill/", case.drill, name="drill"),
    path("team/reports/<uuid:pk>/case/", case.open_case, name="open"),
    path("team/reports/<uuid:pk>/case/go/", case.of_report, name="of_report"),
    path("team/cases/<uuid:pk>/", case.case, name="case"),
    path("team/cases/<uuid:pk>/access/", case.access, name="access"),
    path("team/cases/<uuid:pk>/earlier/", case.earlier, name="earlier"),
    path("team/cases/<uuid:pk>/safety/", steps.safety, name="safety"),
    path("team/cases/<uuid:pk>/duty/<uuid:duty>/done/", steps.done, name="done"),
    path("team/cases/<uuid:pk>/duty/<uuid:duty>/waive/", steps.waive, name="waive"),
    path("team/cases/<uuid:pk>/duty/<uuid:duty>/assign/", steps.assign, name="assign"),
    path("team/cases/<uuid:pk>/note/", steps.note, name="note"),
    path("team/cases/<uuid:pk>/alone/", steps.alone, name="alone"),
    path("team/cases/<uuid:pk>/not-found/", steps.not_found, name="not_found"),
    path("team/cases/<uuid:pk>/person/", steps.person, name="person"),
    path("team/cases/<uuid:pk>/wishes/", steps.wishes, name="wishes"),
    path("team/cases/<uuid:pk>/link/", steps.link, name="link"),
    path("team/cases/<uuid:pk>/split/", steps.split, name="split"),
    path("team/cases/<uuid:pk>/merge/", steps.merge, name="merge"),
    path("team/cases/<uuid:pk>/unmerge/", steps.unmerge, name="unmerge"),
    path("team/cases/<uuid:pk>/meeting/", meeting.meeting, name="meeting"),
    path("team/cases/<uuid:pk>/meeting/party/", meeting.invite_party, name="invite_party"),
    path("team/cases/<uuid:pk>/meeting/calendar/", meeting.calendar, name="calendar"),
    path("team/cases/<uuid:pk>/meeting/hold/", meeting.hold, name="hold"),
    path("team/cases/<uuid:pk>/tell/", meeting.tell, name="tell"),
    path("team/cases/<uuid:pk>/harmed/", meeting.ask_harmed, name="ask_harmed"),
    path("team/cases/<uuid:pk>/side/", meeting.side, name="side"),
]
