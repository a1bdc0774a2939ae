"""What people attach becomes references in the order they gave, or one sentence says why not."""

import asyncio
import gc
import shutil
import weakref
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PIL import Image

from bot.chat import refusals
from bot.core.catalogue import SHIPPED, Model, References, load
from bot.core.ids import JobId
from bot.core.order import Origin, Reference
from bot.core.problems import (
    NoReferences,
    NotAPicture,
    Paused,
    PauseReason,
    PictureDamaged,
    PictureElsewhere,
    PictureEmpty,
    PictureGone,
    PictureMeasures,
    PictureNotFetched,
    PictureProblem,
    PictureTooLarge,
    Problem,
    Refused,
    TooManyReferences,
)
from bot.gateway.downloads import opened
from bot.gateway.wire import DataUrl
from bot.imaging.child import Child, Unavailable
from bot.imaging.imaging import Imaging
from bot.spool.references import ReferenceLost, ReferenceShelf
from bot.spool.spool import RESERVE_BYTES, Spool
from bot.studio import references
from bot.studio.references import DOWNLOAD_BYTES_MAX, DataUrls, Intake, Source
from sandbox.clock import MovableClock
from tests.imaging.drawing import noisy, read, saved

ROW = load(SHIPPED).default


@dataclass
class Room:
    """An intake with a server of pictures; `asked` are the paths that were asked for."""

    folder: Path
    shelf: ReferenceShelf
    intake: Intake
    urls: DataUrls
    base_url: str = ""
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        self.asked.append(path)
        body = self.answers.get(path)
        status = "404 Not Found" if body is None else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body or b'')}\r\n\r\n".encode())
        writer.write(body or b"")
        writer.close()

    def serve(self, label: str, body: bytes, **more: object) -> Source:
        """Put bytes on the server, as Discord would tell of them."""
        self.answers[f"/{label}"] = body
        told = Source(label=label, url=f"{self.base_url}/{label}", size_bytes=len(body) or 1)
        return replace(told, **more)  # type: ignore[arg-type]

    def drawn(self, label: str, kind: str = "png", image: Image.Image | None = None) -> Source:
        path = saved(image or noisy("RGB", 100, 80), self.folder / "drawn", kind)
        return self.serve(label, path.read_bytes())

    async def refused(self, *sources: Source, row: Model = ROW) -> Problem:
        with pytest.raises(Refused) as caught:
            await self.intake.take(sources, row)
        assert not list(self.folder.glob("spool/incoming/*"))
        return caught.value.problem

    async def body(self, reference: Reference) -> bytes:
        return await self.shelf.read(reference.name)


@asynccontextmanager
async def room_in(folder: Path) -> AsyncGenerator[Room]:
    spool, shelf = Spool(folder / "spool"), ReferenceShelf(folder / "spool", MovableClock())
    async with AsyncExitStack() as stack:
        downloads = await stack.enter_async_context(opened({"127.0.0.1"}))
        imaging = await stack.enter_async_context(Imaging())
        intake = Intake(downloads=downloads, imaging=imaging, spool=spool, references=shelf)
        room = Room(folder, shelf, intake, DataUrls(shelf))
        server = await asyncio.start_server(room.answer, "127.0.0.1", 0)
        await stack.enter_async_context(server)
        room.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    async with room_in(tmp_path) as room:
        yield room


async def test_pictures_keep_their_order_and_names(room: Room) -> None:
    sources = [
        room.drawn(f"image{number}", kind, noisy("RGB", 64 + number, 64))
        for number, kind in enumerate(("png", "jpeg", "webp"), 1)
    ]
    origin = Origin(JobId("k7f2abcd"), 3)
    taken = await room.intake.take([*sources[:2], replace(sources[2], origin=origin)], ROW)
    assert [(one.label, one.width, one.height, one.origin) for one in taken] == [
        ("image1", 65, 64, None),
        ("image2", 66, 64, None),
        ("image3", 67, 64, origin),
    ]
    assert room.asked == ["/image1", "/image2", "/image3"]
    assert not list(room.folder.glob("spool/incoming/*"))


async def test_no_pictures_are_no_references(room: Room) -> None:
    assert await room.intake.take([], ROW) == ()


async def test_a_picture_that_is_given_twice_is_named_twice_and_is_one_file(room: Room) -> None:
    first = room.drawn("image")
    second = room.serve("image2", room.answers["/image"])
    for given in ((first, second), (second, first)):
        taken = await room.intake.take(given, ROW)
        assert [one.label for one in taken] == [one.label for one in given]
        assert taken[0].name == taken[1].name
    assert len(list(room.folder.glob("spool/references/*"))) == 1


async def test_of_an_animation_it_is_said(room: Room) -> None:
    path, first = room.folder / "moving", Image.new("RGB", (64, 64), "white")
    saved(first, path, "webp", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    (taken,) = await room.intake.take([room.serve("image", path.read_bytes())], ROW)
    assert taken.animated


async def test_everything_told_is_checked_before_anything_is_downloaded(room: Room) -> None:
    good = room.drawn("image")
    elsewhere = "https://evil.example/1.png"
    wrong: list[tuple[Source, Problem]] = [
        (replace(good, label="image2", size_bytes=0), PictureEmpty("image2")),
        (
            replace(good, label="image2", size_bytes=DOWNLOAD_BYTES_MAX + 1),
            PictureTooLarge("image2", DOWNLOAD_BYTES_MAX),
        ),
        (replace(good, label="image2", url=elsewhere), PictureElsewhere("image2")),
        (replace(good, label="image2", url=""), PictureElsewhere("image2")),
        (replace(good, label="image2", url="file:///etc/passwd"), PictureElsewhere("image2")),
    ]
    for source, problem in wrong:
        assert await room.refused(good, source) == problem
    assert await room.refused(*[good] * 15) == TooManyReferences(15, 14, ROW.label)
    bare = replace(ROW, references=References.NONE)
    assert await room.refused(good, row=bare) == NoReferences(ROW.label)
    assert room.asked == []


async def test_what_streams_more_than_it_declares_meets_the_cap(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "DOWNLOAD_BYTES_MAX", 1000)
    source = room.serve("image", bytes(1001), size_bytes=10)
    assert await room.refused(source) == PictureTooLarge("image", 1000)


async def test_what_is_no_picture_is_refused_whatever_is_told_of_it(room: Room) -> None:
    for body in (b"MZ a program", b"<svg/>", b"", b"%PDF-1.7"):
        source = room.serve("image", body, filename="image.png")
        assert await room.refused(source) == NotAPicture("image")
    assert await room.refused(room.drawn("image", "gif")) == NotAPicture("image")


async def test_a_name_that_lies_is_no_reason_to_refuse(room: Room) -> None:
    source = replace(room.drawn("image"), filename="../../etc/passwd.gif")
    (taken,) = await room.intake.take([source], ROW)
    assert read(room.shelf.path(taken.name)).size == (100, 80)


async def test_a_damaged_picture_and_one_of_wrong_measures(room: Room) -> None:
    whole = room.answers[room.drawn("image").url.removeprefix(room.base_url)]
    assert await room.refused(room.serve("image", whole[:-300])) == PictureDamaged("image")
    strip = room.drawn("image2", image=Image.new("L", (64, 513)))
    assert await room.refused(strip) == PictureMeasures("image2", 64, 513)


async def test_a_dead_link_and_a_silent_host(room: Room) -> None:
    gone = Source(label="image", url=f"{room.base_url}/gone", size_bytes=9)
    assert await room.refused(gone) == PictureGone("image")
    silent = Source(label="image", url="http://127.0.0.1:1/a.png", size_bytes=9)
    assert await room.refused(silent) == PictureNotFetched("image")


async def test_the_first_problem_is_told_and_the_rest_left(room: Room) -> None:
    sources = [room.drawn("image"), room.serve("image2", b"no"), room.drawn("image3")]
    assert await room.refused(*sources) == NotAPicture("image2")
    assert room.asked == ["/image", "/image2"]


async def test_without_a_child_nothing_is_said_about_the_picture(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: object) -> dict[str, object]:
        raise Unavailable("no child")

    monkeypatch.setattr(Child, "ask", none)
    assert await room.refused(room.drawn("image")) == PictureNotFetched("image")


async def test_many_large_pictures_fit_into_one_body(room: Room) -> None:
    image = noisy("RGB", 1100, 1100)
    sources = [room.drawn(f"image{number}", "jpeg", image) for number in range(14)]
    taken = await room.intake.take(sources, ROW)
    sizes = [len(await room.body(one)) for one in taken]
    assert sum(sizes) <= 11_000_000
    assert max(sizes) <= 11_000_000 // 14


async def test_the_row_s_own_cap_holds_for_each(room: Room) -> None:
    row = replace(ROW, reference_bytes_max=500_000)
    (taken,) = await room.intake.take([room.drawn("image", image=noisy("RGB", 900, 900))], row)
    assert len(await room.body(taken)) <= 500_000
    tiny = replace(ROW, reference_bytes_max=900)
    problem = await room.refused(room.drawn("image", image=noisy("RGB", 900, 900)), row=tiny)
    assert problem == PictureTooLarge("image", 900)


async def test_an_own_picture_needs_no_download(room: Room) -> None:
    kept = saved(noisy("RGB", 90, 70), room.folder / "kept.png", "png")
    source = Source(label="picture 1 of k7f2", local=kept)
    (taken,) = await room.intake.take([source], ROW)
    assert (taken.width, taken.height) == (90, 70)
    assert kept.exists()
    assert room.asked == []


@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
async def test_an_own_picture_that_is_not_whole_is_downloaded(room: Room, damage: str) -> None:
    kept = saved(noisy("RGB", 90, 70), room.folder / "kept.png", "png")
    source = replace(room.drawn("image"), local=kept)
    match damage:
        case "cut":
            kept.write_bytes(kept.read_bytes()[:-900])
        case "gone":
            kept.unlink()
        case _:
            kept.write_bytes(b"something else")
    (taken,) = await room.intake.take([source], ROW)
    assert (taken.width, taken.height) == (100, 80)
    assert room.asked == ["/image"]
    problem = await room.refused(replace(source, url=""))
    assert isinstance(problem, PictureDamaged | NotAPicture)


async def test_a_disk_without_room_is_asked_first(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = RESERVE_BYTES + 20 * 2**20
    usage = shutil.disk_usage(room.folder)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert await room.refused(room.drawn("image")) == Paused(PauseReason.DISK_FULL)
    assert room.asked == []


async def test_a_disk_that_fills_up_meanwhile_is_told_too(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_shelf: ReferenceShelf, _path: Path) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ReferenceShelf, "keep", full)
    assert await room.refused(room.drawn("image")) == Paused(PauseReason.DISK_FULL)


async def test_room_is_counted_for_all_who_come_at_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = RESERVE_BYTES + 45 * 2**20  # for one order's pictures, and not for two
    usage = shutil.disk_usage(room.folder)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    source = room.drawn("image")
    takes = (room.intake.take([source], ROW) for _ in range(3))
    came = await asyncio.gather(*takes, return_exceptions=True)
    assert sum(isinstance(one, Refused) for one in came) == 2
    assert len(await room.intake.take([source], ROW)) == 1


async def test_references_are_read_as_data_urls_in_order(room: Room) -> None:
    see_through = room.drawn("image2", image=noisy("RGBA", 80, 80))
    taken = await room.intake.take([room.drawn("image"), see_through], ROW)
    urls = await room.urls.read(taken)
    assert urls == (
        DataUrl.of("jpeg", await room.body(taken[0])),
        DataUrl.of("webp", await room.body(taken[1])),
    )


async def test_calls_at_the_same_time_share_one_copy(room: Room) -> None:
    taken = await room.intake.take([room.drawn("image")], ROW)
    calls = await asyncio.gather(*(room.urls.read(taken) for _ in range(10)))
    assert len({id(url) for urls in calls for url in urls}) == 1
    seen = weakref.ref(calls[0][0])
    del calls
    await asyncio.sleep(0)  # until then the loop has the last result
    gc.collect()
    assert seen() is None


async def test_a_reference_that_is_lost_is_told(room: Room) -> None:
    (taken,) = await room.intake.take([room.drawn("image")], ROW)
    room.shelf.path(taken.name).unlink()
    with pytest.raises(ReferenceLost):
        await room.urls.read([taken])


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (PictureEmpty("image2"), "`image2` is an empty file; I work from PNG, JPEG or WebP"),
        (PictureTooLarge("image", DOWNLOAD_BYTES_MAX), "`image` is too large; 20 MB are accepted."),
        (PictureTooLarge("image", 785_714), "`image` is too large; 0.7 MB are accepted."),
        (PictureElsewhere("image"), "`image` is not stored by Discord; please upload"),
        (PictureGone("image"), "`image` is not there any more; please upload it again."),
        (PictureNotFetched("image"), "I could not get `image` just now; please try again."),
        (NotAPicture("image"), "`image` is no PNG, JPEG or WebP picture"),
        (PictureDamaged("image"), "`image` can't be decoded: it is damaged"),
        (
            PictureMeasures("image", 13_000, 13_000),
            "`image` has 13,000 × 13,000 pixels; each side can have 64 to 8,192, one at most 8",  # noqa: RUF001 - the sign
        ),
    ],
)
def test_each_problem_is_one_sentence_that_says_what_helps(
    problem: PictureProblem, sentence: str
) -> None:
    told = refusals.explain(problem)
    assert told.startswith(sentence)
    assert told.count(".") - told.count("0.7") == 1
    assert told.endswith(".")
