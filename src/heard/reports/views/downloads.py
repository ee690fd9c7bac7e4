"""Files on their way out."""

from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse

from heard.vault import crypto, files, pictures


def download(kept: files.Kept) -> StreamingHttpResponse:
    """Return a file as an attachment: saved, never opened in the page."""
    response = StreamingHttpResponse(
        files.stream(kept.storage_name, kept.key, kept.size), content_type="application/octet-stream"
    )
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}"
    response.headers["Content-Length"] = str(kept.size)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def picture(kept: files.Kept) -> HttpResponse:
    """Return a picture, drawn anew. Raises NotAPicture."""
    try:
        data = b"".join(files.stream(kept.storage_name, kept.key, kept.size))
    except crypto.CannotOpen:
        raise pictures.NotAPicture from None
    response = HttpResponse(pictures.redraw(data), content_type="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
