//! Two policies at once: what both of them allow.

use super::Policy;

impl Policy {
    /// The policy that allows exactly what both allow: the server's own (`self`) and that of a token (`other`). What only the browser can decode
    /// the server's own has to allow; a token can forbid it.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let (a, b) = (self, other);
        Self {
            aspects: common(&a.aspects, &b.aspects, |x, y| x.is_shape_of(*y)),
            sizes: common(&a.sizes, &b.sizes, PartialEq::eq),
            formats: common(&a.formats, &b.formats, PartialEq::eq),
            masks: common(&a.masks, &b.masks, PartialEq::eq),
            output_names: common(&a.output_names, &b.output_names, PartialEq::eq),
            min_output_side: larger(a.min_output_side, b.min_output_side),
            max_output_side: smaller(a.max_output_side, b.max_output_side),
            max_output_bytes: smaller(a.max_output_bytes, b.max_output_bytes),
            max_outputs: smaller(a.max_outputs, b.max_outputs),
            max_pictures: smaller(a.max_pictures, b.max_pictures),
            max_source_bytes: smaller(a.max_source_bytes, b.max_source_bytes),
            min_quality: larger(a.min_quality, b.min_quality),
            max_quality: smaller(a.max_quality, b.max_quality),
            min_crop_side: larger(a.min_crop_side, b.min_crop_side),
            max_upscale: smaller(a.max_upscale, b.max_upscale),
            allow_stretch: smaller(a.allow_stretch, b.allow_stretch),
            allow_background: smaller(a.allow_background, b.allow_background),
            allow_platform: if b.allow_platform == Some(false) { b.allow_platform } else { a.allow_platform },
            allow_hdr: smaller(a.allow_hdr, b.allow_hdr),
            level: larger(a.level, b.level),
            audit: larger(a.audit, b.audit),
            once: larger(a.once, b.once),
        }
    }
}

/// What stands in both lists; a missing list is one of everything.
fn common<T: Clone>(a: &Option<Vec<T>>, b: &Option<Vec<T>>, same: fn(&T, &T) -> bool) -> Option<Vec<T>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.iter().filter(|x| b.iter().any(|y| same(x, y))).cloned().collect()),
        (one, other) => one.clone().or_else(|| other.clone()),
    }
}

fn larger<T: PartialOrd>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a < b { b } else { a }),
        (one, other) => one.or(other),
    }
}

fn smaller<T: PartialOrd>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b < a { b } else { a }),
        (one, other) => one.or(other),
    }
}
