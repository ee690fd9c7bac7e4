"""The reporter's mailbox: a code is typed, and every page carries a sealed pass instead of a cookie."""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from heard.reports import queries
from heard.reports.actions import mailbox as actions
from heard.reports.forms import LONGEST, MailForm
from heard.reports.views.downloads import download
from heard.reports.views.parcels import Parcels
from heard.reports.views.public import frame, private
from heard.vault import receipts, safes
from heard.vault.keyring import Keyring
from heard.vault.uploads import takes_files
from heard.web.origin import as_if_read
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.reports.models import Report

logger = logging.getLogger(__name__)
Reply = HttpResponse | StreamingHttpResponse
Opened = Callable[[HttpRequest, receipts.Receipt, "Report", Keyring], Reply]


def with_pass(view: Opened) -> Callable[[HttpRequest], Reply]:
    """Open the mailbox by the pass that the page carried; a pass that ran out asks for the code again."""

    @wraps(view)
    def opened(request: HttpRequest) -> Reply:
        try:
            receipt = receipts.read_pass(request.POST.get("pass", ""))
        except receipts.Forged:
            problem = _("This page was open for long. Please type your code once more; what you wrote is kept.")
            return _ask(request, problem=problem + _dropped(Parcels(request, "files")))
        found = queries.mailbox(receipt) or _replaced_by_this_page(request, receipt)
        if found is None:
            return _ask(
                request, problem=_("This code was replaced by a new one.") + _dropped(Parcels(request, "files"))
            )
        safes.remember(receipt)
        return view(request, receipt, *found)

    return opened


def _replaced_by_this_page(request: HttpRequest, old: receipts.Receipt) -> tuple[Report, Keyring] | None:
    """A second click on "new code" comes with the old one, and has to lead to the same new code."""
    if request.path != reverse("reports:mailbox_replace"):
        return None
    return queries.mailbox(receipts.successor(old, _nonce(request)))


def _dropped(parcels: Parcels) -> str:
    """Drop the files of a page that cannot take them, and say so."""
    parcels.discard()
    return " " + _("Please choose your files again.") if parcels.kept else ""


def _nonce(request: HttpRequest) -> str:
    return request.POST.get("key", "")[:40]


@csrf_exempt
@as_if_read
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Type the code."""
    if request.method != "POST":
        return _ask(request)
    if not request.POST.get("code", "").strip():
        return _ask(request, problem=_("Please type your code first."))
    try:
        receipt = receipts.read(request.POST.get("code", ""))
    except receipts.Mistyped:
        return _ask(
            request,
            problem=_(
                "There is a slip in this code: a character is missing, extra or different. Please compare it with what you kept."
            ),
        )
    found = queries.mailbox(receipt)
    if found is None:
        return _ask(
            request,
            problem=_(
                "The code is well formed, but nothing is here under it. Was it replaced by a newer one, or made on another site?"
            ),
        )
    return _show(request, receipt, *found)


@csrf_exempt
@as_if_read
@require_POST
@with_pass
def look(request: HttpRequest, receipt: receipts.Receipt, report: Report, keyring: Keyring) -> Reply:
    """Look again, or show the report itself."""
    return _show(request, receipt, report, keyring)


@csrf_exempt
@takes_files
@as_if_read
@require_POST
@with_pass
def write(request: HttpRequest, receipt: receipts.Receipt, report: Report, keyring: Keyring) -> Reply:
    """Write on, add files, or answer whether it is OK to go ahead."""
    parcels = Parcels(request, "files")
    text, consent = request.POST.get("text", "").strip(), request.POST.get("consent", "")
    if consent not in {"", "yes", "no"} or len(text) > LONGEST:
        problem = _("This is too long for one message. Please send it in parts.") + _dropped(parcels)
        return _show(request, receipt, report, keyring, problem=problem, text=text)
    if not (text or consent or parcels.kept):
        words = parcels.refused or [_("Please write something first.")]
        return _show(request, receipt, report, keyring, problem=" ".join(words))
    try:
        key = _key(request.POST.get("key", ""))
        actions.write(report, keyring, text=text, key=key, attached=parcels.kept, consent=consent)
    except (DatabaseError, OSError):
        problem = _("We could not store this just now. Your text is still here; please try again in a minute.")
        problem += _dropped(parcels)
        return _show(request, receipt, report, keyring, problem=problem, text=text, status=507)
    done = {
        "": _("What you wrote has arrived."),
        "yes": _("We have your Yes. You hear here what comes of it."),
        "no": _("We have your No. We will not go ahead with it. You are still welcome to write here."),
    }[consent]
    return _show(request, receipt, report, keyring, done=done, problem=" ".join(parcels.refused))


@csrf_exempt
@as_if_read
@require_POST
@with_pass
def check(request: HttpRequest, receipt: receipts.Receipt, report: Report, keyring: Keyring) -> Reply:
    """Compare what the reporter kept with the code."""
    try:
        right = receipts.read(request.POST.get("code", "")) == receipt
    except receipts.Mistyped:
        right = False
    if right:
        actions.kept(report, receipt)
        return _show(request, receipt, report, keyring, done=_("Well kept: this is your code."))
    values = frame(report.chapter, report.event, report) | {"report": report, "wrong": True}
    return _code_page(request, receipt, values)


@csrf_exempt
@as_if_read
@require_POST
@with_pass
def mail(request: HttpRequest, receipt: receipts.Receipt, report: Report, keyring: Keyring) -> Reply:
    """Choose to get letters whole by e-mail, or no longer."""
    if "stop" in request.POST:
        actions.choose_mail(report, email="")
        return _show(request, receipt, report, keyring, done=_("Nothing more comes by e-mail. Letters stand here."))
    form = MailForm(request.POST)
    if not form.is_valid():
        return _show(request, receipt, report, keyring, mail_form=form)
    actions.choose_mail(report, email=form.cleaned_data["email"])
    done = _("Letters come to you by e-mail from now on, and stand here as well.")
    return _show(request, receipt, report, keyring, done=done)


@csrf_exempt
@as_if_read
@require_POST
@with_pass
def confirm(request: HttpRequest, receipt: receipts.Receipt, report: Report, keyring: Keyring) -> Reply:
    """Say that what one of us wrote down is right."""
    actions.confirm(report)
    report.refresh_from_db()
    return _show(request, receipt, report, keyring, done=_("Thank you. We know now that it is right as it stands."))


@csrf_exempt
@as_if_read
@require_POST
@with_pass
def replace(request: HttpRequest, receipt: receipts.Receipt, report: Report, keyring: Keyring) -> Reply:
    """Give a new code; the old one opens nothing any more."""
    try:
        new = actions.replace(report, receipt, nonce=_nonce(request))
    except actions.UnknownCode:
        return _ask(request, problem=_("This code was replaced by a new one."))
    return _code_page(request, new, frame(report.chapter, report.event, report) | {"report": report, "replaced": True})


@csrf_exempt
@as_if_read
@require_POST
@with_pass
def file(request: HttpRequest, receipt: receipts.Receipt, report: Report, keyring: Keyring) -> Reply:
    """Download one of one's own files."""
    try:
        found = queries.file_of(report, keyring, uuid.UUID(request.POST.get("file", "")))
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return private(download(found.kept))  # type: ignore[arg-type]


def _key(given: str) -> str:
    """Return the mark that keeps a page sent twice from adding twice."""
    return given[:40] if len(given) >= 16 else secrets.token_hex(16)


def _ask(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    values = {"problem": problem, "text": request.POST.get("text", ""), "typed": request.POST.get("code", "")[:60]}
    return private(render_page(request, "reports/code.html", values, status=422 if problem else 200))


def _code_page(request: HttpRequest, receipt: receipts.Receipt, values: dict[str, object]) -> HttpResponse:
    values |= {"code": receipt.spelled, "pass": receipts.make_pass(receipt)}
    return private(render_page(request, "reports/receipt.html", values))


def _show(
    request: HttpRequest,
    receipt: receipts.Receipt,
    report: Report,
    keyring: Keyring,
    *,
    done: str = "",
    problem: str = "",
    text: str = "",
    mail_form: MailForm | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        actions.opened(report)
    except DatabaseError as error:  # a full disk: it can be read all the same
        logger.error("reading was not recorded: %s", type(error).__name__)
    report.refresh_from_db()
    conversation = queries.conversation(report, keyring, notes=False)
    shown = bool(request.POST.get("show"))
    values = frame(report.chapter, report.event, report) | {
        "report": report,
        "pass": receipts.make_pass(receipt),
        "key": secrets.token_hex(16),
        "conversation": conversation,
        "handlers": queries.handlers(report) if report.acknowledged_at else [],
        "contact_name": queries.shown_names(report).get(report.contact_id, "") if report.contact_id else "",
        "asked": report.is_open_for_answer and not any(note.is_consent for note in conversation),
        "answers": queries.answers(report, keyring, get_language() or "en", to_reporter=True) if shown else [],
        "report_files": queries.report_files(report, keyring) if shown else [],
        "shown": shown,
        "by_mail": queries.address_of(report)[1],
        "mail_form": mail_form or MailForm(),
        "done": done,
        "problem": problem,
        "text": text or ("" if done else request.POST.get("text", "")),
    }
    status = 422 if (problem or mail_form) and not done and status == 200 else status
    return private(render_page(request, "reports/mailbox.html", values, status=status))
