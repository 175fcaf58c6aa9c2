#!/usr/bin/env python3
"""Makes tests/fixtures/hdr-heic: HEICs with gain maps, as derived pictures (`tmap`, ISO 21496-1) and as Apple's auxiliary pictures. Run by a
developer, not by the tests: the files are committed.

    python3 scripts/heic_hdr_fixtures.py

The scene is that of hdr_fixtures.py; pillow-heif 1.8.1 (x265 4.3) codes the pictures, the containers are written here. `maps.txt` says of each file what a
reader must find: the kind and size of the map, or why there is none that can be used.
"""

import io
import struct
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from hdr_fixtures import NUMBERS, P3, bytes_of, encode_srgb, iso, scene
from heic_conformance import encoded
from heic_fixtures import Coded, box, config, cut, full, heic, icc, imir, irot, ispe, nclx

HERE = Path(__file__).parent.parent / "tests/fixtures/hdr-heic"
FULL = nclx(2, 2, 2, 1)
SIZE, MAP = (192, 128), (96, 64)
HEADROOM = (1_058_986, 1_048_501), (7_471, 6_307)


def aux(kind):
    return full(b"auxC", 0, 0, kind + b"\0")


APPLE = aux(b"urn:com:apple:photo:2020:aux:hdrgainmap")
SAMSUNG = aux(b"urn:com:samsung:photo:2024:aux:hdrgainmap")


def tmap(numbers=NUMBERS, version=0, flags=0x40):
    # behind the marker, the length and the name
    return bytes([version]) + iso(numbers, flags)[4 + 28:]


def gray(samples, quality=95):
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(samples)).save(out, quality=quality)
    return Coded(None, file=out.getvalue())


def pictures(size=SIZE, times=2):
    """The base, and the logarithm of the gain in 0 to 1, of half the size."""
    tint, boost = scene(*size)
    stops = np.log2(boost)
    stops = stops.reshape(size[1] // times, times, size[0] // times, times).mean((1, 3))
    return bytes_of(encode_srgb(tint)), bytes_of(stops / 2)


def apple_samples(log_map, headroom):
    """Apple's samples of a map: light of Rec. 709's curve."""
    light = (np.exp2(log_map / 255 * np.log2(headroom)) - 1) / (headroom - 1)
    return bytes_of(np.where(light < 0.018, 4.5 * light, 1.099 * light**0.45 - 0.099))


def exif(overall=HEADROOM[0], gain=HEADROOM[1]):
    """An `Exif` item of an Apple camera; without `gain` its tag is missing."""
    entries = [(33, overall)] + ([(48, gain)] if gain else [])
    start = 14 + 2 + 12 * len(entries) + 4
    note = b"Apple iOS\0\0\x01MM" + struct.pack(">H", len(entries))
    for n, (tag, _) in enumerate(entries):
        note += struct.pack(">HHII", tag, 10, 1, start + 8 * n)
    note += bytes(4) + b"".join(struct.pack(">ii", *number) for _, number in entries)
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIII", 1, 0x8769, 4, 1, 26, 0)
    tiff += struct.pack(">HHHIII", 1, 0x927C, 7, len(note), 44, 0) + note
    return b"\0\0\0\x06Exif\0\0" + tiff


def coded_item(coded, size, *properties):
    shown = [] if size == coded.size else [cut(coded, 0, 0, *size)]
    return (b"hvc1", coded.data, [config(coded), ispe(*coded.size), *shown, *properties])


def joined(base, second, derived=None, auxiliary=None, note=None, turns=(), map_turns=None, of_map=(), first=(), to=None, samsung=False):
    """Items: the base 1, the map 2, then the derived picture and the EXIF data."""
    map_turns = turns if map_turns is None else map_turns
    kind = [APPLE] if auxiliary else [SAMSUNG] if samsung else []
    items = [coded_item(*base, *first, *turns), coded_item(*second, FULL, *kind, *of_map, *map_turns)]
    references = [(b"auxl", 2, [1])] if auxiliary or samsung else []
    if derived is not None:
        items.append((b"tmap", derived, [ispe(*base[1])]))
        references.append((b"dimg", len(items), to or [1, 2]))
    if note is not None:
        items.append((b"Exif", note, []))
        references.append((b"cdsc", len(items), [1]))
    return heic(items, references)


def grids(base, log_map, note):
    """Both in tiles of 64."""
    def tiles(samples, code):
        rows, columns = samples.shape[0] // 64, samples.shape[1] // 64
        parts = [samples[64 * y:64 * y + 64, 64 * x:64 * x + 64] for y in range(rows) for x in range(columns)]
        coded = [code(np.ascontiguousarray(part)) for part in parts]
        size = (64 * columns, 64 * rows)
        head = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, *size)
        return head, size, [(b"hvc1", one.data, [config(one), ispe(64, 64)]) for one in coded]

    head, size, first = tiles(base, lambda part: Coded(None, file=encoded(part, quality=95)))
    map_head, map_size, second = tiles(log_map, gray)
    items = [(b"grid", head, [ispe(*size), irot(3)]), (b"grid", map_head, [ispe(*map_size), FULL, irot(3)])]
    references = [(b"dimg", 1, list(range(3, 3 + len(first)))), (b"dimg", 2, list(range(3 + len(first), 3 + len(first) + len(second))))]
    items += first + second
    items.append((b"tmap", note, [ispe(*size)]))
    references.append((b"dimg", len(items), [1, 2]))
    return heic(items, references)


def main():
    HERE.mkdir(exist_ok=True)
    base_pixels, log_map = pictures()
    base = (Coded(None, file=encoded(base_pixels, quality=95)), SIZE)
    second = (gray(log_map), MAP)
    headroom = 2.0 ** (-0.303 * HEADROOM[1][0] / HEADROOM[1][1] + 2.303)
    apple = (gray(apple_samples(log_map, headroom)), MAP)
    colors = np.stack([log_map, log_map // 2 + 20, 255 - log_map // 3], 2)
    several = (Coded(None, file=encoded(colors, quality=95, chroma=444)), MAP)
    by_channel = ((0, 0.1, 0.2), (2, 1.5, 1), (1, 1, 1), (0.01, 0.01, 0.01), (0.01, 0.01, 0.01), 0, 2)
    odd, odd_map = (base[0], (187, 121)), (second[0], (94, 61))
    large, large_map = pictures((640, 512))
    files = {
        "iso.heic": ("iso 96 x 64", joined(base, second, tmap())),
        "iso-gamma.heic": ("iso 96 x 64", joined(base, second, tmap((-0.5, 2, 1.5, 0.01, 0.02, 0, 2)))),
        "iso-cut.heic": ("iso 94 x 61", joined(odd, odd_map, tmap())),
        "iso-p3.heic": ("iso 96 x 64", joined(base, second, tmap(), first=[icc(P3)])),
        "iso-rgb.heic": ("iso 96 x 64", joined(base, several, tmap(by_channel), first=[nclx(1, 13, 6, 1)], of_map=[])),
        "iso-turned-1.heic": ("iso 96 x 64", joined(base, second, tmap(), turns=[irot(1)])),
        "iso-turned-2.heic": ("iso 96 x 64", joined(base, second, tmap(), turns=[irot(2)])),
        "iso-turned-3.heic": ("iso 96 x 64", joined(base, second, tmap(), turns=[irot(3)])),
        "iso-mirrored.heic": ("iso 96 x 64", joined(base, second, tmap(), turns=[imir(1)])),
        "iso-mirrored-turned.heic": ("iso 96 x 64", joined(base, second, tmap(), turns=[irot(1), imir(0)])),
        "iso-untold.heic": ("iso 96 x 64", joined(base, second, tmap(), turns=[irot(3)], map_turns=[])),
        "iso-and-apple.heic": ("iso 96 x 64", joined(base, second, tmap(), auxiliary=True, note=exif())),
        "iso-and-samsung.heic": ("iso 96 x 64", joined(base, second, tmap(), samsung=True)),
        "iso-damaged-and-apple.heic": ("apple 96 x 64", joined(base, apple, tmap()[:20], auxiliary=True, note=exif())),
        "grids.heic": ("iso 320 x 256", grids(large, large_map, tmap())),
        "apple.heic": ("apple 96 x 64", joined(base, apple, auxiliary=True, note=exif())),
        "apple-turned.heic": ("apple 96 x 64", joined(base, apple, auxiliary=True, note=exif(), turns=[irot(3)])),
        "apple-no-note.heic": ("none, no note of the camera", joined(base, apple, auxiliary=True)),
        "apple-one-number.heic": ("none, one of the numbers is missing", joined(base, apple, auxiliary=True, note=exif(gain=None))),
        "apple-no-headroom.heic": ("none, nothing is brighter", joined(base, apple, auxiliary=True, note=exif(gain=(90, 1)))),
        "apple-rgb.heic": ("none, of colours", joined(base, several, auxiliary=True, note=exif())),
        "samsung-alone.heic": ("none, no numbers", joined(base, second, samsung=True)),
        "backward.heic": ("none, the base is the brighter picture", joined(base, second, tmap((0, 2, 1, 0, 0, 2, 0)))),
        "later-version.heic": ("none, a later version", joined(base, second, tmap(version=1))),
        "short.heic": ("none, the numbers end early", joined(base, second, tmap()[:30])),
        "no-denominator.heic": ("none, a denominator of 0", joined(base, second, tmap()[:10] + bytes(4) + tmap()[14:])),
        "three-parts.heic": ("none, derived of three", joined(base, second, tmap(), to=[1, 2, 2])),
        "other-base.heic": ("none, derived of another base", joined(base, second, tmap(), to=[2, 1])),
        "turned-otherwise.heic": ("none, turned otherwise", joined(base, second, tmap(), turns=[irot(3)], map_turns=[irot(1)])),
        "larger.heic": ("none, larger than the base", joined(second, base, tmap())),
        "rgb-p3.heic": ("none, gains of Display P3", joined(base, several, tmap(by_channel), first=[icc(P3)])),
        "missing.heic": ("none, the map's data is missing", None),
        "damaged.heic": ("none, the map's data is damaged", None),
    }
    whole = files["iso.heic"][1]
    at = whole.index(second[0].data)
    files["damaged.heic"] = (files["damaged.heic"][0], whole[:at + 40] + bytes(200) + whole[at + 240:])
    # the place of the map's bytes, in the list of places: beyond the end
    place = whole.index(struct.pack(">HHII", 0, 1, at, len(second[0].data)))
    files["missing.heic"] = (files["missing.heic"][0], whole[:place + 4] + struct.pack(">I", len(whole) - 4) + whole[place + 8:])
    lines = []
    for name, (told, data) in sorted(files.items()):
        (HERE / name).write_bytes(data)
        lines.append(f"{name} {told}")
    (HERE / "maps.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
