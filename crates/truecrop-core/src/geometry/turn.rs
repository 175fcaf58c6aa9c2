//! Mirrors ([`Flip`]) and angles ([`Turn`]).

use serde::{Deserialize, Serialize};

/// Mirrors, applied before the turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flip {
    /// As it is.
    #[default]
    None,
    /// Left and right are exchanged.
    Horizontal,
    /// Top and bottom are exchanged.
    Vertical,
    /// Both: the same as half a turn.
    Both,
}

impl Flip {
    /// Whether x is mirrored.
    pub fn horizontal(self) -> bool {
        matches!(self, Flip::Horizontal | Flip::Both)
    }

    /// Whether y is mirrored.
    pub fn vertical(self) -> bool {
        matches!(self, Flip::Vertical | Flip::Both)
    }

    /// The name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Flip::None => "none",
            Flip::Horizontal => "horizontal",
            Flip::Vertical => "vertical",
            Flip::Both => "both",
        }
    }
}

/// A clockwise angle in degrees, 0 <= a < 360, with its cosine and sine.
///
/// # Guarantees
/// Quarter turns have exact cosines and sines (0, 1, -1). All others come from `libm`, the same on every target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    degrees: f64,
    cos: f64,
    sin: f64,
}

impl Turn {
    /// Not turned.
    pub const NONE: Self = Self { degrees: 0.0, cos: 1.0, sin: 0.0 };

    /// The angle brought into 0 <= a < 360. `None` if it is not finite, or beyond ±1,000,000 degrees.
    pub fn from_degrees(degrees: f64) -> Option<Self> {
        if !degrees.is_finite() || degrees.abs() > 1e6 {
            return None;
        }
        let mut turned = degrees - 360.0 * libm::floor(degrees / 360.0);
        if turned >= 360.0 {
            turned = 0.0;
        }
        let turned = turned + 0.0; // -0.0 prints as "-0.0" and would change a receipt's bytes
        let (cos, sin) = match quarters(turned) {
            Some(quarter) => [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][usize::from(quarter)],
            None => {
                let radians = turned * (std::f64::consts::PI / 180.0);
                (libm::cos(radians), libm::sin(radians))
            }
        };
        Some(Self { degrees: turned, cos, sin })
    }

    /// Degrees clockwise, 0 <= a < 360.
    pub fn degrees(self) -> f64 {
        self.degrees
    }

    /// Cosine.
    pub fn cos(self) -> f64 {
        self.cos
    }

    /// Sine.
    pub fn sin(self) -> f64 {
        self.sin
    }

    /// The number of quarter turns (0 to 3), if the angle is a whole number of them.
    pub fn quarters(self) -> Option<u8> {
        quarters(self.degrees)
    }

    /// The vector turned clockwise by this angle (y points down).
    pub fn apply(self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.cos * x - self.sin * y, self.sin * x + self.cos * y)
    }

    /// The vector turned counter-clockwise by this angle.
    pub fn undo(self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.cos * x + self.sin * y, self.cos * y - self.sin * x)
    }
}

fn quarters(degrees: f64) -> Option<u8> {
    [0.0, 90.0, 180.0, 270.0].iter().position(|q| *q == degrees).map(|q| q as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_come_into_one_turn() {
        for (given, want) in
            [(0.0, 0.0), (-90.0, 270.0), (360.0, 0.0), (725.5, 5.5), (-0.0, 0.0), (-1e-20, 0.0)]
        {
            assert_eq!(Turn::from_degrees(given).unwrap().degrees().to_bits(), f64::to_bits(want), "{given}");
        }
        assert!(Turn::from_degrees(f64::NAN).is_none());
    }

    #[test]
    fn clockwise_is_clockwise() {
        // y points down, so a quarter turn clockwise takes "right" to "down".
        assert_eq!(Turn::from_degrees(90.0).unwrap().apply((1.0, 0.0)), (0.0, 1.0));
    }
}
