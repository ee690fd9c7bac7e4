"""Did a form come from our own page?"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

OWN = {"same-origin", "none"}


def is_foreign(request: HttpRequest) -> bool:
    """Tell whether another site's page sent the request, as far as the browser says.

    Reporters' pages carry no cookie to borrow, but a stranger's page could still plant a form or a mailbox of its own
    in front of somebody. `Origin: null` is what our own pages send under `no-referrer`.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in OWN
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.get_host()


def is_own(request: HttpRequest) -> bool:
    """Tell whether the browser vouches that our own page sent the request."""
    if "Sec-Fetch-Site" in request.headers:
        return request.headers["Sec-Fetch-Site"] in OWN
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()


def as_if_read(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a form that another site sent as if somebody had only come to read the page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and is_foreign(request):
            request.method = "GET"
        return view(request, *args, **kwargs)

    return guarded
