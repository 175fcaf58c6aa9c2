//! Decodes the middle of a picture for the crate `image`: of a JPEG at the smallest size that still has enough pixels, so that
//! a large photo takes little time and memory. Writes it as a BMP, turned as the file says.
//!
//! `cargo run --release -p truecrop-core --features image --example image_window -- photo.jpg out.bmp 256`

use image::{DynamicImage, ImageDecoder, ImageFormat};
use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;
use truecrop_core::image::{SourceDecoder, Window};
use truecrop_core::probe::probe;
use truecrop_core::{Limits, Reader};

const USAGE: &str = "usage: image_window SOURCE OUT SIDE

SOURCE is a picture. OUT becomes a BMP of a square of up to SIDE pixels around its middle.
Exit code: 0 done, 1 refused, 2 wrong usage.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let side = args.get(2).and_then(|side| side.parse().ok());
    let ([source, out, _], Some(side)) = (args.as_slice(), side) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match write_window(source, out, side) {
        Ok(picture) => {
            println!("{out}: {} x {} pixels", picture.width(), picture.height());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write_window(source: &str, out: &str, side: u32) -> Result<DynamicImage, Box<dyn Error>> {
    let limits = Limits::default();
    let mut source: Reader = Box::new(BufReader::new(File::open(source)?));
    let stored = probe(&mut *source, &limits)?;
    let (width, height) = (stored.stored().width, stored.stored().height);
    // The smallest size of the picture that still holds the square.
    let scales = SourceDecoder::scales(&stored);
    let at = |side: u32, scale: u8| (u64::from(side) * u64::from(scale)).div_ceil(8) as u32;
    let scale = scales.iter().copied().find(|&n| at(width.min(height), n) >= side).unwrap_or(8);
    let (width, height) = (at(width, scale), at(height, scale));
    let side = side.min(width).min(height);
    let window = Window { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side };
    let mut decoder = SourceDecoder::with_window(source, &limits, scale, window)?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    picture.to_rgba8().save_with_format(out, ImageFormat::Bmp)?;
    Ok(picture)
}
