//! Every unit's operations against the specification's.

use super::*;
use proptest::prelude::*;

fn lane() -> impl Strategy<Value = i16> {
    prop_oneof![Just(i16::MIN), Just(i16::MAX), Just(0), any::<i16>()]
}

fn stored<V: Vector>(v: V) -> [i16; 8] {
    let mut out = [0; 8];
    v.store(&mut out);
    out
}

/// All that eight lanes can do, as plain numbers.
fn everything<V: Eight>(a: &[i16; 8], b: &[i16; 8], bytes: &[u8; 8], bits: u32) -> Vec<Vec<i32>> {
    let weights = b.map(|w| w.max(-32_767));
    let (x, y, w) = (V::load(a), V::load(b), V::load(&weights));
    let (low, high) = x.interleave(y);
    let (even, odd) = x.pairs_apart(y);
    let (p, q) = (x.dot(w), y.dot(w));
    let (sum, gap) = (V::add_wide(p, q), V::sub_wide(p, V::wide(77)));
    let mut narrowed = [0; 8];
    x.narrow(&mut narrowed);
    let lists = [
        stored(low),
        stored(high),
        stored(even),
        stored(odd),
        stored(V::pack(V::shift_wide(sum, bits), gap)),
        stored(V::pairs(a[0], b[0])),
        stored(V::splat(a[1])),
        stored(V::widen(bytes)),
        narrowed.map(i16::from),
        stored(x.add(y)),
        stored(x.sub(y)),
        stored(x.mul(y)),
        stored(x.mul_high(y)),
        stored(x.min(y)),
        stored(x.max(y)),
        stored(x.and(y)),
        stored(x.left::<3>()),
        stored(x.right::<5>()),
    ];
    let mut all: Vec<Vec<i32>> = lists.iter().map(|l| l.iter().map(|&v| v.into()).collect()).collect();
    all.push(V::rounded_sums([p, q, sum, gap], bits.max(1)).map(i32::from).to_vec());
    all
}

proptest! {
    #[test]
    fn the_base_unit_does_as_the_specification(
        a in prop::array::uniform8(lane()),
        b in prop::array::uniform8(lane()),
        bytes in prop::array::uniform8(any::<u8>()),
        bits in 0u32..32,
    ) {
        let want = everything::<scalar::Lanes>(&a, &b, &bytes, bits);
        prop_assert_eq!(everything::<Base>(&a, &b, &bytes, bits), want);
    }
}

#[test]
fn a_transposed_square_has_its_rows_as_columns() {
    let rows: [[i16; 8]; 8] = std::array::from_fn(|r| std::array::from_fn(|c| (8 * r + c) as i16));
    let turned = transpose(rows.map(|row| Base::load(&row))).map(stored);
    for (r, row) in rows.iter().enumerate() {
        for (c, value) in row.iter().enumerate() {
            assert_eq!(turned[c][r], *value);
        }
    }
}
