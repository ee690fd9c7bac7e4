"""The person reported, without an account: what was prepared for them, and their own words. Nothing of a report is here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from heard.cases import queries
from heard.cases.actions import appeals, hearing
from heard.cases.forms import GuestAppealForm, GuestForm, GuestMailForm, GuestSideForm
from heard.vault import receipts
from heard.web.origin import as_if_read
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.cases.models import GuestCode

    Found = tuple[GuestCode, receipts.Receipt]
    Opened = Callable[[HttpRequest, Found], HttpResponse]


RAN_OUT = gettext_lazy("This code has run out. Please ask the team that gave it to you.")


def with_code(problem: Any) -> Callable[[Opened], Callable[[HttpRequest], HttpResponse]]:
    """Open what the code in the page opens; where it opens nothing, ask for it again with what was typed kept."""

    def wrapped(view: Opened) -> Callable[[HttpRequest], HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest) -> HttpResponse:
            code = request.POST.get("code", "")
            try:
                found = queries.guest(code)
                if found is None:
                    raise hearing.NotOpen
                return view(request, found)
            except (hearing.NotOpen, receipts.Mistyped):
                again = GuestForm({"code": code})
                again.is_valid()
                again.add_error("code", problem)
                values = {"form": again, "text": request.POST.get("text", "")}
                return render_page(request, "cases/guest_enter.html", values)

        return opened

    return wrapped


@csrf_exempt  # no cookie to borrow: the code itself opens the page
@as_if_read
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Type the code."""
    form = GuestForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            found = queries.guest(code)
            if found is None:
                form.add_error("code", _("Nothing is here under this code. Was there a newer one?"))
            else:
                return _page(request, found)
        except receipts.Mistyped:
            form.add_error("code", _("There is a slip in this code. Please compare it letter by letter."))
        except hearing.NotOpen:
            form.add_error("code", RAN_OUT)
    return render_page(request, "cases/guest_enter.html", {"form": form})


@csrf_exempt
@as_if_read
@require_POST
@with_code(RAN_OUT)
def write(request: HttpRequest, found: Found) -> HttpResponse:
    """Take what they write."""
    form = GuestSideForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        hearing.give_side(found[0], form.cleaned_data["text"])
    except hearing.TooMuch:
        form.add_error(
            "text", _("So much was written with this code that nothing more fits. Please ask the team for a talk.")
        )
        return _page(request, found, form)
    return render_page(request, "cases/guest_done.html", {"team": found[0].case.team})


@csrf_exempt
@as_if_read
@require_POST
@with_code(gettext_lazy("With this code nothing can be appealed any more. Please ask the team that gave it to you."))
def appeal(request: HttpRequest, found: Found) -> HttpResponse:
    """Take an appeal."""
    form = GuestAppealForm(request.POST)
    if not form.is_valid():
        return _page(request, found, appeal_form=form)
    appeals.lodge(found[0], grounds=form.cleaned_data["grounds"], text=form.cleaned_data["text"])
    return render_page(request, "cases/guest_done.html", {"team": found[0].case.team, "appealed": True})


@csrf_exempt
@as_if_read
@require_POST
@with_code(RAN_OUT)
def mail(request: HttpRequest, found: Found) -> HttpResponse:
    """Choose to get letters whole by e-mail, or no longer."""
    form = GuestMailForm(request.POST)
    stops = "stop" in request.POST
    if not stops and not form.is_valid():
        return _page(request, found, mail_form=form)
    hearing.choose_mail(found[0], email="" if stops else form.cleaned_data["email"])
    return _page(request, found)


def _page(
    request: HttpRequest, found: Found, form: GuestSideForm | None = None, appeal_form: GuestAppealForm | None = None,
    mail_form: GuestMailForm | None = None,
) -> HttpResponse:  # fmt: skip
    code, receipt = found
    begun = {"code": request.POST.get("code", "")}
    values = {
        "letters": hearing.letters_for(code, receipt), "team": code.case.team, "code": code,
        "form": form or GuestSideForm(initial=begun), "closed": code.case.state in {"closed", "lost"},
        "appeal_form": appeal_form or GuestAppealForm(initial=begun), "appeal_until": appeals.open_until(code),
        "appealed": queries.last_appeal(code.case, code.party),
        "mail_form": mail_form or GuestMailForm(initial=begun), "by_mail": queries.guest_address(code),
    }  # fmt: skip
    return render_page(request, "cases/guest.html", values)
