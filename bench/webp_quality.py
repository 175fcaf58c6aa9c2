"""How small lossy WebP is beside cwebp's and beside truecrop's own JPEG, at equal SSIM.

    python3 bench/webp_quality.py PICTURE-OR-FOLDER... [--binary target/release/truecrop] [--qualities 50,75,90] [--sizes 512x512,1600x900] [--each]

Of each photograph the middle is cut in each size, where it is large enough, pixel for pixel. `cwebp -q Q -m 4` writes it
once for each Q; truecrop writes WebP and JPEG at many qualities. The bytes of these at cwebp's SSIM are interpolated: the logarithm of the
bytes over the logarithm of 1 - SSIM. SSIM is that of the luma, by a Gaussian window of 11 x 11 (sigma 1.5), after decoding by Pillow
(libwebp and libjpeg-turbo). Where cwebp's SSIM lies outside of the range, the row is left out.

Needs cwebp, Pillow and numpy.
"""

import argparse
import math
import subprocess
import tempfile
from pathlib import Path

import numpy
from PIL import Image

LADDER = [30, 50, 68, 80, 88, 94]
JPEG_LADDER = [30, 50, 68, 80, 88, 94, 98]
WINDOW = numpy.exp(-((numpy.arange(11) - 5) ** 2) / (2 * 1.5**2))
WINDOW /= WINDOW.sum()


def blur(plane):
    rows = sum(weight * plane[i : plane.shape[0] - 10 + i] for i, weight in enumerate(WINDOW))
    return sum(weight * rows[:, i : rows.shape[1] - 10 + i] for i, weight in enumerate(WINDOW))


def luma(image):
    return numpy.asarray(image.convert("RGB"), numpy.float64) @ [0.299, 0.587, 0.114]


def ssim(a, b):
    mean_a, mean_b = blur(a), blur(b)
    variance_a, variance_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))).mean())


def bytes_at(points, value):
    """The bytes at this SSIM, between the two nearest points; None outside."""
    points = sorted((-math.log(1 - s), math.log(size)) for size, s in points)
    want = -math.log(1 - value)
    for (a, x), (b, y) in zip(points, points[1:]):
        if a <= want <= b and a < b:
            return math.exp(x + (y - x) * (want - a) / (b - a))
    return None


def crops(path, sizes):
    image = Image.open(path).convert("RGB")
    for width, height in sizes:
        if image.width >= width and image.height >= height:
            left, top = (image.width - width) // 2, (image.height - height) // 2
            yield f"{path.stem} {width} x {height}", image.crop((left, top, left + width, top + height))


def measure(picture, make, qualities, folder):
    """(bytes, SSIM) of a picture at each quality."""
    want, points = luma(picture), []
    picture.save(folder / "in.png")
    for quality in qualities:
        file = make(folder / "in.png", quality)
        points.append((file.stat().st_size, ssim(want, luma(Image.open(file)))))
    return points


def truecrop(binary, kind):
    def make(source, quality):
        out, size = source.with_name(f"out.{kind}"), "x".join(map(str, Image.open(source).size))
        subprocess.run([binary, "crop", source, "--size", size, "--quality", str(quality), "-o", out], check=True)
        return out

    return make


def cwebp(source, quality):
    out = source.with_name("cwebp.webp")
    subprocess.run(["cwebp", "-quiet", "-q", str(quality), "-m", "4", source, "-o", out], check=True)
    return out


def mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--binary", default="target/release/truecrop")
    parser.add_argument("--qualities", default="50,75,90")
    parser.add_argument("--sizes", default="512x512,1600x900")
    parser.add_argument("--each", action="store_true", help="a line for each picture")
    options = parser.parse_args()
    sizes = [tuple(map(int, size.split("x"))) for size in options.sizes.split(",")]
    qualities = [int(q) for q in options.qualities.split(",")]
    endings = (".jpg", ".jpeg", ".png")
    files = [f for s in options.sources for f in (sorted(s.rglob("*")) if s.is_dir() else [s]) if f.suffix.lower() in endings]
    ratios = {q: ([], []) for q in qualities}
    pictures = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name, picture in (crop for file in files for crop in crops(file, sizes)):
            pictures += 1
            theirs = measure(picture, cwebp, qualities, folder)
            webp = measure(picture, truecrop(options.binary, "webp"), LADDER, folder)
            jpeg = measure(picture, truecrop(options.binary, "jpg"), JPEG_LADDER, folder)
            line = []
            for quality, (size, value) in zip(qualities, theirs):
                ours, own_jpeg = bytes_at(webp, value), bytes_at(jpeg, value)
                line.append(f"{ours / size:.3f} {ours / own_jpeg:.3f}" if ours and own_jpeg else "-")
                if ours:
                    ratios[quality][0].append(ours / size)
                if ours and own_jpeg:
                    ratios[quality][1].append(ours / own_jpeg)
            if options.each:
                print(f"| {name} | " + " | ".join(line) + " |", flush=True)
    print(f"{pictures} pictures; bytes at equal SSIM, geometric means, in brackets the least and the greatest")
    print("| cwebp -q | WebP / cwebp -m 4 | pictures | WebP / JPEG | pictures |")
    print("| --- | --- | --- | --- | --- |")
    for quality, both in ratios.items():
        cells = [f"{mean(r):.3f} ({min(r, default=0):.2f} to {max(r, default=0):.2f}) | {len(r)}" for r in both]
        print(f"| {quality} | " + " | ".join(cells) + " |")


main()
