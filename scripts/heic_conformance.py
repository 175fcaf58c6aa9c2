#!/usr/bin/env python3
"""Makes HEICs of many kinds, and holds what `truecrop crop` makes of them against libheif.

    python3 scripts/heic_conformance.py [--binary target/release/truecrop] [--keep FOLDER]
    python3 scripts/heic_conformance.py --folder COLLECTIONS [--list FILE]

The second form takes real files instead, a folder for each collection: heic_folder.py says how, and docs/CONFORMANCE.md what came of it.

Prints a line for each file and "60 of 60" at the end; fails where one is not right. A file is right where

- the whole picture, as PNG, is what the formulas of docs/FORMATS.md make of the planes that libheif decodes (within one level for more than
  8 bits, which a PNG of 8 bits rounds), and
- its luma is within `LUMA` levels of the RGB that libheif itself makes: it makes chroma dense in another way, and rounds more often.

libde265 1.1.3 itself is wrong at some edges between slices: a picture of 256 rows in four slices, or of 200 in two, has other chroma than the
one whose MD5 x265 writes beside it (`hash=1`), and the decoder that truecrop uses has that MD5. Such pictures are not among the sixty.

Needs PyPI's `numpy`, `pillow` and `pillow-heif` (libheif with x265 and libde265). The pictures are parts of tests/fixtures/cat*.png and noise.
"""

import argparse
import io
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from heic_folder import run_folder
from heic_fixtures import (
    ALPHA, HERE, Coded, config, cut, heic, imir, irot, ispe, nclx, pixels, planes_of,
)  # fmt: skip

LUMA = 3.0
SRGB = (1, 13)


def encoded(image, quality=60, chroma=420, deep=None, **options):
    """A file as pillow-heif writes it. `deep`: 10 or 12 bits, of samples of 16."""
    pillow_heif.options.SAVE_HDR_TO_12_BIT = deep == 12
    out = io.BytesIO()
    parameters = {f"x265:{name.replace('_', '-')}": str(value) for name, value in options.items()}
    mode = ("RGBA;16" if image.shape[2] == 4 else "RGB;16") if deep else None
    image = np.ascontiguousarray(image)
    if mode is None:
        pillow_heif.from_pillow(Image.fromarray(image)).save(out, quality=quality, chroma=chroma, enc_params=parameters)
    else:
        height, width, _ = image.shape
        samples = (image.astype("<u2") * 257).tobytes()
        pillow_heif.encode(mode, (width, height), samples, out, quality=quality, chroma=chroma, enc_params=parameters)
    return out.getvalue()


def coded(*arguments, **options):
    """Its first coded picture, to put into a file of our own."""
    return Coded(None, file=encoded(*arguments, **options))


def alone(picture, *properties, size=None):
    shown = [] if size in (None, picture.size) else [cut(picture, 0, 0, *size)]
    return heic([(b"hvc1", picture.data, [config(picture), ispe(*picture.size), *shown, *properties])])


def tiled(image, tile, alpha=False, **options):
    """A grid; its last tiles are filled up with gray."""
    height, width = image.shape[:2]
    rows, columns = -(-height // tile), -(-width // tile)
    filled = np.full((rows * tile, columns * tile, image.shape[2]), 128, np.uint8)
    filled[:height, :width] = image
    shape = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
    places = [(row * tile, column * tile) for row in range(rows) for column in range(columns)]
    parts = [filled[y:y + tile, x:x + tile] for y, x in places]
    items, references = [(b"grid", shape, [ispe(width, height)])], []

    def add(tiles, number):
        items.extend((b"hvc1", one.data, [config(one), ispe(tile, tile)]) for one in tiles)
        references.append((b"dimg", number, list(range(number + 1, len(items) + 1))))

    add([coded(np.ascontiguousarray(part[..., :3]), **options) for part in parts], 1)
    if alpha:
        items.append((b"grid", shape, [ispe(width, height), ALPHA]))
        number = len(items)
        add([coded(np.ascontiguousarray(part[..., 3])) for part in parts], number)
        references.append((b"auxl", number, [1]))
    return heic(items, references)


def files():
    """Name, the file, and what of it is shown: matrix, full range, cut, quarter turns against the clock, mirror."""
    cat = np.asarray(Image.open(HERE / "../cat.png").convert("RGB"))
    seen = np.asarray(Image.open(HERE / "../cat-alpha.png").convert("RGBA"))
    random = np.random.default_rng(7)
    noise = random.integers(0, 256, (90, 130, 3), dtype=np.uint8)
    large = np.kron(cat[:120, :180], np.ones((4, 4, 1), np.uint8))
    sizes = {"even": cat[20:68, 40:104], "odd": cat[20:63, 40:109], "noise": noise, "large": large}
    plain = {}
    for chroma in (420, 422, 444):
        for name, image in sizes.items():
            plain[f"{chroma} {name}"] = encoded(image, chroma=chroma)
        for name in ("even", "odd"):
            plain[f"{chroma} {name} 10 bits"] = encoded(sizes[name], chroma=chroma, deep=10)
    plain["420 12 bits"] = encoded(sizes["odd"], chroma=420, deep=12)
    plain["444 12 bits"] = encoded(sizes["odd"], chroma=444, deep=12)
    for quality in (1, 30, 95):
        plain[f"quality {quality}"] = encoded(noise, quality=quality)
    tools = [
        {"ctu": 16}, {"ctu": 32}, {"sao": 0}, {"deblock": 0}, {"slices": 2}, {"tskip": 1}, {"strong_intra_smoothing": 0},
        {"wpp": 0}, {"signhide": 0}, {"cu_lossless": 1}, {"max_tu_size": 8}, {"tu_intra_depth": 4},
    ]  # fmt: skip
    for options in tools:
        plain[" ".join(f"{k}={v}" for k, v in options.items())] = encoded(large[:256, :320], **options)
    for name, chroma, deep in (("alpha", 420, None), ("alpha 444", 444, None), ("alpha 10 bits", 420, 10)):
        plain[name] = encoded(seen[20:110, 40:160], chroma=chroma, deep=deep)
    gray = np.repeat(cat[20:63, 40:109, :1], 3, axis=2)
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(gray[:, :, 0])).save(out, quality=60)
    plain["gray"] = out.getvalue()
    several = pillow_heif.from_pillow(Image.fromarray(cat[:64, :64]))
    several.add_from_pillow(Image.fromarray(sizes["odd"]))
    out = io.BytesIO()
    several.save(out, quality=60, primary_index=1)
    plain["the second of two"] = out.getvalue()
    small = pillow_heif.from_pillow(Image.fromarray(large))
    out = io.BytesIO()
    small.save(out, quality=60, thumbnails=[64, 128])
    plain["thumbnails"] = out.getvalue()
    grids = {
        "grid": tiled(cat[10:111, 20:170], 64),
        "grid 422": tiled(cat[10:111, 20:170], 64, chroma=422),
        "grid 444": tiled(cat[10:111, 20:170], 64, chroma=444),
        "grid 10 bits": tiled(cat[10:111, 20:170], 64, deep=10),
        "grid of one row": tiled(cat[10:74, 20:170], 64),
        "grid of one column": tiled(cat[0:107, 20:84], 64),
        "grid with alpha": tiled(seen[10:101, 20:150], 64, alpha=True),
        "grid of large tiles": tiled(large, 256),
    }
    plain |= grids
    result = [(name, data, {}) for name, data in plain.items()]
    even, coded_even = sizes["even"], coded(sizes["even"])
    size = (even.shape[1], even.shape[0])
    turns = {
        "irot 1": ([irot(1)], {"turn": 1}), "irot 2": ([irot(2)], {"turn": 2}), "irot 3": ([irot(3)], {"turn": 3}),
        "imir 0": ([imir(0)], {"mirror": 0}), "imir 1": ([imir(1)], {"mirror": 1}),
    }  # fmt: skip
    for name, (properties, shown) in turns.items():
        result.append((name, alone(coded_even, *properties, size=size), {"shown": (0, 0, *size), **shown}))
    clapped = alone(coded_even, cut(coded_even, 14, 14, 31, 21))
    result.append(("clap", clapped, {"shown": (14, 14, 31, 21)}))
    clapped = alone(coded_even, cut(coded_even, 19, 12, 32, 20), irot(1))
    result.append(("clap and irot", clapped, {"shown": (19, 12, 32, 20), "turn": 1}))
    for name, matrix, full in (("601 limited", 6, 0), ("709 limited", 1, 0), ("709 full", 1, 1), ("2020 full", 9, 1)):
        data = alone(coded_even, nclx(*SRGB, matrix, full), size=size)
        # libheif brings planes to the matrix that is usual: those of the same picture without a statement are as they are coded
        as_coded = alone(coded_even, size=size)
        result.append((name, data, {"matrix": matrix, "full": full, "shown": (0, 0, *size), "as coded": as_coded}))
    return result


def expected(path, about):
    """What docs/FORMATS.md makes of libheif's planes: upright, of 8 bits; and the bits of its samples."""
    if "as coded" in about:
        path = Path(f"{path}.coded.heic")
        path.write_bytes(about["as coded"])
    found = planes_of(path, turned=False)
    height, width = found["Y"][0].shape
    shown = about.get("shown") or shown_of(path, width, height)
    made, bits = pixels(found, about.get("matrix", 6), about.get("full", 1), shown)
    if "mirror" in about:
        made = made[::-1] if about["mirror"] == 0 else made[:, ::-1]
    made = np.rot90(made, about.get("turn", 0))
    return (made if bits == 8 else (made + 128) // 257), bits


def shown_of(path, width, height):
    """What an encoder's cut leaves of its first pixels, or all."""
    opened = pillow_heif.open_heif(path)
    return (0, 0, min(width, opened.size[0]), min(height, opened.size[1]))


def check(path, about, binary):
    """What is wrong with a file; empty where nothing is. And how far it is from libheif's own RGB."""
    want, bits = expected(path, about)
    out = Path(f"{path}.png")
    size = f"{want.shape[1]}x{want.shape[0]}"
    run = subprocess.run([binary, "crop", path, "--size", size, "--format", "png", "-o", out], capture_output=True, text=True)
    if run.returncode:
        return run.stderr.strip(), 0, 0
    got = np.asarray(Image.open(out).convert("RGBA")).astype(np.int64)
    if want.shape[2] == 1:
        want = np.repeat(want, 3, axis=2)
    opaque = want.shape[2] == 3
    if opaque:
        want = np.dstack([want, np.full(want.shape[:2], 255)])
    off_alpha = np.abs(got - want)[..., 3].max()
    # as they look over black
    over_black = [image[..., :3] * image[..., 3:] / 255 for image in (got, want)]
    off = np.abs(over_black[0] - over_black[1]).max()
    most = 0 if bits == 8 and opaque else 1
    theirs = np.asarray(pillow_heif.open_heif(path, convert_hdr_to_8bit=True).to_pillow().convert("RGB")).astype(np.int64)
    weights = np.array([0.299, 0.587, 0.114])
    seen = got[..., 3] == 255
    rgb = np.abs(got[..., :3] - theirs)[seen]
    # what had to be cut to 0..=255 has another luma
    inside = seen & ((got[..., :3] > 0) & (got[..., :3] < 255) & (theirs > 0) & (theirs < 255)).all(axis=2)
    luma = np.abs((got[..., :3] - theirs) @ weights)[inside].max(initial=0)
    wrong = []
    if off > most or off_alpha > (0 if bits == 8 else 1):
        wrong.append(f"{off} levels from the formulas, alpha {off_alpha}")
    if "matrix" not in about and luma > LUMA:
        wrong.append(f"luma {luma:.1f} levels from libheif's RGB")
    return "; ".join(wrong), int(rgb.max(initial=0)), float(luma)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="target/release/truecrop")
    parser.add_argument("--keep", help="a folder for the files")
    parser.add_argument("--only", default="", help="a part of the names of the files that are made")
    parser.add_argument("--folder", help="real files, a folder for each collection")
    parser.add_argument("--list", help="where to write what each real file got")
    arguments = parser.parse_args()
    if arguments.folder:
        with tempfile.TemporaryDirectory() as scratch:
            sys.exit(not run_folder(arguments.folder, arguments.binary, scratch, arguments.list))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(arguments.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        made, right = [one for one in files() if arguments.only in one[0]], 0
        for number, (name, data, about) in enumerate(made, 1):
            path = folder / f"{number:02}.heic"
            path.write_bytes(data)
            wrong, rgb, luma = check(path, about, arguments.binary)
            right += not wrong
            print(f"{number:2} {name:28} {len(data):7} bytes, libheif's RGB within {rgb}, its luma within {luma:.1f}  {wrong}")
        print(f"{right} of {len(made)}")
    sys.exit(right != len(made))


if __name__ == "__main__":
    main()
