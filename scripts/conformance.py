#!/usr/bin/env python3
"""Public collections of pictures through `truecrop crop` and through Pillow, upright and in sRGB, pixel by pixel.

    python3 scripts/conformance.py [FOLDER] [--binary target/release/truecrop] [--list FILE]

FOLDER (or TRUECROP_CONFORMANCE) has one folder for each collection. Prints a table: of how many files every sample agrees,
agrees within 1, within the tolerance; how many are refused by both or by one; how many differ, and of how many Pillow is known
to read less or more. `--list` writes what every file got.

The reference is Pillow (libjpeg-turbo, libpng's rules, libwebp, lcms2): the first frame, turned as the EXIF
orientation says, its colours taken to sRGB by its profile (perceptual intent), and of 8 bits. What is transparent is
compared as it looks over black and over white. The tolerance is 3 levels for pictures with a profile, 2 for CMYK and for 16
bits, and 1 for all others. Files that truecrop calls truncated are counted, and not compared: what is missing is filled by each
decoder in its own way. PNGs with gAMA and neither profile nor sRGB chunk get its curve, and the primaries of cHRM, in float64
(PNG 3, 4.3), because Pillow leaves these chunks aside; but gAMA alone of 1/2.2, give or take 5 %, is taken for sRGB's curve, as browsers do. "Known" are PNGs with cICP, which it leaves aside too; orientations that stand in
XMP or in a text chunk alone, which Pillow obeys and browsers do not; and GIFs whose first frame leaves a part of the picture free, which
Pillow fills and browsers do not.

It needs numpy and Pillow with lcms2.
"""

import argparse
import collections
import io
import json
import os
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageFile, ImageOps

SUFFIXES = "jpg jpeg jpe jfif png apng gif webp tif tiff bmp ico tga pnm pgm ppm pbm pam qoi".split()
OUTCOMES = [
    "equal", "within 1", "within the tolerance", "refused by both", "refused by truecrop", "refused by Pillow",
    "said to be truncated", "known", "differ",
]  # fmt: skip
ORIENTATION = 0x0112
SRGB = ImageCms.createProfile("sRGB")
MOST_PIXELS = 60_000_000


class Refused(Exception):
    """Why a decoder gives no picture."""


def known(picture, extents):
    """What Pillow reads in another way than truecrop on purpose, if anything."""
    if picture.format == "PNG" and b"cICP" in Path(picture.filename).read_bytes()[:4096]:
        return "the colours are told by cICP"
    if picture.format == "GIF" and extents != (0, 0, *picture.size):
        return "the first frame is smaller than the picture"
    if "exif" not in picture.info and picture.getexif().get(ORIENTATION, 1) != 1:
        return "the orientation is told by XMP"
    if "Raw profile type exif" in picture.info and picture.getexif().get(ORIENTATION, 1) != 1:
        return "the orientation is told by a text chunk"
    return None


def reference(path):
    """Samples as rows x columns x 4 with alpha, the tolerance, and what is [`known`]."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(path)
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("too large for this comparison")
            gamma, primaries = picture.info.get("gamma"), picture.info.get("chromaticity")
            deep = picture.mode.startswith("I;16") or picture.mode in ("I", "F")
            profile, transparency = picture.info.get("icc_profile"), picture.info.get("transparency")
            extents = picture.tile[0][1] if picture.tile else None
            picture.load()
            reason = known(picture, extents)
            picture = ImageOps.exif_transpose(picture)
            # as in browsers, a gAMA alone that is as good as sRGB's own curve is taken for it
            usual = bool(gamma) and not primaries and abs(gamma * 2.2 - 1) <= 0.05
            coded = bool(gamma) and not usual and not profile and "srgb" not in picture.info
            tolerance = 3 if profile or coded else 2 if deep or picture.mode == "CMYK" else 1
            if deep:
                samples = np.asarray(picture).astype(np.float64)
                picture = Image.fromarray(np.floor(samples / 257 + 0.5).clip(0, 255).astype(np.uint8))
                if isinstance(transparency, int):
                    picture.putalpha(Image.fromarray(np.where(samples == transparency, 0, 255).astype(np.uint8)))
                transparency = None
            if picture.mode == "L" and picture.format == "PNG" and isinstance(transparency, int):
                bits = path.read_bytes()[24]
                picture.info["transparency"] = transparency % 2**bits * 255 // (2**bits - 1)
            if picture.mode == "1" and transparency is not None:
                picture = picture.convert("L")
                picture.info["transparency"] = transparency
            if picture.mode == "P" or transparency is not None:
                picture = picture.convert("RGBA")
            if profile:
                picture = to_srgb(picture, profile)
            samples = np.asarray(picture.convert("RGBA"))
            return by_gamma(samples, gamma, primaries) if coded else samples, tolerance, reason
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}") from error


def to_srgb(picture, profile):
    """The picture in sRGB; as it is where the profile cannot be used on it."""
    alpha = picture.getchannel("A") if "A" in picture.getbands() else None
    colour = {"RGBA": "RGB", "RGBX": "RGB", "LA": "L", "1": "L"}.get(picture.mode)
    plain = picture.convert(colour) if colour else picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        plain = ImageCms.profileToProfile(plain, source, SRGB, outputMode="RGB")
    except ImageCms.PyCMSError:
        plain = plain.convert("RGB")
    if alpha:
        plain.putalpha(alpha)
    return plain


def by_gamma(samples, gamma, primaries):
    """Samples whose light is their power 1 / gamma, in sRGB."""
    light = (samples[..., :3] / 255.0) ** (1 / gamma)
    srgb = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
    if primaries and np.abs(np.array(primaries) - srgb).max() > 0.002:
        light = (light @ (np.linalg.inv(to_xyz(srgb)) @ to_xyz(primaries)).T).clip(0, 1)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.dstack([np.floor(coded * 255 + 0.5).astype(np.uint8), samples[..., 3]])


def to_xyz(chromaticities):
    """The matrix from light of these primaries to XYZ, adapted to D50 (Bradford)."""
    white, *points = ([x / y, 1, (1 - x - y) / y] for x, y in zip(chromaticities[::2], chromaticities[1::2]))
    matrix = np.array(points).T
    matrix = matrix * np.linalg.solve(matrix, white)
    cone = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    scale = np.diag((cone @ [0.9642, 1, 0.8249]) / (cone @ white))
    return np.linalg.inv(cone) @ scale @ cone @ matrix


class Truecrop:
    """The command line as a decoder."""

    def __init__(self, binary, folder):
        self.binary, self.out, self.receipt = binary, Path(folder) / "out.png", Path(folder) / "receipt.json"

    def run(self, path, *options):
        command = [self.binary, "crop", path, "--format", "png", "-o", self.out, "--receipt", self.receipt, *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, errors="replace")
        if done.returncode != 0:
            raise Refused(" ".join(done.stderr.split())[:200] or f"ended with {done.returncode}")
        return json.loads(self.receipt.read_text())["source"]

    def picture(self, path, size=None):
        """The whole picture pixel by pixel, and the receipt's facts. Its size is asked for where it is not known."""
        if size is None:
            facts = self.run(path, "--size", "1x1")
            size = facts["width"], facts["height"]
        width, height = size
        facts = self.run(path, "--size", f"{width}x{height}", "--crop", f"0,0,{width},{height}")
        return np.asarray(Image.open(self.out).convert("RGBA")), facts


def distance(a, b):
    """The largest difference of a sample, as seen over black and over white."""
    if np.array_equal(a, b):
        return 0
    if a[..., 3].min() == b[..., 3].min() == 255:
        return int(max((np.maximum(x, y) - np.minimum(x, y)).max() for x, y in zip(a, b)))
    most = 0
    for top in range(0, a.shape[0], 512):
        left, right = (v[top : top + 512].astype(np.int64) for v in (a, b))
        for ground in (0, 255):
            over = [(v[..., :3] * v[..., 3:] + ground * (255 - v[..., 3:])) / 255 for v in (left, right)]
            most = max(most, float(np.abs(over[0] - over[1]).max()))
    return round(most)


def compare(binary, path):
    """The outcome and a remark."""
    with tempfile.TemporaryDirectory() as folder:
        return outcome_of(Truecrop(binary, folder), path)


def outcome_of(truecrop, path):
    wanted, ours = None, None
    try:
        wanted, tolerance, reason = reference(path)
    except Refused as error:
        theirs = str(error)
    try:
        size = None if wanted is None else (wanted.shape[1], wanted.shape[0])
        try:
            ours, facts = truecrop.picture(path, size)
        except Refused:
            # another size than Pillow's, or a true refusal
            ours, facts = truecrop.picture(path)
    except Refused as error:
        return ("refused by both", theirs) if wanted is None else ("refused by truecrop", str(error))
    if wanted is None:
        return ("said to be truncated", theirs) if facts.get("truncated") else ("refused by Pillow", theirs)
    if facts.get("truncated"):
        return "said to be truncated", ""
    if ours.shape != wanted.shape or (facts["width"], facts["height"]) != (wanted.shape[1], wanted.shape[0]):
        remark = f"{facts['width']} x {facts['height']} for {wanted.shape[1]} x {wanted.shape[0]}"
        return ("known", f"{remark}, {reason}") if reason else ("differ", remark)
    most = distance(ours, wanted)
    if most > tolerance:
        share = np.count_nonzero(np.abs(ours.astype(int) - wanted.astype(int)).max(axis=2) > tolerance)
        remark = f"by {most} of {tolerance}, {100 * share / ours[..., 0].size:.1f} % of the pixels"
        return ("known", f"{remark}, {reason}") if reason else ("differ", remark)
    return ("equal" if most == 0 else "within 1" if most == 1 else "within the tolerance"), f"{most}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.environ.get("TRUECROP_CONFORMANCE"))
    parser.add_argument("--binary", default="target/release/truecrop")
    parser.add_argument("--list", help="file for what every picture got")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if not arguments.folder:
        parser.error("name a folder, or set TRUECROP_CONFORMANCE")
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    root, counts, lines = Path(arguments.folder), {}, []
    files = [p for p in sorted(root.glob("*/**/*")) if p.is_file() and p.suffix.lower()[1:] in SUFFIXES]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        results = pool.map(lambda path: compare(arguments.binary, path), files)
        for path, (outcome, remark) in zip(files, results):
            name = path.relative_to(root)
            for key in (("collection", name.parts[0]), ("collection", "all"), ("ending", path.suffix.lower()[1:])):
                counts.setdefault(key, collections.Counter())[outcome] += 1
            lines.append(f"{outcome}\t{name}\t{remark}")
            print(lines[-1], file=sys.stderr, flush=True)
    table(counts, "collection")
    table(counts, "ending")
    if arguments.list:
        Path(arguments.list).write_text("\n".join(sorted(lines)) + "\n")


def table(counts, by):
    print(f"\n| {by}, files | {' | '.join(OUTCOMES)} |\n|{' --- |' * (len(OUTCOMES) + 1)}")
    for (kind, name), found in sorted(counts.items(), key=lambda item: (item[0][1] == "all", item[0][1])):
        if kind == by:
            print(f"| {name}, {found.total()} | {' | '.join(str(found[o]) for o in OUTCOMES)} |")


if __name__ == "__main__":
    main()
