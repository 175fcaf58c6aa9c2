//! The way out: working samples to finished 8-bit pixels, over the background.

use super::curve;
use crate::pixel::ONE;
use crate::recipe::{Background, Light};

/// Working samples (four for each pixel) to 8 bits.
///
/// `out` has three or four bytes for each pixel. Laid onto the background when that is a colour, as if the source had been laid onto it
/// before it was filtered: four bytes are then opaque. Else three are taken as opaque, and four have straight alpha; where nothing is seen,
/// all four are 0.
pub fn from_working(samples: &[i16], light: Light, background: Option<Background>, out: &mut [u8]) {
    let pixels = samples.as_chunks::<4>().0;
    match light {
        Light::Srgb => finish(pixels, background, out, |v| v << 6, |v| ((v + 32) >> 6) as u8),
        Light::Linear => {
            let (light, coded) = (curve::light_of_byte(), curve::byte_of_light());
            let to = |v: i32| coded.get(v as usize).copied().unwrap_or(255);
            finish(pixels, background, out, |v| light.at8(v as u8), to);
        }
    }
}

/// `from`: 8 bits to working; `to`: working within 0..=ONE to 8 bits.
#[inline(always)]
fn finish(
    pixels: &[[i16; 4]],
    background: Option<Background>,
    out: &mut [u8],
    from: impl Fn(i32) -> i32,
    to: impl Fn(i32) -> u8,
) {
    let has_alpha = out.len() == pixels.len() * 4;
    if let Some(Background::Color(color)) = background {
        let behind = color.map(|v| from(v.into()));
        let laid = |&[r, g, b, a]: &[i16; 4]| {
            // a filter's overshoot counts in alpha as it does in colour: what is of the background's colour stays so
            let gap = ONE - i32::from(a);
            let lay = |v: i16, behind: i32| {
                to((i32::from(v) + (behind * gap + ONE / 2).div_euclid(ONE)).clamp(0, ONE))
            };
            [lay(r, behind[0]), lay(g, behind[1]), lay(b, behind[2])]
        };
        // Only a picture that is cut later has opacity over a colour.
        if cfg!(feature = "formats") && has_alpha {
            for (p, out) in pixels.iter().zip(out.as_chunks_mut::<4>().0) {
                let [r, g, b] = laid(p);
                *out = [r, g, b, 255];
            }
        } else {
            for (p, out) in pixels.iter().zip(out.as_chunks_mut::<3>().0) {
                *out = laid(p);
            }
        }
    } else if has_alpha {
        for (p, out) in pixels.iter().zip(out.as_chunks_mut::<4>().0) {
            *out = straight(p.map(i32::from), &to);
        }
    } else {
        for (&[r, g, b, _], out) in pixels.iter().zip(out.as_chunks_mut::<3>().0) {
            *out = [r, g, b].map(|v| to(i32::from(v).clamp(0, ONE)));
        }
    }
}

/// Premultiplied to straight. A filter's overshoot may leave colour above alpha: it is cut first.
#[inline(always)]
fn straight([r, g, b, a]: [i32; 4], to: impl Fn(i32) -> u8) -> [u8; 4] {
    let a = a.clamp(0, ONE);
    let alpha = ((a + 32) >> 6) as u8;
    if alpha == 0 {
        return [0; 4];
    }
    let [r, g, b] = [r, g, b].map(|v| {
        let v = v.clamp(0, a);
        to(if a == ONE { v } else { (v * ONE + a / 2) / a })
    });
    [r, g, b, alpha]
}
