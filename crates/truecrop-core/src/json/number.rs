//! Numbers as text and back, exactly, for every `f64`: the shortest digits that read back as the same number, in the
//! form of ECMAScript (as RFC 8785 asks), and the nearest number to any digits.
//!
//! Long division on integers of any length, without tables. A receipt has a dozen numbers: small code matters here, not
//! speed.

use std::cmp::Ordering;

/// An unsigned integer of any length: limbs of 32 bits, the lowest first, without zeros at the top.
struct Big(Vec<u32>);

impl Big {
    fn new(value: u64) -> Self {
        let mut big = Self(vec![value as u32, (value >> 32) as u32]);
        big.trim();
        big
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    /// `self * factor + add`
    fn step(&mut self, factor: u32, add: u32) {
        let mut carry = u64::from(add);
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn times_ten_to(&mut self, power: u32) {
        (0..power).for_each(|_| self.step(10, 0));
    }

    fn shift(&mut self, bits: u32) {
        if !self.0.is_empty() {
            self.step(1 << (bits % 32), 0);
            self.0.splice(0..0, std::iter::repeat_n(0, (bits / 32) as usize));
        }
    }

    fn bits(&self) -> i32 {
        self.0.last().map_or(0, |top| self.0.len() as i32 * 32 - top.leading_zeros() as i32)
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let lengths = self.0.len().cmp(&other.0.len());
        lengths.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    fn plus(&self, other: &Self) -> Self {
        let (mut sum, mut carry) = (Vec::new(), 0);
        for i in 0..self.0.len().max(other.0.len()) {
            let limb = |big: &Self| u64::from(big.0.get(i).copied().unwrap_or(0));
            carry += limb(self) + limb(other);
            sum.push(carry as u32);
            carry >>= 32;
        }
        sum.push(carry as u32);
        let mut sum = Self(sum);
        sum.trim();
        sum
    }

    /// Subtracts `other` if it is not larger, and returns whether it did.
    fn subtract(&mut self, other: &Self) -> bool {
        if self.cmp(other) == Ordering::Less {
            return false;
        }
        let mut borrow = false;
        for (i, limb) in self.0.iter_mut().enumerate() {
            let (less, first) = limb.overflowing_sub(other.0.get(i).copied().unwrap_or(0));
            let (less, second) = less.overflowing_sub(u32::from(borrow));
            (*limb, borrow) = (less, first || second);
        }
        self.trim();
        true
    }
}

/// Digits that can decide the rounding: the midpoint of two numbers has at most 767. Of all that follow it only matters
/// whether one is not zero.
const MAX_DIGITS: usize = 800;

/// The nearest number to `digits` (ASCII) times ten to the power of `power`, ties to even; `None` if it is too large.
pub fn nearest(digits: &[u8], mut power: i32) -> Option<f64> {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let mut digits = digits[zeros..].to_vec();
    if digits.len() > MAX_DIGITS {
        power += (digits.len() - MAX_DIGITS - 1) as i32;
        let more = digits[MAX_DIGITS..].iter().any(|digit| *digit != b'0');
        digits.truncate(MAX_DIGITS);
        digits.push(b'0' + u8::from(more));
    }
    let end = digits.len() as i32 + power;
    if digits.is_empty() || end < -400 {
        return Some(0.0);
    }
    if end > 400 {
        return None;
    }
    let (mut over, mut under) = (Big(Vec::new()), Big::new(1));
    digits.iter().for_each(|digit| over.step(10, u32::from(digit - b'0')));
    if power < 0 {
        under.times_ten_to(power.unsigned_abs())
    } else {
        over.times_ten_to(power as u32)
    }
    divide(over, under)
}

/// `over / under` (not 0) rounded to the nearest `f64`.
fn divide(mut over: Big, mut under: Big) -> Option<f64> {
    // scaled so that the quotient is at least 1/2 and below 2
    let mut exponent = over.bits() - under.bits();
    if exponent > 0 {
        under.shift(exponent as u32)
    } else {
        over.shift(exponent.unsigned_abs())
    }
    if over.cmp(&under) == Ordering::Less {
        exponent -= 1;
        over.step(2, 0);
    }
    if exponent > 1023 {
        return None;
    }
    // 53 bits; fewer for subnormal numbers
    let count = 53.min(exponent + 1075);
    let mut mantissa = 0_u64;
    for _ in 0..count {
        mantissa = mantissa << 1 | u64::from(over.subtract(&under));
        over.step(2, 0);
    }
    let half = over.cmp(&under);
    if count >= 0 && (half == Ordering::Greater || half == Ordering::Equal && mantissa & 1 == 1) {
        mantissa += 1;
    }
    // the mantissa's top bit adds one to the exponent field, and so does a carry of the rounding
    let field = (exponent + 1022).max(0) as u64;
    let bits = if count < 53 { mantissa } else { (field << 52) + mantissa };
    Some(f64::from_bits(bits)).filter(|value| value.is_finite())
}

/// The shortest digits that read back as `value` (finite, above 0), and the power of ten to multiply them by, written
/// as a fraction: 0.d1d2... times 10^power. Steele and White's free-format algorithm, with Dragon4's choice of the last digit.
fn shortest(value: f64) -> (Vec<u8>, i32) {
    let bits = value.to_bits();
    let (field, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mantissa, exponent) =
        if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    // The number is rest / scale; up and down are half the distances to its neighbours.
    let (mut rest, mut scale, mut up, mut down) =
        (Big::new(mantissa * 2), Big::new(2), Big::new(1), Big::new(1));
    if exponent < 0 {
        scale.shift(exponent.unsigned_abs());
    } else {
        [&mut rest, &mut up, &mut down].into_iter().for_each(|big| big.shift(exponent as u32));
    }
    if fraction == 0 && field > 1 {
        [&mut rest, &mut scale, &mut up].into_iter().for_each(|big| big.step(2, 0));
    }
    let even = mantissa & 1 == 0;
    let beyond = |rest: &Big, up: &Big, scale: &Big| match rest.plus(up).cmp(scale) {
        Ordering::Greater => true,
        Ordering::Equal => even,
        Ordering::Less => false,
    };
    let mut power = 0;
    while beyond(&rest, &up, &scale) {
        scale.step(10, 0);
        power += 1;
    }
    let mut digits = Vec::new();
    loop {
        [&mut rest, &mut up, &mut down].into_iter().for_each(|big| big.step(10, 0));
        if digits.is_empty() && !beyond(&rest, &up, &scale) {
            power -= 1;
            continue;
        }
        let mut digit = b'0';
        while rest.subtract(&scale) {
            digit += 1;
        }
        let low = match rest.cmp(&down) {
            Ordering::Less => true,
            Ordering::Equal => even,
            Ordering::Greater => false,
        };
        let high = beyond(&rest, &up, &scale);
        if low || high {
            rest.step(2, 0);
            let nearer_above = match rest.cmp(&scale) {
                Ordering::Less => false,
                Ordering::Equal => digit & 1 == 1,
                Ordering::Greater => true,
            };
            digits.push(digit + u8::from(high && (!low || nearer_above)));
            return (digits, power);
        }
        digits.push(digit);
    }
}

/// The number as ECMAScript writes it (ECMA-262, Number::toString); `null` if it is not finite.
pub fn to_string(value: f64) -> String {
    if !value.is_finite() {
        return "null".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let (digits, power) = shortest(value.abs());
    let mut out = Vec::from(if value < 0.0 { &b"-"[..] } else { b"" });
    let count = digits.len() as i32;
    if (-5..=21).contains(&power) {
        if power <= 0 {
            out.extend(b"0.");
        }
        out.extend(std::iter::repeat_n(b'0', (-power).max(0) as usize));
        for (i, digit) in (0..).zip(&digits) {
            if i == power && i > 0 {
                out.push(b'.');
            }
            out.push(*digit);
        }
        out.extend(std::iter::repeat_n(b'0', (power - count).max(0) as usize));
    } else {
        out.push(digits[0]);
        if count > 1 {
            out.push(b'.');
            out.extend(&digits[1..]);
        }
        out.extend(if power > 0 { b"e+" } else { b"e-" });
        out.extend((power - 1).unsigned_abs().to_string().bytes());
    }
    // digits and signs only
    String::from_utf8(out).unwrap_or_default()
}
