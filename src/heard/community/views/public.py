"""The community's public pages."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from heard.community import queries
from heard.web.pages import render_page


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Lead to the report forms."""
    network = queries.network()
    values = {
        "network": network,
        "chapters": list(queries.chapters()),
        "worldwide": queries.global_team(),
        "exit_url": settings.HEARD["HEARD_EXIT_URL"],
    }
    return render_page(request, "community/front.html", values)
