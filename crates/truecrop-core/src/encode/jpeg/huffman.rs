//! Makes Huffman tables from how often each symbol occurs: the shortest codes of at most 16 bits, by T.81, K.2; no code is
//! all ones.

/// How often each symbol occurs.
pub(super) type Counts = [u32; 256];

/// A table as a DHT segment holds it (T.81, C.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct HuffmanTable {
    /// How many codes there are of each length from 1 to 16.
    pub(super) lengths: [u8; 16],
    /// The symbols in the order of their codes; the rest is 0.
    pub(super) symbols: [u8; 256],
}

/// Code lengths before they are limited to 16: with fewer than 2^32 symbols in all, no code has more than 47 bits.
const LONGEST: usize = 48;

impl HuffmanTable {
    /// The table for these counts, of which at least one must not be 0.
    ///
    /// Verification repeats this rule. Lengths: those of the tree that always joins the two smallest counts, of equal counts
    /// first those of larger symbols; an extra symbol of count 1, larger than all others, keeps the code of all ones free;
    /// codes beyond 16 bits are shortened (T.81, figures K.1 to K.3). Symbols: the most frequent first, of equally frequent
    /// ones first the smaller.
    #[inline(never)]
    pub(super) fn best(counts: &Counts) -> Self {
        let mut bits = lengths(counts);
        shorten(&mut bits);
        let longest = (1..=16).rev().find(|i| bits[*i] > 0).unwrap_or(1);
        bits[longest] = bits[longest].saturating_sub(1);
        let mut table = Self { lengths: [0; 16], symbols: [0; 256] };
        for (length, bits) in table.lengths.iter_mut().zip(&bits[1..]) {
            *length = *bits as u8;
        }
        // Few symbols occur: inserting each in order takes less code than sorting, and no more time.
        let mut order: Vec<u8> = Vec::with_capacity(256);
        for symbol in (0..=255).filter(|symbol| counts[usize::from(*symbol)] > 0) {
            let at = order.partition_point(|s| counts[usize::from(*s)] >= counts[usize::from(symbol)]);
            order.insert(at, symbol);
        }
        table.symbols[..order.len()].copy_from_slice(&order);
        table
    }

    /// The symbols in the order of their codes.
    pub(super) fn symbols(&self) -> &[u8] {
        let count: usize = self.lengths.iter().map(|n| usize::from(*n)).sum();
        &self.symbols[..count.min(256)]
    }

    /// Each symbol's code in the upper bits, and its length in the lowest eight.
    pub(super) fn codes(&self) -> [u32; 256] {
        let (mut codes, mut code, mut symbols) = ([0; 256], 0, self.symbols().iter());
        for (i, length) in self.lengths.iter().enumerate() {
            for symbol in symbols.by_ref().take(usize::from(*length)) {
                codes[usize::from(*symbol)] = code << 8 | (i as u32 + 1);
                code += 1;
            }
            code <<= 1;
        }
        codes
    }
}

/// A tree while it is built: its count, the symbol that stands for it where counts are equal, and its root's number.
struct Tree {
    count: u32,
    symbol: usize,
    root: usize,
}

/// How many codes have each length in a tree without limit (figures K.1 and K.2), the reserved one included.
fn lengths(counts: &Counts) -> [u16; LONGEST] {
    let reserved = Tree { count: 1, symbol: 256, root: 256 };
    let leaves = counts.iter().enumerate().map(|(i, &count)| Tree { count, symbol: i, root: i });
    // Only symbols that occur: they are few, and each step goes through all of them.
    let mut trees: Vec<Tree> = leaves.filter(|tree| tree.count > 0).chain([reserved]).collect();
    let mut parents = [0_usize; 514];
    let mut nodes = 257;
    while trees.len() > 1 {
        let (first, second) = (take_least(&mut trees), take_least(&mut trees));
        (parents[first.root], parents[second.root]) = (nodes, nodes);
        trees.push(Tree {
            count: first.count.saturating_add(second.count),
            symbol: first.symbol,
            root: nodes,
        });
        nodes += 1;
    }
    // Parents have larger numbers than their children, and the last node is the root.
    let (mut depths, mut bits) = ([0_usize; 514], [0; LONGEST]);
    for node in (0..nodes - 1).rev().filter(|node| parents[*node] > 0) {
        depths[node] = depths[parents[node]] + 1;
        if node <= 256 {
            bits[depths[node]] += 1;
        }
    }
    bits
}

/// Takes out, of the trees with the smallest count, the one with the largest symbol. `trees` must not be empty.
fn take_least(trees: &mut Vec<Tree>) -> Tree {
    let mut least = 0;
    for (i, tree) in trees.iter().enumerate() {
        let best = &trees[least];
        if (tree.count, best.symbol) < (best.count, tree.symbol) {
            least = i;
        }
    }
    trees.swap_remove(least)
}

/// Brings all codes down to 16 bits (figure K.3): two siblings that are too deep make room by one of them taking
/// their parent's place, and the other going under a code that is short enough.
fn shorten(bits: &mut [u16; LONGEST]) {
    for i in (17..LONGEST).rev() {
        while bits[i] > 0 {
            let Some(j) = (1..i - 1).rev().find(|j| bits[*j] > 0) else { return };
            bits[i] -= 2;
            bits[i - 1] += 1;
            bits[j + 1] += 2;
            bits[j] -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(pairs: &[(u8, u32)]) -> HuffmanTable {
        let mut counts = [0; 256];
        pairs.iter().for_each(|(symbol, count)| counts[usize::from(*symbol)] = *count);
        HuffmanTable::best(&counts)
    }

    #[test]
    fn tables_are_worked_out_as_by_hand() {
        // counts; lengths of codes from 1 bit on; symbols by their codes
        type Case<'a> = (&'a [(u8, u32)], &'a [u8], &'a [u8]);
        let cases: [Case; 4] = [
            (&[(7, 5)], &[1], &[7]),
            (&[(0, 1), (9, 1)], &[1, 1], &[0, 9]),
            (&[(1, 8), (2, 4), (3, 2), (4, 1)], &[1, 1, 1, 1], &[1, 2, 3, 4]),
            (&[(5, 3), (6, 3), (7, 3), (8, 3)], &[0, 3, 1], &[5, 6, 7, 8]),
        ];
        for (counts, lengths, symbols) in cases {
            let table = table(counts);
            assert_eq!(&table.lengths[..lengths.len()], lengths, "{counts:?}");
            assert_eq!(table.symbols(), symbols, "{counts:?}");
        }
    }

    #[test]
    fn no_code_is_longer_than_16_bits() {
        // Fibonacci's numbers make the deepest tree.
        let mut counts = [0; 256];
        let (mut a, mut b) = (1_u32, 1_u32);
        for count in &mut counts[..44] {
            *count = a;
            (a, b) = (b, a + b);
        }
        let table = HuffmanTable::best(&counts);
        assert_eq!(table.symbols().len(), 44);
        assert!(room_left(&table) > 0);
    }

    /// How many codes of 16 bits are not begun by any code of the table.
    fn room_left(table: &HuffmanTable) -> i64 {
        (1 << 16) - table.lengths.iter().zip(1..).map(|(n, bits)| i64::from(*n) << (16 - bits)).sum::<i64>()
    }

    proptest! {
        #[test]
        fn every_symbol_has_a_code_and_frequent_ones_no_longer_ones(
            counts in prop::collection::vec(prop_oneof![Just(0u32), 0..5u32, 0..1_000_000u32], 256)
        ) {
            prop_assume!(counts.iter().any(|count| *count > 0));
            let table = HuffmanTable::best(counts.as_slice().try_into().unwrap());
            // The code of all ones stays free.
            prop_assert!(room_left(&table) > 0);
            let codes = table.codes();
            for (symbol, count) in counts.iter().enumerate() {
                prop_assert_eq!(codes[symbol] > 0, *count > 0);
            }
            let length = |symbol: u8| codes[usize::from(symbol)] & 0xff;
            for pair in table.symbols().windows(2) {
                prop_assert!(length(pair[0]) <= length(pair[1]));
                prop_assert!(counts[usize::from(pair[0])] >= counts[usize::from(pair[1])]);
            }
        }
    }
}
