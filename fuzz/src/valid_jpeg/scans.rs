//! The scans of a valid JPEG: interleaved or not, sequential or progressive, with restart markers.

use super::super::input::Input;
use super::huffman::{BitWriter, HuffmanCodes, size};
use super::picture::{Block, Picture, Plane};
use super::segments::{extras, huffman_table, segment};

/// One scan: its components, its band and its bit positions, in T.81's names.
struct Scan {
    parts: Vec<usize>,
    ss: usize,
    se: usize,
    ah: u32,
    al: u32,
}

/// Writes all scans, with their tables.
pub fn write(input: &mut Input<'_>, picture: &Picture, progressive: bool, out: &mut Vec<u8>) {
    let mut restart = 0;
    for scan in script(input, picture, progressive) {
        let dc = HuffmanCodes::new(input, (0..=11).collect());
        let ac = HuffmanCodes::new(input, ac_symbols(progressive));
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
        content.extend([scan.ss as u8, scan.se as u8, (scan.ah << 4 | scan.al) as u8]);
        segment(0xDA, &content, out);
        let mut writer = ScanWriter {
            scan: &scan,
            dc,
            ac,
            bits: BitWriter::default(),
            dc_last: [0; 4],
            eob_run: EobRun::default(),
        };
        writer.all(input, picture, progressive, restart);
        out.extend(writer.bits.finish());
    }
}

/// The AC symbols: every run and size of values, sixteen zeros and end of block; in progressive files every EOB run.
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
        let scan = |parts| Scan { parts, ss: 0, se: 63, ah: 0, al: 0 };
        return groups.into_iter().map(scan).collect();
    }
    let mut scans = Vec::new();
    let al = input.below(3);
    for parts in &groups {
        scans.push(Scan { parts: parts.clone(), ss: 0, se: 0, ah: 0, al });
    }
    let mut later = Vec::new();
    for ah in (1..=al).rev() {
        for parts in &groups {
            later.push(Scan { parts: parts.clone(), ss: 0, se: 0, ah, al: ah - 1 });
        }
    }
    for part in 0..picture.planes.len() {
        let mut ss = 1;
        while ss <= 63 {
            let se = if input.once_in(2) { 63 } else { ss + input.below(64 - ss as u32) as usize };
            let al = input.below(3);
            let scan = |ah, al| Scan { parts: vec![part], ss, se, ah, al };
            scans.push(scan(0, al));
            later.extend((1..=al).rev().map(|ah| scan(ah, ah - 1)));
            ss = se + 1;
        }
    }
    scans.extend(later);
    scans
}

/// An EOB run that is not written yet, with the correction bits that follow it (T.81, G.1.2).
#[derive(Default)]
struct EobRun {
    blocks: u32,
    corrections: Vec<bool>,
}

/// Writes the data of one scan.
struct ScanWriter<'a> {
    scan: &'a Scan,
    dc: HuffmanCodes,
    ac: HuffmanCodes,
    bits: BitWriter,
    dc_last: [i32; 4],
    eob_run: EobRun,
}

impl ScanWriter<'_> {
    fn all(&mut self, input: &mut Input<'_>, picture: &Picture, progressive: bool, restart: u32) {
        let single = match self.scan.parts[..] {
            [part] => Some(&picture.planes[part]),
            _ => None,
        };
        let (across, down) = single.map_or(picture.mcus, |p| p.alone);
        for mcu in 0..across * down {
            if restart > 0 && mcu > 0 && mcu % restart == 0 {
                self.end_eob_run();
                self.bits.restart(mcu / restart - 1);
                self.dc_last = [0; 4];
            }
            let (x, y) = (mcu % across, mcu / across);
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
        self.end_eob_run();
    }

    fn block(&mut self, input: &mut Input<'_>, part: usize, block: &Block, progressive: bool) {
        let Scan { ss, ah, al, .. } = *self.scan;
        if ss == 0 && ah > 0 {
            self.bits.put((block[0] >> al) as u32 & 1, 1);
        } else if ss == 0 {
            let value = block[0] >> al;
            let difference = value - std::mem::replace(&mut self.dc_last[part], value);
            self.bits.symbol(&self.dc, size(difference) as u8);
            self.bits.signed(difference);
            if !progressive {
                self.sequential(block);
            }
        } else if ah > 0 {
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

    /// Writes a value and the `zeros` before it; a value of zero is only counted. Gives the zeros that are not yet written.
    fn value(&mut self, value: i32, mut zeros: u8) -> u8 {
        if value == 0 {
            return zeros + 1;
        }
        self.end_eob_run();
        while zeros > 15 {
            self.bits.symbol(&self.ac, 0xF0);
            zeros -= 16;
        }
        self.bits.symbol(&self.ac, zeros << 4 | size(value) as u8);
        self.bits.signed(value);
        0
    }

    fn band(&mut self, input: &mut Input<'_>, block: &Block) {
        let Scan { ss, se, al, .. } = *self.scan;
        let mut zeros = 0;
        for &value in &block[ss..=se] {
            // towards zero, not down
            zeros = self.value(value / (1 << al), zeros);
        }
        if zeros > 0 {
            self.end_of_band(input, Vec::new());
        }
    }

    fn refine(&mut self, input: &mut Input<'_>, block: &Block) {
        let Scan { ss, se, al, .. } = *self.scan;
        let size = |value: i32| value.unsigned_abs() >> al;
        let newest = (ss..=se).rev().find(|&k| size(block[k]) == 1).unwrap_or(0);
        let (mut zeros, mut corrections) = (0_u8, Vec::new());
        for (k, &value) in (ss..=se).zip(&block[ss..=se]) {
            if size(value) > 1 {
                corrections.push(size(value) & 1 != 0);
                continue;
            }
            if size(value) == 0 {
                zeros += 1;
                if zeros == 16 && k < newest {
                    self.end_eob_run();
                    self.bits.symbol(&self.ac, 0xF0);
                    self.correct(&mut corrections);
                    zeros = 0;
                }
                continue;
            }
            self.end_eob_run();
            self.bits.symbol(&self.ac, zeros << 4 | 1);
            self.bits.put(u32::from(value > 0), 1);
            self.correct(&mut corrections);
            zeros = 0;
        }
        if zeros > 0 || !corrections.is_empty() {
            self.end_of_band(input, corrections);
        }
    }

    fn correct(&mut self, corrections: &mut Vec<bool>) {
        for bit in corrections.drain(..) {
            self.bits.put(bit.into(), 1);
        }
    }

    fn end_of_band(&mut self, input: &mut Input<'_>, corrections: Vec<bool>) {
        self.eob_run.blocks += 1;
        self.eob_run.corrections.extend(corrections);
        if self.eob_run.blocks == 0x7FFF || input.once_in(5) {
            self.end_eob_run();
        }
    }

    fn end_eob_run(&mut self) {
        let EobRun { blocks, mut corrections } = std::mem::take(&mut self.eob_run);
        if blocks > 0 {
            let extra = blocks.ilog2();
            self.bits.symbol(&self.ac, (extra as u8) << 4);
            self.bits.put(blocks & ((1 << extra) - 1), extra);
            self.correct(&mut corrections);
        }
    }
}
