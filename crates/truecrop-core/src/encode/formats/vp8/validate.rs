//! Checks that a frame is exactly what this encoder writes for some picture.
//!
//! Both partitions are read bit by bit, and written again with the header that follows from the size, the quality and what was
//! counted on the way. Then all bytes must be equal: so there is nothing but one header, as many macroblocks as the size needs, and
//! their end, each in the only way in which this encoder writes it. Of what is read, levels that no picture has, needless zeros at
//! the end of a block, macroblocks that are not marked though they are empty, and anything in blocks outside the picture are refused.

use super::frame::{self, Odds, Statistics, Writer};
use super::macroblock::{Grid, Macroblock, Neighbours, Side, is_clear, skip_blocks, visit_blocks};
use super::quantize::{Levels, MOST};
use super::settings::settings;
use crate::error::{Error, Result, not_canonical};
use crate::geometry::Size;
use crate::vp8::bool_decoder::BoolDecoder;
use crate::vp8::modes::{read_chroma, read_luma};
use crate::vp8::tokens::{BAND, read_large, read_probabilities};

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
    let mut modes = BoolDecoder::new(first);
    let odds = read_header(&mut modes);
    let mut frame = FrameReader { modes, tokens: BoolDecoder::new(second), odds: &odds };
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
fn read_header(bits: &mut BoolDecoder<'_>) -> Odds {
    // Up to the probabilities of tokens, the header has the same length always.
    for _ in 0..3 + 11 + 14 + 1 {
        bits.read(128);
    }
    let tokens = read_probabilities(bits);
    Odds { coded: bits.number(9) as u8, tokens }
}

/// Reads the macroblocks of both partitions.
struct FrameReader<'a> {
    modes: BoolDecoder<'a>,
    tokens: BoolDecoder<'a>,
    odds: &'a Odds,
}

impl FrameReader<'_> {
    fn macroblock(&mut self, (above, left): (&mut Side, &mut Side)) -> Result<Macroblock> {
        if self.modes.behind() > 0 || self.tokens.behind() > 0 {
            return Err(not_canonical("The output ends before its picture is whole."));
        }
        let empty = self.modes.read(self.odds.coded);
        let luma = read_luma(&mut self.modes, &mut above.modes, &mut left.modes);
        let chroma = read_chroma(&mut self.modes);
        let mut macroblock = Macroblock { luma, chroma, levels: [[0; 16]; 25] };
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
                let level = if bits.read(here[2]) { read_large(bits, here) } else { 1 };
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
