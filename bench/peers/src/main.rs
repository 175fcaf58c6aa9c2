//! `truecrop-bench-peers image|zune FILE X Y WIDTH HEIGHT OUT-WIDTH OUT-HEIGHT ROUNDS`: prints the median milliseconds of CPU time.
//!
//! Decoding by the `image` crate (JPEG, PNG, WebP) or by zune-jpeg, Lanczos3 by fast_image_resize, JPEG quality 85 by `image`.

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageReader};
use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::io::Cursor;
use zune_jpeg::JpegDecoder;

/// Whatever went wrong: shown, and the end.
type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [how, file, numbers @ ..] = &args[..] else {
        return Err("usage: HOW FILE X Y W H OUT-W OUT-H ROUNDS".into());
    };
    let numbers: Vec<u32> = numbers.iter().map(|n| n.parse()).collect::<Result<_, _>>()?;
    let [x, y, width, height, out_width, out_height, rounds] = numbers[..] else {
        return Err("seven numbers".into());
    };
    let mut times = Vec::new();
    for _ in 0..rounds.max(1) {
        let start = cpu();
        let source = if how == "zune" { by_zune(file)? } else { by_image(file)? };
        let mut small = Image::new(out_width, out_height, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).crop(
            x.into(),
            y.into(),
            width.into(),
            height.into(),
        );
        Resizer::new().resize(&source, &mut small, &options)?;
        let mut out = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut out, 85);
        encoder.encode(small.buffer(), out_width, out_height, ExtendedColorType::Rgb8)?;
        times.push(cpu() - start);
    }
    times.sort_by(f64::total_cmp);
    println!("{{\"ms\":{}}}", times[times.len() / 2]);
    Ok(())
}

/// Milliseconds of CPU time that this process has used.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn by_image(file: &str) -> Result<Image<'static>, Failure> {
    let mut reader = ImageReader::open(file)?.with_guessed_format()?;
    reader.no_limits();
    let picture = reader.decode()?.into_rgb8();
    let (width, height) = picture.dimensions();
    Ok(Image::from_vec_u8(width, height, picture.into_raw(), PixelType::U8x3)?)
}

fn by_zune(file: &str) -> Result<Image<'static>, Failure> {
    let mut decoder = JpegDecoder::new(Cursor::new(std::fs::read(file)?));
    let pixels = decoder.decode()?;
    let (width, height) = decoder.dimensions().ok_or("no size")?;
    Ok(Image::from_vec_u8(width as u32, height as u32, pixels, PixelType::U8x3)?)
}
