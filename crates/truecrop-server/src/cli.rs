//! The command line's words.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use truecrop_core::geometry::{Flip, Size};
use truecrop_core::recipe::{Background, Format};

/// The crop you see is the crop that gets stored.
///
/// Exit code 0: done; 1: refused, with problem JSON on standard error; 2: wrong usage.
#[derive(Debug, Parser)]
#[command(name = "truecrop", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Crop a picture, exactly as the browser would.
    Crop(Box<CropOptions>),
    /// Check a receipt with its outputs and, if there, its source.
    Verify(VerifyOptions),
    /// Take uploads over HTTP.
    Serve(ServeOptions),
    /// Delete what was uploaded and never confirmed.
    Sweep(SweepOptions),
}

/// `truecrop crop`.
#[derive(Debug, Args)]
pub struct CropOptions {
    /// The picture.
    pub source: PathBuf,
    /// Size of the output.
    #[arg(long, value_name = "WxH", required_unless_present = "recipe")]
    pub size: Option<Sides>,
    /// 1 = the picture just covers the frame; brought within what is possible.
    #[arg(long, default_value_t = 1.0, conflicts_with_all = ["crop", "recipe"])]
    pub zoom: f64,
    /// The frame's centre, as fractions of the picture.
    #[arg(long, value_name = "X,Y", default_value = "0.5,0.5", allow_hyphen_values = true, conflicts_with_all = ["crop", "recipe"])]
    pub center: Numbers<2>,
    /// The rectangle to cut, in pixels of the picture as it is seen.
    #[arg(long, value_name = "X,Y,W,H", allow_hyphen_values = true, conflicts_with = "recipe")]
    pub crop: Option<Numbers<4>>,
    /// Degrees clockwise.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true, conflicts_with = "recipe")]
    pub rotate: f64,
    /// Mirror before the turn.
    #[arg(long, default_value = "none", conflicts_with = "recipe")]
    pub flip: FlipWord,
    /// Format of the output; else by the ending of OUT.
    #[arg(long, conflicts_with = "recipe")]
    pub format: Option<FormatWord>,
    /// JPEG quality, 1 to 100.
    #[arg(long, conflicts_with = "recipe", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: Option<u8>,
    /// Most bytes of the output; a JPEG takes a lower quality for it.
    #[arg(long, value_name = "N", conflicts_with = "recipe", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_bytes: Option<u32>,
    /// #rrggbb or transparent, for what lies outside the picture and under transparent pixels.
    #[arg(long, conflicts_with = "recipe", value_parser = parse_background)]
    pub background: Option<Background>,
    /// A recipe in JSON instead of the options above.
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// The instructions to use; both give the same bytes.
    #[arg(long, default_value = "auto")]
    pub simd: Simd,
    /// Where the output goes; NAME=FILE, repeated, for a recipe with several.
    #[arg(short, long = "out", value_name = "OUT", required = true)]
    pub out: Vec<String>,
    /// Where the receipt goes.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// `truecrop verify`.
#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// The receipt.
    #[arg(long, value_name = "FILE")]
    pub receipt: PathBuf,
    /// An output, by the name that it has in the receipt; repeated for several.
    #[arg(long = "output", value_name = "NAME=FILE", required = true, value_parser = parse_named_file)]
    pub outputs: Vec<(String, PathBuf)>,
    /// The source: proves everything.
    #[arg(long, value_name = "FILE")]
    pub source: Option<PathBuf>,
    /// The application's rules, in JSON.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// `truecrop serve`.
#[derive(Debug, Default, Args)]
pub struct ServeOptions {
    /// Address and port.
    #[arg(long, env = "TRUECROP_LISTEN")]
    pub listen: Option<std::net::SocketAddr>,
    /// A folder, or the URL of a store.
    #[arg(long, env = "TRUECROP_STORE", value_name = "DIR-or-URL")]
    pub store: Option<String>,
    /// Configuration in TOML.
    #[arg(long, env = "TRUECROP_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A folder of static files to serve as well, such as the demo page.
    #[arg(long, env = "TRUECROP_WWW", value_name = "DIR")]
    pub www: Option<PathBuf>,
}

/// `truecrop sweep`.
#[derive(Debug, Args)]
pub struct SweepOptions {
    /// Age of what is deleted, such as 24h or 30m.
    #[arg(long, value_name = "AGE", value_parser = humantime::parse_duration)]
    pub older_than: Duration,
    /// A folder, or the URL of a store.
    #[arg(long, env = "TRUECROP_STORE", value_name = "DIR-or-URL")]
    pub store: Option<String>,
    /// Configuration in TOML.
    #[arg(long, env = "TRUECROP_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only say what would be deleted.
    #[arg(long)]
    pub dry_run: bool,
}

/// `--flip`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FlipWord {
    /// As it is.
    None,
    /// Left and right change places.
    Horizontal,
    /// Top and bottom change places.
    Vertical,
    /// Both.
    Both,
}

impl From<FlipWord> for Flip {
    fn from(word: FlipWord) -> Self {
        match word {
            FlipWord::None => Flip::None,
            FlipWord::Horizontal => Flip::Horizontal,
            FlipWord::Vertical => Flip::Vertical,
            FlipWord::Both => Flip::Both,
        }
    }
}

/// `--format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatWord {
    /// Baseline JPEG.
    #[value(alias = "jpg")]
    Jpeg,
    /// PNG.
    Png,
    /// Lossless WebP.
    Webp,
}

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Self {
        match word {
            FormatWord::Jpeg => Format::Jpeg,
            FormatWord::Png => Format::Png,
            FormatWord::Webp => Format::Webp,
        }
    }
}

/// `--simd`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Simd {
    /// What the machine has.
    Auto,
    /// The specification.
    Scalar,
}

/// `WxH`.
#[derive(Clone, Copy, Debug)]
pub struct Sides(pub Size);

impl FromStr for Sides {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.split_once(['x', 'X']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        match sides {
            Some((width, height)) if width > 0 && height > 0 => Ok(Self(Size::new(width, height))),
            _ => Err("a size is written WxH, such as 512x512".to_owned()),
        }
    }
}

/// Numbers with commas between them.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<const N: usize>(pub [f64; N]);

impl<const N: usize> FromStr for Numbers<N> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        let fine =
            numbers.filter(|list| list.iter().all(|v| v.is_finite())).and_then(|list| list.try_into().ok());
        fine.map(Self).ok_or_else(|| format!("{N} numbers with commas between them are wanted"))
    }
}

fn parse_background(text: &str) -> Result<Background, String> {
    text.parse().map_err(|e: truecrop_core::Error| e.detail().to_owned())
}

fn parse_named_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("an output is written NAME=FILE, such as main=out.jpg".to_owned()),
    }
}
