use super::*;
use std::io::Cursor;

fn refused(file: &[u8]) -> Error {
    probe(&mut Cursor::new(file), &Limits::default()).unwrap_err()
}

#[test]
fn what_is_not_decoded_is_named() {
    let cases: &[(&[u8], &str)] = &[
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x1Cftypmif1\0\0\0\0mif1heicmiaf", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", "heif"),
        (b"\0\0\0\x1Cftypavif\0\0\0\0avifmif1miaf", "avif"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "mp4"),
        (b"II*\0\x08\0\0\0", "tiff"),
        (b"MM\0*\0\0\0\x08", "tiff"),
        (b"BM\x46\0\0\0", "bmp"),
        (b"\xFF\x0A\x10\x20", "jxl"),
        (b"\0\0\0\x0CJXL \r\n\x87\n", "jxl"),
        (b"\0\0\0\x0CjP  \r\n\x87\n", "jp2"),
        (b"\0\0\x01\0\x01\0", "ico"),
        (b"8BPS\0\x01", "psd"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<svg xmlns=\"\">", "svg"),
        (b"  <!-- x --><SVG>", "svg"),
        (b"<!DOCTYPE html><html><svg>", "html"),
        (b"PK\x03\x04", "zip"),
        (b"hello", "unknown"),
        (b"\xFF", "unknown"),
        (b"RIFF\0\0\0\0WAVE", "unknown"),
    ];
    for (file, name) in cases {
        let error = refused(file);
        let got = error.got().and_then(|v| v.as_str().map(str::to_owned));
        assert_eq!((error.code(), got.as_deref()), (Code::UnsupportedFormat, Some(*name)), "{error}");
    }
    assert_eq!(refused(b"").code(), Code::EmptySource);
}
