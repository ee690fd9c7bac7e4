"""The map of all addresses."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def alive(request: HttpRequest) -> HttpResponse:
    """Answer a load balancer's question."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("alive/", alive, name="alive"),
    path("account/", include("heard.accounts.urls")),
    path("", include("heard.community.urls")),
    path("", include("heard.reports.urls")),
    path("", include("heard.cases.urls")),
]
handler400 = "heard.web.errors.refused"
handler404 = "heard.web.errors.not_found"
handler500 = "heard.web.errors.failed"
