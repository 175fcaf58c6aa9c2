#!/usr/bin/env python3
"""Makes tests/fixtures/webp. Run by a developer, not by the tests: the files are committed.

    python3 scripts/webp_fixtures.py                  makes the files
    python3 scripts/webp_fixtures.py many DIR COUNT   writes COUNT others to DIR, with their pixels.txt, for
                                                      TRUECROP_WEBP=DIR cargo test -p truecrop-core --test webp

Needs Debian's `libwebp7` (1.2.4, whose encoder is called with every setting that it has), and PyPI's `numpy` and `pillow` 13.0, whose
libwebp 1.6 says what the pixels are. The pictures are parts of tests/fixtures/cat*.png, and noise.

`pixels.txt` has, for each file, its width, height, channels, and the SHA-256 of its samples.
"""

import base64
import ctypes
import hashlib
import io
import random
import struct
import sys
from ctypes import POINTER, Structure, byref, c_float, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from pathlib import Path

import numpy as np
from PIL import Image

FIXTURES = Path(__file__).parent.parent / "tests/fixtures"
LIBRARY = ctypes.CDLL("libwebp.so.7")
ABI = 0x020F


class Config(Structure):
    """WebPConfig of libwebp 1.2 (src/webp/encode.h)."""

    _fields_ = [(name, c_float if name in ("quality", "target_psnr") else c_int) for name in (
        "lossless quality method image_hint target_size target_psnr segments sns_strength filter_strength filter_sharpness "
        "filter_type autofilter alpha_compression alpha_filtering alpha_quality passes show_compressed preprocessing "
        "partitions partition_limit emulate_jpeg_size thread_level low_memory near_lossless exact use_delta_palette "
        "use_sharp_yuv qmin qmax").split()]


class Picture(Structure):
    """WebPPicture."""

    _fields_ = [
        ("use_argb", c_int), ("colorspace", c_int), ("width", c_int), ("height", c_int),
        ("y", c_void_p), ("u", c_void_p), ("v", c_void_p), ("y_stride", c_int), ("uv_stride", c_int),
        ("a", c_void_p), ("a_stride", c_int), ("pad1", c_uint32 * 2),
        ("argb", c_void_p), ("argb_stride", c_int), ("pad2", c_uint32 * 3),
        ("writer", c_void_p), ("custom", c_void_p), ("extra_type", c_int), ("extra", c_void_p), ("stats", c_void_p),
        ("error", c_int), ("progress", c_void_p), ("user", c_void_p), ("pad3", c_uint32 * 3), ("pad4", c_void_p),
        ("pad5", c_void_p), ("pad6", c_uint32 * 8), ("memory", c_void_p), ("memory_argb", c_void_p), ("pad7", c_void_p * 2),
    ]


class Writer(Structure):
    """WebPMemoryWriter."""

    _fields_ = [("memory", POINTER(c_uint8)), ("size", c_size_t), ("most", c_size_t), ("pad", c_uint32)]


def encode(pixels, **settings):
    """A WebP of an array of three or four channels."""
    config = Config()
    assert LIBRARY.WebPConfigInitInternal(byref(config), 0, c_float(settings.pop("quality", 75)), ABI)
    for name, value in settings.items():
        assert hasattr(config, name), name
        setattr(config, name, value)
    picture, writer = Picture(), Writer()
    assert LIBRARY.WebPPictureInitInternal(byref(picture), ABI)
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    picture.height, picture.width, channels = pixels.shape
    read = LIBRARY.WebPPictureImportRGBA if channels == 4 else LIBRARY.WebPPictureImportRGB
    assert read(byref(picture), pixels.ctypes.data_as(c_void_p), channels * picture.width)
    LIBRARY.WebPMemoryWriterInit(byref(writer))
    picture.writer = ctypes.cast(LIBRARY.WebPMemoryWrite, c_void_p)
    picture.custom = ctypes.cast(byref(writer), c_void_p)
    assert LIBRARY.WebPEncode(byref(config), byref(picture)), picture.error
    file = ctypes.string_at(writer.memory, writer.size)
    LIBRARY.WebPMemoryWriterClear(byref(writer))
    LIBRARY.WebPPictureFree(byref(picture))
    return file


def chunks(file):
    at = 12
    while at < len(file):
        kind, length = struct.unpack_from("<4sI", file, at)
        yield kind, file[at + 8:at + 8 + length]
        at += 8 + length + length % 2


def riff(*parts):
    body = b"WEBP" + b"".join(k + struct.pack("<I", len(c)) + c + bytes(len(c) % 2) for k, c in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def le24(value):
    return struct.pack("<I", value)[:3]


def animation(still, canvas, corner):
    """The still picture as the first frame, and once more, on a canvas."""
    picture = [(k, c) for k, c in chunks(still) if k in (b"ALPH", b"VP8 ")]
    size = Image.open(io.BytesIO(still)).size
    frame = le24(corner[0] // 2) + le24(corner[1] // 2) + le24(size[0] - 1) + le24(size[1] - 1) + le24(100) + b"\0"
    frame += riff(*picture)[12:]
    header = b"\x12\0\0\0" + le24(canvas[0] - 1) + le24(canvas[1] - 1)
    return riff((b"VP8X", header), (b"ANIM", bytes(6)), (b"ANMF", frame), (b"ANMF", frame))


def cat(width, height, at=(120, 60)):
    part = Image.open(FIXTURES / "cat.png").convert("RGB").crop((*at, at[0] + width, at[1] + height))
    return np.asarray(part)


def see_through(width, height, levels=256):
    """With waves of opacity, in so many levels."""
    y, x = np.mgrid[:height, :width]
    alpha = (127.5 + 127.5 * np.sin(x / 9.0) * np.cos(y / 7.0)) / 255 * (levels - 1)
    alpha = np.round(alpha) * 255 / (levels - 1)
    return np.dstack([cat(width, height), alpha.astype(np.uint8)])


def noise(width, height, channels=3, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def fixtures():
    photo = cat(91, 67)
    yield "one-pixel", encode(noise(1, 1))
    for width, height in ((2, 2), (3, 1), (1, 3), (15, 16), (16, 15), (17, 17), (33, 47)):
        yield f"{width}x{height}", encode(cat(width, height))
    yield "wide", encode(np.tile(cat(300, 18), (1, 55, 1))[:, :16383], quality=10, method=1)
    yield "tall", encode(np.tile(cat(18, 230), (72, 1, 1))[:16383], quality=10, method=1)
    for quality in (0, 30, 90, 100):
        yield f"quality-{quality}", encode(photo, quality=quality)
    for method in (0, 2, 6):
        yield f"method-{method}", encode(photo, method=method)
    for partitions in (1, 2, 3):
        yield f"partitions-{2 ** partitions}", encode(cat(91, 163), partitions=partitions, low_memory=1)
    yield "one-segment", encode(photo, segments=1)
    yield "four-segments", encode(photo, segments=4, sns_strength=100, method=4)
    yield "no-filter", encode(photo, quality=40, filter_strength=0)
    yield "simple-filter", encode(photo, quality=40, filter_type=0, filter_strength=60)
    yield "simple-filter-strongest", encode(photo, quality=5, filter_type=0, filter_strength=100)
    yield "filter-strongest", encode(photo, quality=5, filter_strength=100)
    for sharpness in (3, 7):
        yield f"sharpness-{sharpness}", encode(photo, quality=30, filter_strength=80, filter_sharpness=sharpness)
    yield "auto-filter", encode(photo, quality=50, autofilter=1)
    yield "partition-limit", encode(photo, quality=80, partition_limit=100)
    yield "sharp-yuv", encode(photo, use_sharp_yuv=1)
    yield "noise", encode(noise(53, 39), quality=95)
    yield "flat", encode(np.full((40, 56, 3), (200, 30, 90), dtype=np.uint8))
    yield "alpha", encode(see_through(61, 45), alpha_filtering=2)
    yield "alpha-raw", encode(see_through(61, 45), alpha_compression=0)
    yield "alpha-few-levels", encode(see_through(61, 45, 4))
    yield "alpha-two-levels", encode(see_through(61, 45, 2))
    yield "alpha-low-quality", encode(see_through(61, 45), alpha_quality=20)
    yield "alpha-noise", encode(noise(47, 33, 4), alpha_filtering=2)
    yield "alpha-exact", encode(see_through(61, 45, 2), exact=1)
    for kind in (1, 2, 3):
        yield f"alpha-predicted-{kind}", raw_alpha(see_through(61, 45), kind)
    yield "animation", animation(encode(photo), (91, 67), (0, 0))
    yield "animation-within", animation(encode(see_through(33, 21)), (91, 67), (20, 30))


def raw_alpha(pixels, kind):
    """Opacity that is stored as it is, after each kind of prediction (RFC 9649, 2.7.1.2): libwebp does not choose all of them."""
    alpha = pixels[:, :, 3].astype(int)
    left = np.pad(alpha, ((0, 0), (1, 0)))[:, :-1]
    above = np.pad(alpha, ((1, 0), (0, 0)))[:-1]
    corner = np.pad(alpha, ((1, 0), (1, 0)))[:-1, :-1]
    predicted = [alpha * 0, left, above, np.clip(left + above - corner, 0, 255)][kind]
    if kind:
        predicted[0, 1:] = alpha[0, :-1]
        predicted[1:, 0] = alpha[:-1, 0]
        predicted[0, 0] = 0
    stored = bytes([kind << 2]) + ((alpha - predicted) % 256).astype(np.uint8).tobytes()
    parts = dict(chunks(encode(pixels)))
    return riff((b"VP8X", parts[b"VP8X"]), (b"ALPH", stored), (b"VP8 ", parts[b"VP8 "]))


def line(name, file):
    picture = Image.open(io.BytesIO(file))
    pixels = np.asarray(picture)
    digest = base64.b64encode(hashlib.sha256(pixels.tobytes()).digest()).decode()
    height, width, channels = pixels.shape
    return f"{name} {width} {height} {channels} sha-256=:{digest}:\n"


def write(folder, files):
    folder.mkdir(exist_ok=True)
    lines = []
    for name, file in files:
        (folder / f"{name}.webp").write_bytes(file)
        lines.append(line(name, file))
    (folder / "pixels.txt").write_text("".join(sorted(lines)))


def many(count):
    """Files of settings drawn by lot, by a number that is their name."""
    photos = [np.asarray(Image.open(FIXTURES / name).convert("RGB")) for name in ("cat.png", "coffee.jpg", "hubble.jpg", "rocket.jpg")]
    for number in range(count):
        lot = random.Random(number)
        width, height = (lot.choice((lot.randint(1, 40), lot.randint(1, 300))) for _ in range(2))
        photo = lot.choice(photos)
        y, x = (lot.randint(0, max(0, side - part)) for side, part in zip(photo.shape, (height, width)))
        pixels = photo[y:y + height, x:x + width]
        if lot.random() < 0.2:
            pixels = noise(width, height, 3, number)
        if lot.random() < 0.3:
            kind = lot.random()
            alpha = noise(*pixels.shape[1::-1], 1, number) if kind < 0.3 else pixels[:, :, :1] // lot.choice((1, 1, 60)) * lot.choice((1, 60))
            pixels = np.dstack([pixels, alpha])
        yield f"{number}", encode(
            pixels, quality=lot.choice((0, 5, 100, lot.random() * 100)), method=lot.randint(0, 6), segments=lot.randint(1, 4),
            sns_strength=lot.randint(0, 100), filter_strength=lot.choice((0, 100, lot.randint(0, 100))),
            filter_sharpness=lot.randint(0, 7), filter_type=lot.randint(0, 1), autofilter=lot.randint(0, 1),
            alpha_compression=lot.randint(0, 1), alpha_filtering=lot.randint(0, 2), alpha_quality=lot.choice((100, lot.randint(0, 100))),
            partitions=lot.randint(0, 3), partition_limit=lot.choice((0, lot.randint(0, 100))), passes=lot.choice((1, 4)),
            low_memory=lot.randint(0, 1), exact=lot.randint(0, 1), use_sharp_yuv=lot.choice((0, 0, 0, 1)), preprocessing=lot.choice((0, 0, 1, 2)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["many"]:
        write(Path(sys.argv[2]), many(int(sys.argv[3])))
    else:
        write(FIXTURES / "webp", fixtures())
