"""The worker's side of the pipe, in this process."""

import io
import json
from pathlib import Path

import pytest
import pyvips

from bot.imaging import pictures, worker
from tests.imaging.drawing import interlaced, noisy, saved


def served(*jobs: dict[str, object]) -> list[dict[str, object]]:
    answers = io.BytesIO()
    worker.serve(io.BytesIO(b"".join(json.dumps(job).encode() + b"\n" for job in jobs)), answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_it_says_that_it_is_ready_and_answers_in_order(tmp_path: Path) -> None:
    source = str(saved(noisy("RGBA", 40, 30), tmp_path / "1.png", "png"))
    encode = {"do": "encode", "source": source, "quality": 85}
    answers = served(
        {"do": "look", "path": source},
        {"do": "see_through", "path": source},
        {"do": "look", "path": str(tmp_path)},
        encode | {"target": str(tmp_path / "2.webp"), "side": None},
        encode | {"target": str(tmp_path / "3.jpg"), "side": 20},
    )
    assert answers[:3] == [
        {"ready": True},
        {"format": "png", "width": 40, "height": 30, "alpha": True},
        {"see_through": True},
    ]
    assert "unusable" in answers[3]
    assert [(one["width"], one["height"]) for one in answers[4:]] == [(40, 30), (20, 15)]


def test_a_job_it_does_not_know_ends_it() -> None:
    with pytest.raises(TypeError):
        served({"do": "dance"})


def test_what_is_too_large_is_not_read_for_any_job(tmp_path: Path) -> None:
    source = str(interlaced(tmp_path / "1.png", 4000, 3001))
    for side in (None, 2048):
        with pytest.raises(pictures.Unusable, match="too many"):
            pictures.encode(source, str(tmp_path / "2.jpg"), quality=85, side=side)


def test_sixteen_bits_can_be_see_through_too(tmp_path: Path) -> None:
    saved(noisy("RGB", 9, 9), tmp_path / "1.png", "png")
    image = pyvips.Image.new_from_file(str(tmp_path / "1.png"))
    whole = image.colourspace("rgb16").bandjoin(65_535)
    whole.cast("ushort").pngsave(str(tmp_path / "whole.png"))
    whole.cast("ushort").linear([1, 1, 1, 0.5], 0).cast("ushort").pngsave(
        str(tmp_path / "thin.png")
    )
    assert not pictures.see_through(str(tmp_path / "whole.png"))
    assert pictures.see_through(str(tmp_path / "thin.png"))


def test_a_failed_encoder_leaves_no_file(tmp_path: Path) -> None:
    source = saved(noisy("RGB", 300, 200), tmp_path / "1.png", "png")
    source.write_bytes(source.read_bytes()[:9000])
    with pytest.raises(pictures.Unusable):
        pictures.encode(str(source), str(tmp_path / "2.jpg"), quality=85, side=None)
    assert list(tmp_path.iterdir()) == [source]


def test_a_turned_or_profiled_picture_is_converted(tmp_path: Path) -> None:
    image = pyvips.Image.black(30, 20, bands=3).copy(interpretation="srgb")
    image.set_type(pyvips.GValue.gint_type, "orientation", 6)
    source, target = str(tmp_path / "1.jpg"), str(tmp_path / "2.jpg")
    image.jpegsave(source, profile="p3")
    assert pictures.encode(source, target, quality=85, side=None)["width"] == 20
    saved(noisy("RGB", 40, 30), tmp_path / "1.jpg", "jpeg", icc_profile=b"none" * 40)
    assert pictures.encode(source, target, quality=85, side=None)["width"] == 40


@pytest.mark.parametrize("kind", ["gif", "tiff", "ppm", "avif"])
def test_other_loaders_are_shut_and_not_only_unwanted(tmp_path: Path, kind: str) -> None:
    pictures.restrict()
    source = saved(noisy("RGB", 40, 30), tmp_path / "1.png", kind)
    with pytest.raises(pictures.Unusable):
        pictures.look(str(source))
    with pytest.raises(pyvips.Error, match=r"not a known file format|blocked"):
        pyvips.Image.new_from_file(str(source))
