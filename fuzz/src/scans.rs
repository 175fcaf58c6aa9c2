//! The scans of a picture: interleaved or not, sequential or progressive, with restarts.

use super::coding::{Bits, Codes, size};
use super::input::Input;
use super::writer::{Block, Picture, Plane, entropy, extras, huffman_table, segment};

/// One scan: which components, which band, which bits.
struct Scan {
    parts: Vec<usize>,
    first: usize,
    last: usize,
    high: u32,
    low: u32,
}

/// Writes all scans, with their tables.
pub fn write(input: &mut Input<'_>, picture: &Picture, progressive: bool, out: &mut Vec<u8>) {
    let mut restart = 0;
    for scan in script(input, picture, progressive) {
        let dc = Codes::new(input, (0..=11).collect());
        let ac = Codes::new(input, ac_symbols(progressive));
        // refinements of DC need no table at all
        let slot = input.below(if progressive { 4 } else { 2 }) as u8;
        huffman_table(0, slot, &dc, out);
        huffman_table(1, slot, &ac, out);
        if input.once_in(3) {
            restart = input.pick(&[0, 1, 2, 3, 7, 40]);
            segment(0xDD, &(restart as u16).to_be_bytes(), out);
        }
        extras(input, out);
        let mut content = vec![scan.parts.len() as u8];
        for &part in &scan.parts {
            content.extend([picture.planes[part].id, slot << 4 | slot]);
        }
        content.extend([scan.first as u8, scan.last as u8, (scan.high << 4 | scan.low) as u8]);
        segment(0xDA, &content, out);
        let mut coder =
            Coder { scan: &scan, dc, ac, bits: Bits::default(), dc_last: [0; 4], run: Run::default() };
        coder.all(input, picture, progressive, restart);
        entropy(coder.bits, out);
    }
}

/// Runs and sizes of every value; in progressive files also the ends of bands.
fn ac_symbols(progressive: bool) -> Vec<u8> {
    let values = (0..16_u8).flat_map(|run| (1..=10).map(move |size| run << 4 | size));
    let ends = if progressive { (0..15_u8).map(|n| n << 4).collect() } else { vec![0] };
    values.chain(ends).chain([0xF0]).collect()
}

fn script(input: &mut Input<'_>, picture: &Picture, progressive: bool) -> Vec<Scan> {
    let all: Vec<usize> = (0..picture.planes.len()).collect();
    let blocks: u32 = picture.planes.iter().map(|p| p.h * p.v).sum();
    let groups = if blocks <= 10 && !input.once_in(4) {
        vec![all]
    } else {
        all.into_iter().map(|i| vec![i]).collect()
    };
    if !progressive {
        let scan = |parts| Scan { parts, first: 0, last: 63, high: 0, low: 0 };
        return groups.into_iter().map(scan).collect();
    }
    let mut scans = Vec::new();
    let low = input.below(3);
    for parts in &groups {
        scans.push(Scan { parts: parts.clone(), first: 0, last: 0, high: 0, low });
    }
    let mut later = Vec::new();
    for high in (1..=low).rev() {
        for parts in &groups {
            later.push(Scan { parts: parts.clone(), first: 0, last: 0, high, low: high - 1 });
        }
    }
    for part in 0..picture.planes.len() {
        let mut first = 1;
        while first <= 63 {
            let last = if input.once_in(2) { 63 } else { first + input.below(64 - first as u32) as usize };
            let low = input.below(3);
            let scan = |high, low| Scan { parts: vec![part], first, last, high, low };
            scans.push(scan(0, low));
            later.extend((1..=low).rev().map(|high| scan(high, high - 1)));
            first = last + 1;
        }
    }
    scans.extend(later);
    scans
}

/// A run of ended bands that is not written yet, with the corrections that belong behind it (T.81, G.1.2).
#[derive(Default)]
struct Run {
    bands: u32,
    corrections: Vec<bool>,
}

struct Coder<'a> {
    scan: &'a Scan,
    dc: Codes,
    ac: Codes,
    bits: Bits,
    dc_last: [i32; 4],
    run: Run,
}

impl Coder<'_> {
    fn all(&mut self, input: &mut Input<'_>, picture: &Picture, progressive: bool, restart: u32) {
        let single = match self.scan.parts[..] {
            [part] => Some(&picture.planes[part]),
            _ => None,
        };
        let (across, down) = single.map_or(picture.mcus, |p| p.alone);
        for unit in 0..across * down {
            if restart > 0 && unit > 0 && unit % restart == 0 {
                self.end_run();
                self.bits.restart(unit / restart - 1);
                self.dc_last = [0; 4];
            }
            let (x, y) = (unit % across, unit / across);
            if let Some(plane) = single {
                self.block(input, 0, &plane.blocks[(y * plane.stride + x) as usize], progressive);
                continue;
            }
            for (i, &part) in self.scan.parts.iter().enumerate() {
                let Plane { h, v, stride, blocks, .. } = &picture.planes[part];
                for n in 0..h * v {
                    let at = (y * v + n / h) * stride + x * h + n % h;
                    self.block(input, i, &blocks[at as usize], progressive);
                }
            }
        }
        self.end_run();
    }

    fn block(&mut self, input: &mut Input<'_>, part: usize, block: &Block, progressive: bool) {
        let Scan { first, high, low, .. } = *self.scan;
        if first == 0 && high > 0 {
            self.bits.put((block[0] >> low) as u32 & 1, 1);
        } else if first == 0 {
            let value = block[0] >> low;
            let difference = value - std::mem::replace(&mut self.dc_last[part], value);
            self.bits.symbol(&self.dc, size(difference) as u8);
            self.bits.signed(difference);
            if !progressive {
                self.sequential(block);
            }
        } else if high > 0 {
            self.refine(input, block);
        } else {
            self.band(input, block);
        }
    }

    fn sequential(&mut self, block: &Block) {
        let mut zeros = 0;
        for &value in &block[1..] {
            zeros = self.value(value, zeros);
        }
        if zeros > 0 {
            self.bits.symbol(&self.ac, 0);
        }
    }

    /// Writes a value behind so many zeros; gives the zeros that stand behind it.
    fn value(&mut self, value: i32, mut zeros: u8) -> u8 {
        if value == 0 {
            return zeros + 1;
        }
        self.end_run();
        while zeros > 15 {
            self.bits.symbol(&self.ac, 0xF0);
            zeros -= 16;
        }
        self.bits.symbol(&self.ac, zeros << 4 | size(value) as u8);
        self.bits.signed(value);
        0
    }

    fn band(&mut self, input: &mut Input<'_>, block: &Block) {
        let Scan { first, last, low, .. } = *self.scan;
        let mut zeros = 0;
        for &value in &block[first..=last] {
            // towards zero, not down
            zeros = self.value(value / (1 << low), zeros);
        }
        if zeros > 0 {
            self.end_band(input, Vec::new());
        }
    }

    fn refine(&mut self, input: &mut Input<'_>, block: &Block) {
        let Scan { first, last, low, .. } = *self.scan;
        let size = |value: i32| value.unsigned_abs() >> low;
        let newest = (first..=last).rev().find(|&k| size(block[k]) == 1).unwrap_or(0);
        let (mut zeros, mut corrections) = (0_u8, Vec::new());
        for (k, &value) in (first..=last).zip(&block[first..=last]) {
            if size(value) > 1 {
                corrections.push(size(value) & 1 != 0);
                continue;
            }
            if size(value) == 0 {
                zeros += 1;
                if zeros == 16 && k < newest {
                    self.end_run();
                    self.bits.symbol(&self.ac, 0xF0);
                    self.correct(&mut corrections);
                    zeros = 0;
                }
                continue;
            }
            self.end_run();
            self.bits.symbol(&self.ac, zeros << 4 | 1);
            self.bits.put(u32::from(value > 0), 1);
            self.correct(&mut corrections);
            zeros = 0;
        }
        if zeros > 0 || !corrections.is_empty() {
            self.end_band(input, corrections);
        }
    }

    fn correct(&mut self, corrections: &mut Vec<bool>) {
        for bit in corrections.drain(..) {
            self.bits.put(bit.into(), 1);
        }
    }

    fn end_band(&mut self, input: &mut Input<'_>, corrections: Vec<bool>) {
        self.run.bands += 1;
        self.run.corrections.extend(corrections);
        if self.run.bands == 0x7FFF || input.once_in(5) {
            self.end_run();
        }
    }

    fn end_run(&mut self) {
        let Run { bands, mut corrections } = std::mem::take(&mut self.run);
        if bands > 0 {
            let extra = bands.ilog2();
            self.bits.symbol(&self.ac, (extra as u8) << 4);
            self.bits.put(bands & ((1 << extra) - 1), extra);
            self.correct(&mut corrections);
        }
    }
}
