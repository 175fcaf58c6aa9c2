//! Checks that a frame is exactly what this encoder writes for some picture.
//!
//! Both partitions are read bit by bit, and written again with the header that follows from the size, the quality and what was
//! counted on the way. Then all bytes must be equal: so there is nothing but one header, as many macroblocks as the size needs, and
//! their end, each in the only way in which this encoder writes it. Of what is read, levels that no picture has, needless zeros at
//! the end of a block, macroblocks that are not marked though they are empty, and anything in blocks outside the picture are refused.

use super::bool_coder::BoolReader;
use super::frame::{self, Odds, Statistics, Writer};
use super::macroblock::{Grid, LumaModes, Macroblock, Neighbours, Side, is_clear, skip_blocks, visit_blocks};
use super::predict::WHOLE_MODES;
use super::quantize::{Levels, MOST};
use super::settings::settings;
use super::tables::{
    BAND, BRANCHES, CATEGORIES, CHROMA_MODE, DEFAULT, EXTRA_BITS, LUMA_MODE, SUBBLOCK_MODE, SUBBLOCK_PATHS,
    UPDATE,
};
use crate::error::{Error, Result, not_canonical};
use crate::geometry::Size;

/// Checks that `bytes` are what the encoder writes for some picture of this size, at exactly this quality.
///
/// The memory is at most twice the bytes, and a row of macroblocks' neighbours.
pub(in crate::encode) fn check(bytes: &[u8], size: Size, quality: u8) -> Result<()> {
    let foreign = || {
        not_canonical(
            "The output is not a lossy WebP of the stated size and quality as this engine writes it.",
        )
    };
    let (head, rest) = bytes.split_first_chunk::<{ frame::HEAD }>().ok_or_else(foreign)?;
    let length = (u32::from_le_bytes([head[0], head[1], head[2], 0]) >> 5) as usize;
    if size.width.max(size.height) > super::MOST_SIDE || *head != frame::head(size, length) {
        return Err(foreign().figures("the engine's header", "another"));
    }
    let (first, second) = rest.split_at_checked(length).ok_or_else(foreign)?;
    let grid = Grid::new(size);
    let mut modes = BoolReader::new(first);
    let odds = read_header(&mut modes);
    let mut frame = FrameReader { modes, tokens: BoolReader::new(second), odds: &odds };
    let mut statistics = Statistics::new();
    let (mut reading, mut counting) = (Neighbours::new(grid.across), Neighbours::new(grid.across));
    let mut writer = Writer::new(grid, &settings(quality), &odds, [first.len() + 16, second.len() + 16]);
    for row in 0..grid.down {
        reading.start_row();
        counting.start_row();
        for column in 0..grid.across {
            let macroblock = frame.macroblock(reading.of(column))?;
            if !is_clear(&macroblock, grid.outside(column, row)) {
                return Err(not_canonical("The output hides data outside its picture."));
            }
            statistics.add(&macroblock, counting.of(column));
            writer.put(&macroblock, column);
        }
    }
    if Odds::of(&statistics) != odds {
        return Err(not_canonical(
            "The output's probabilities are not the ones that follow from its content.",
        ));
    }
    let [again_first, again_second] = writer.finish();
    compare(first, &again_first, "modes")?;
    compare(second, &again_second, "tokens")
}

fn compare(bytes: &[u8], again: &[u8], what: &str) -> Result<()> {
    if bytes == again {
        return Ok(());
    }
    let at = bytes.iter().zip(again).take_while(|(a, b)| a == b).count();
    let error = not_canonical(
        "The output is a picture, but not as this engine encodes it: encode it with the engine.",
    );
    Err(error.figures(
        format!("{} bytes of {what}", again.len()),
        format!("{} bytes, different from byte {at} on", bytes.len()),
    ))
}

/// Reads the header for its probabilities alone: the rest of it is compared when it is written again.
fn read_header(bits: &mut BoolReader<'_>) -> Odds {
    // Up to the probabilities of tokens, the header has the same length always.
    for _ in 0..3 + 11 + 14 + 1 {
        bits.read(128);
    }
    let mut tokens = Box::new(DEFAULT);
    let updates = UPDATE.as_flattened().as_flattened().as_flattened();
    let odds = tokens.as_flattened_mut().as_flattened_mut().as_flattened_mut();
    for (odds, update) in odds.iter_mut().zip(updates) {
        if bits.read(*update) {
            *odds = (0..8).fold(0, |value, _| value << 1 | u8::from(bits.read(128)));
        }
    }
    let coded = (0..9).fold(0, |value: u32, _| value << 1 | u32::from(bits.read(128))) as u8;
    Odds { coded, tokens }
}

/// Reads the macroblocks of both partitions.
struct FrameReader<'a> {
    modes: BoolReader<'a>,
    tokens: BoolReader<'a>,
    odds: &'a Odds,
}

impl FrameReader<'_> {
    fn macroblock(&mut self, (above, left): (&mut Side, &mut Side)) -> Result<Macroblock> {
        if self.modes.exhausted() || self.tokens.exhausted() {
            return Err(not_canonical("The output ends before its picture is whole."));
        }
        let empty = self.modes.read(self.odds.coded);
        let luma = self.luma_modes(above, left);
        let number = CHROMA_MODE.iter().position(|probability| !self.modes.read(*probability)).unwrap_or(3);
        let mut macroblock = Macroblock { luma, chroma: WHOLE_MODES[number], levels: [[0; 16]; 25] };
        let whole = macroblock.is_whole();
        if empty {
            skip_blocks(whole, (above, left));
            return Ok(macroblock);
        }
        visit_blocks(whole, (above, left), |block, kind, context, first| {
            let levels = &mut macroblock.levels[block];
            self.block(kind, context, first, levels)?;
            Ok::<bool, Error>(*levels != [0; 16])
        })?;
        if macroblock.is_empty() {
            return Err(not_canonical("The output codes a macroblock without content as if it had some."));
        }
        Ok(macroblock)
    }

    fn luma_modes(&mut self, above: &mut Side, left: &mut Side) -> LumaModes {
        let bits = &mut self.modes;
        let [luma, first, vertical, motion] = LUMA_MODE;
        if bits.read(luma) {
            let high = bits.read(first);
            let low = bits.read(if high { motion } else { vertical });
            let mode = WHOLE_MODES[usize::from(high) << 1 | usize::from(low)];
            (above.modes, left.modes) = ([mode.as_subblock(); 4], [mode.as_subblock(); 4]);
            return LumaModes::Whole(mode);
        }
        let mut modes = [0; 16];
        for (block, mode) in modes.iter_mut().enumerate() {
            let (a, l) = (&mut above.modes[block % 4], &mut left.modes[block / 4]);
            *mode = read_subblock_mode(bits, &SUBBLOCK_MODE[usize::from(*a)][usize::from(*l)]);
            (*a, *l) = (*mode, *mode);
        }
        LumaModes::Subblocks(modes)
    }

    /// Reads the levels of a block (RFC 6386, 13.2).
    fn block(&mut self, kind: usize, mut context: usize, first: usize, levels: &mut Levels) -> Result<()> {
        let odds = |at: usize, context: usize| &self.odds.tokens[kind][usize::from(BAND[at])][context];
        let bits = &mut self.tokens;
        let mut at = first;
        if !bits.read(odds(at, context)[0]) {
            return Ok(());
        }
        loop {
            let here = odds(at, context);
            if bits.read(here[1]) {
                let level = read_magnitude(bits, here);
                if u32::from(level) > MOST {
                    return Err(not_canonical("The output holds a value that no picture has."));
                }
                context = usize::from(level.min(2));
                levels[at] = if bits.read(128) { -(level as i16) } else { level as i16 };
                at += 1;
                if at > 15 || !bits.read(odds(at, context)[0]) {
                    return Ok(());
                }
            } else {
                (at, context) = (at + 1, 0);
                if at > 15 {
                    return Err(needless_zeros());
                }
            }
        }
    }
}

fn needless_zeros() -> Error {
    not_canonical("The output codes zeros at the end of a block.")
}

fn read_subblock_mode(bits: &mut BoolReader<'_>, odds: &[u8; 9]) -> u8 {
    let mut path = [(0, false); 7];
    for length in 0..path.len() {
        // All paths that begin as this one have the same next branch.
        let fits = |way: &&&[(u8, bool)]| way.len() > length && way[..length] == path[..length];
        let Some(branch) = SUBBLOCK_PATHS.iter().find(fits).map(|way| way[length].0) else { break };
        path[length] = (branch, bits.read(odds[usize::from(branch)]));
        if let Some(mode) = SUBBLOCK_PATHS.iter().position(|way| *way == &path[..=length]) {
            return mode as u8;
        }
    }
    0
}

/// Reads the magnitude of a level that is not 0.
fn read_magnitude(bits: &mut BoolReader<'_>, odds: &[u8; BRANCHES]) -> u16 {
    let mut branch = |at: usize| bits.read(odds[at]);
    if !branch(2) {
        return 1;
    }
    if !branch(3) {
        return if !branch(4) { 2 } else { 3 + u16::from(branch(5)) };
    }
    let category = if !branch(6) {
        usize::from(branch(7))
    } else if !branch(8) {
        2 + usize::from(branch(9))
    } else {
        4 + usize::from(branch(10))
    };
    let extra = EXTRA_BITS[category].iter().fold(0, |value, p| value << 1 | u16::from(bits.read(*p)));
    CATEGORIES[category] + extra
}
