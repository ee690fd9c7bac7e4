"""Files, sealed on the way in."""

import io

import pytest
from PIL import Image

from heard.reports.models import Attachment
from heard.vault import crypto, files, pictures, receipts, storage
from heard.vault.keyring import SafeKey
from tests.conftest import World, report_to


def keep(data: bytes, name: str = "a.bin") -> files.Kept:
    writer = files.Writer()
    for start in range(0, len(data), 50_000):
        writer.write(data[start : start + 50_000])
    return writer.finish(name, "application/x-test")


def raw(kept: files.Kept) -> bytes:
    with storage.read(kept.storage_name) as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65_535, 65_536, 65_537, 1_000_003])
def test_a_file_comes_back_as_it_was(size: int) -> None:
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    kept = keep(data)

    assert b"".join(files.stream(kept.storage_name, kept.key, kept.size)) == data
    assert kept.padded_size == crypto.padded_length(size)
    assert b"0123456789" not in raw(kept)


@pytest.mark.parametrize("damage", ["shorter", "changed", "swapped"])
def test_a_damaged_file_does_not_open(damage: str) -> None:
    kept = keep(bytes(300_000))
    data = raw(kept)
    chunk = files.CHUNK + files.EXTRA
    head, first, second, rest = (
        data[:24],
        data[24 : 24 + chunk],
        data[24 + chunk : 24 + 2 * chunk],
        data[24 + 2 * chunk :],
    )
    worse = {
        "shorter": head + first + second,
        "changed": data[:100] + bytes([data[100] ^ 1]) + data[101:],
        "swapped": head + second + first + rest,
    }[damage]
    storage.delete(kept.storage_name)
    sink = storage.create(kept.storage_name)
    sink.write(worse)
    sink.commit()

    with pytest.raises(crypto.CannotOpen):
        list(files.stream(kept.storage_name, kept.key, kept.size))


def test_an_aborted_file_leaves_nothing() -> None:
    writer = files.Writer()
    writer.write(bytes(200_000))
    writer.abort()

    with pytest.raises(FileNotFoundError):
        storage.read(writer.storage_name)


def test_name_and_type_are_sealed_with_the_key(world: World) -> None:
    kept = keep(b"x", "who-did-it.txt")
    report = report_to(world.berlin, attached=[kept])
    row = Attachment.objects.get(report=report)

    opened = files.opened(world.ada.keyring.reveal(row, "file_key"), row.storage_name, row.padded_size)
    assert (opened.name, opened.content_type, opened.size) == ("who-did-it.txt", "application/x-test", 1)
    assert b"who-did-it" not in row.file_key.data


def test_a_file_key_does_not_open_in_another_row(world: World) -> None:
    one = report_to(world.berlin, attached=[keep(b"1")])
    row = Attachment.objects.get(report=one)
    key: SafeKey = world.ada.keyring.key_of(one.safe_id)

    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(key.key, row.file_key.data, key.place("reports_attachment", "file_key", one.pk))


@pytest.mark.django_db
def test_a_waiting_file_opens_with_its_form_alone() -> None:
    token, other = receipts.new_form(), receipts.new_form()
    files.put_off(token, keep(b"waiting", "w.txt"))

    assert [kept.name for kept in files.waiting(token).values()] == ["w.txt"]
    assert files.waiting(other) == {}


def jpeg_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "taken at Secret Street 5"
    out = io.BytesIO()
    Image.new("RGB", (3000, 40), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_picture_is_drawn_anew_without_its_hidden_data() -> None:
    data = jpeg_with_place()
    assert b"Secret Street" in data

    drawn = pictures.redraw(data)

    assert b"Secret Street" not in drawn
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.width == pictures.MAX_EDGE


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\xff\xd8\xff" + bytes(1000), b"%PDF-1.7 ..."])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(pictures.NotAPicture):
        pictures.redraw(data)


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")

    with pytest.raises(pictures.NotAPicture):
        pictures.redraw(out.getvalue())
