//! The command line: commands, flags and the parsers of their values. A new flag is added here, and read in the file of
//! its command in `commands`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use truecrop_core::geometry::{Flip, Size};
use truecrop_core::recipe::{Background, Format, Hdr, Mask};

/// The crop you see is the crop that gets stored.
///
/// Exit code 0: done; 1: refused, with problem JSON on standard error; 2: wrong usage. When the reader of standard
/// output stops early, the rest of the output is dropped and the exit code is that of the work.
#[derive(Debug, Parser)]
#[command(name = "truecrop", version)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Crop a picture, exactly as the browser would.
    Crop(Box<CropOptions>),
    /// Check a receipt against its outputs and, if given, its source.
    Verify(VerifyOptions),
    /// Serve the HTTP API that accepts uploads.
    Serve(ServeOptions),
    /// Delete uploads that were never confirmed.
    Sweep(SweepOptions),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look after the store.
    #[command(subcommand)]
    Store(StoreCommand),
    /// Make or check a policy token: a permission to upload.
    #[command(subcommand)]
    Token(TokenCommand),
}

/// `truecrop token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Sign a policy, and print the token.
    Make(Box<MakeTokenOptions>),
    /// Check a token as a server of this configuration would now, and print what it says.
    Check(CheckTokenOptions),
}

/// `truecrop token make`.
#[derive(Debug, Args)]
pub struct MakeTokenOptions {
    /// The policy, in JSON; without one the token allows what the server allows.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// How long the token is good.
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = humantime::parse_duration)]
    pub expires_in: Duration,
    /// From when on it is good, counted from now.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub not_before: Option<Duration>,
    /// The server that it is for; by default that of the configuration.
    #[arg(long, value_name = "NAME")]
    pub audience: Option<String>,
    /// Who uploads, in the application's words.
    #[arg(long, value_name = "NAME")]
    pub subject: Option<String>,
    /// Good for one upload only: the token gets an id of its own.
    #[arg(long)]
    pub once: bool,
    /// The key, by its id in the configuration: by default the first one with a secret.
    #[arg(long, value_name = "ID")]
    pub key: Option<String>,
    /// An Ed25519 private key, in PEM, that belongs to the public key of --key.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub private_key: Option<PathBuf>,
    /// Configuration file, in TOML.
    #[arg(long, env = "TRUECROP_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `truecrop token check`.
#[derive(Debug, Args)]
pub struct CheckTokenOptions {
    /// File of the token, or - for standard input.
    pub token: PathBuf,
    /// Configuration file, in TOML.
    #[arg(long, env = "TRUECROP_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `truecrop config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say what is wrong with the configuration that `truecrop serve` would use, or that nothing is.
    Check(ServeOptions),
}

/// `truecrop crop`.
#[derive(Debug, Args)]
pub struct CropOptions {
    /// The picture to crop.
    pub source: PathBuf,
    /// Size of the output.
    #[arg(long, value_name = "WxH", required_unless_present = "recipe")]
    pub size: Option<SizeArg>,
    /// Zoom: at 1 the picture just covers the frame. Clamped to what is possible.
    #[arg(long, default_value_t = 1.0, conflicts_with_all = ["crop", "recipe"])]
    pub zoom: f64,
    /// Centre of the frame, as fractions of the picture's width and height.
    #[arg(long, value_name = "X,Y", default_value = "0.5,0.5", allow_hyphen_values = true, conflicts_with_all = ["crop", "recipe"])]
    pub center: Numbers<2>,
    /// The crop rectangle, in pixels of the picture as it is displayed (after its EXIF orientation).
    #[arg(long, value_name = "X,Y,W,H", allow_hyphen_values = true, conflicts_with = "recipe")]
    pub crop: Option<Numbers<4>>,
    /// Rotation in degrees, clockwise.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true, conflicts_with = "recipe")]
    pub rotate: f64,
    /// Mirror the picture before it is rotated.
    #[arg(long, default_value = "none", conflicts_with = "recipe")]
    pub flip: FlipArg,
    /// Format of the output; by default that of the extension of OUT.
    #[arg(long, conflicts_with = "recipe")]
    pub format: Option<FormatArg>,
    /// Quality of a JPEG, 1 to 100 (85 by default); a WebP is lossy with it, and lossless without.
    #[arg(long, conflicts_with = "recipe", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub quality: Option<u8>,
    /// Largest size of the output in bytes; the quality of a JPEG or lossy WebP is lowered to reach it.
    #[arg(long, value_name = "N", conflicts_with = "recipe", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_bytes: Option<u32>,
    /// Keep the picture's gain map (HDR) in the output, a JPEG.
    #[arg(long, conflicts_with = "recipe")]
    pub hdr: Option<HdrArg>,
    /// Cut the output to an ellipse, a circle where it is a square: what lies outside is transparent. For PNG and WebP.
    #[arg(long, conflicts_with = "recipe")]
    pub mask: Option<MaskArg>,
    /// Colour outside the picture and under transparent pixels: #rrggbb, or transparent.
    #[arg(long, conflicts_with = "recipe", value_parser = parse_background)]
    pub background: Option<Background>,
    /// A recipe in JSON, instead of the options above.
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// CPU instructions to use; both choices give the same bytes.
    #[arg(long, default_value = "auto")]
    pub simd: SimdArg,
    /// File of the output, or - for standard output; NAME=FILE, repeated, for a recipe with several outputs.
    #[arg(short, long = "out", value_name = "OUT", required = true)]
    pub out: Vec<String>,
    /// File of the receipt.
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// `truecrop verify`.
#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// The receipt.
    #[arg(long, value_name = "FILE")]
    pub receipt: PathBuf,
    /// An output, by its name in the receipt; repeated for several.
    #[arg(long = "output", value_name = "NAME=FILE", required = true, value_parser = parse_named_file)]
    pub outputs: Vec<(String, PathBuf)>,
    /// The source: then the outputs are made again from it and compared.
    #[arg(long, value_name = "FILE")]
    pub source: Option<PathBuf>,
    /// The application's policy, in JSON.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// `truecrop serve`.
#[derive(Debug, Default, Args)]
pub struct ServeOptions {
    /// Address and port to listen on.
    #[arg(long, env = "TRUECROP_LISTEN")]
    pub listen: Option<std::net::SocketAddr>,
    /// A second address for operators: /livez, /readyz, /healthz and /metrics.
    #[arg(long, env = "TRUECROP_ADMIN_LISTEN")]
    pub admin_listen: Option<std::net::SocketAddr>,
    /// Folder or URL of the store.
    #[arg(long, env = "TRUECROP_STORE", value_name = "DIR-or-URL")]
    pub store: Option<String>,
    /// Configuration file, in TOML.
    #[arg(long, env = "TRUECROP_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of static files to serve as well, such as the demo page.
    #[arg(long, env = "TRUECROP_WWW", value_name = "DIR")]
    pub www: Option<PathBuf>,
    /// A collector of OpenTelemetry traces, by OTLP over HTTP, such as http://127.0.0.1:4318.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// The name of this service in the traces.
    #[arg(long, env = "OTEL_SERVICE_NAME", value_name = "NAME")]
    pub service_name: Option<String>,
}

/// `truecrop sweep`.
#[derive(Debug, Args)]
pub struct SweepOptions {
    /// Least age of the uploads to delete, such as 24h or 30m. What crashes have left goes after an hour.
    #[arg(long, value_name = "AGE", value_parser = humantime::parse_duration)]
    pub older_than: Duration,
    /// Folder or URL of the store.
    #[arg(long, env = "TRUECROP_STORE", value_name = "DIR-or-URL")]
    pub store: Option<String>,
    /// Configuration file, in TOML.
    #[arg(long, env = "TRUECROP_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Delete nothing, and print what would be deleted.
    #[arg(long)]
    pub dry_run: bool,
}

/// `truecrop store`.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// List all uploads, verify their digests, and find what crashes have left. Exit code 1 when something is wrong.
    Check(CheckOptions),
}

/// `truecrop store check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// First remove what crashes have left; an upload is never removed.
    #[arg(long)]
    pub repair: bool,
    /// Least age of what counts as left by a crash: a younger one may be under way.
    #[arg(long, value_name = "AGE", default_value = "1h", value_parser = humantime::parse_duration)]
    pub older_than: Duration,
    /// Print JSON lines instead of text: one for each upload and finding, then the summary.
    #[arg(long)]
    pub json: bool,
    /// Folder or URL of the store.
    #[arg(long, env = "TRUECROP_STORE", value_name = "DIR-or-URL")]
    pub store: Option<String>,
    /// Configuration file, in TOML.
    #[arg(long, env = "TRUECROP_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `--flip`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FlipArg {
    /// Not mirrored.
    None,
    /// Left and right are swapped.
    Horizontal,
    /// Top and bottom are swapped.
    Vertical,
    /// Both.
    Both,
}

impl From<FlipArg> for Flip {
    fn from(arg: FlipArg) -> Self {
        match arg {
            FlipArg::None => Flip::None,
            FlipArg::Horizontal => Flip::Horizontal,
            FlipArg::Vertical => Flip::Vertical,
            FlipArg::Both => Flip::Both,
        }
    }
}

/// `--format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatArg {
    /// Baseline JPEG.
    #[value(alias = "jpg")]
    Jpeg,
    /// PNG.
    Png,
    /// Lossless WebP.
    Webp,
}

impl From<FormatArg> for Format {
    fn from(arg: FormatArg) -> Self {
        match arg {
            FormatArg::Jpeg => Format::Jpeg,
            FormatArg::Png => Format::Png,
            FormatArg::Webp => Format::Webp,
        }
    }
}

/// `--hdr`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum HdrArg {
    /// In the same file, cut as the picture is.
    Keep,
}

impl From<HdrArg> for Hdr {
    fn from(arg: HdrArg) -> Self {
        match arg {
            HdrArg::Keep => Hdr::Keep,
        }
    }
}

/// `--mask`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MaskArg {
    /// The one that touches all four sides.
    Ellipse,
}

impl From<MaskArg> for Mask {
    fn from(arg: MaskArg) -> Self {
        match arg {
            MaskArg::Ellipse => Mask::Ellipse,
        }
    }
}

/// `--simd`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SimdArg {
    /// The best that the processor has.
    Auto,
    /// Plain code, which is the specification.
    Scalar,
}

/// `WxH`.
#[derive(Clone, Copy, Debug)]
pub struct SizeArg(pub Size);

impl FromStr for SizeArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.split_once(['x', 'X']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        match sides {
            Some((width, height)) if width > 0 && height > 0 => Ok(Self(Size::new(width, height))),
            _ => Err("a size is written WxH, such as 512x512".to_owned()),
        }
    }
}

/// Numbers that are separated by commas.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<const N: usize>(pub [f64; N]);

impl<const N: usize> FromStr for Numbers<N> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        let fine =
            numbers.filter(|list| list.iter().all(|v| v.is_finite())).and_then(|list| list.try_into().ok());
        fine.map(Self).ok_or_else(|| format!("give {N} numbers, separated by commas"))
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
