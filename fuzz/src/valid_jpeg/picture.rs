//! The picture of a valid JPEG before it is coded: its size, its components and their coefficients.

use super::super::input::Input;

/// A block's coefficients, in zigzag order, not dequantised.
pub type Block = [i32; 64];

/// One component: its id and sampling factors in the frame, and its blocks.
pub struct Plane {
    pub id: u8,
    pub h: u32,
    pub v: u32,
    /// Blocks in a row of `blocks`, filled up to whole MCUs.
    pub stride: u32,
    /// Blocks that a scan of this component alone codes.
    pub alone: (u32, u32),
    pub blocks: Vec<Block>,
}

/// A picture before it is coded.
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub planes: Vec<Plane>,
    /// MCUs of interleaved scans.
    pub mcus: (u32, u32),
}

/// A picture of any size and sampling, and the quantisation table of each component.
pub fn picture(input: &mut Input<'_>) -> (Picture, Vec<[u16; 64]>) {
    let most = input.pick(&[4, 20, 40, 70]);
    let (width, height) = (1 + input.below(most), 1 + input.below(most));
    let count = input.pick(&[1, 3, 3, 3, 3, 4]);
    let usual = input.once_in(3);
    let factors: Vec<(u32, u32)> = (0..count)
        .map(|i| match (usual, i) {
            (true, 0 | 3) => (input.pick(&[1, 2]), input.pick(&[1, 2])),
            (true, _) => (1, 1),
            _ => (1 + input.below(4), 1 + input.below(4)),
        })
        .collect();
    let h_max = factors.iter().map(|f| f.0).max().unwrap_or(1);
    let v_max = factors.iter().map(|f| f.1).max().unwrap_or(1);
    let mcus = (width.div_ceil(8 * h_max), height.div_ceil(8 * v_max));
    let quant: Vec<[u16; 64]> = (0..count.min(4)).map(|_| quantisation(input)).collect();
    let plane = |(i, &(h, v)): (usize, &(u32, u32))| {
        let alone = ((width * h).div_ceil(8 * h_max), (height * v).div_ceil(8 * v_max));
        let stride = mcus.0 * h;
        let blocks = (0..stride * mcus.1 * v).map(|_| block(input, &quant[i])).collect();
        Plane { id: i as u8 + 1, h, v, stride, alone, blocks }
    };
    let planes = factors.iter().enumerate().map(plane).collect();
    (Picture { width, height, planes, mcus }, quant)
}

fn quantisation(input: &mut Input<'_>) -> [u16; 64] {
    let most = input.pick(&[1, 3, 20, 90, 255, 700]);
    std::array::from_fn(|_| 1 + input.below(most) as u16)
}

/// A few coefficients whose waves together stay below half of what a sample may leave its range by.
fn block(input: &mut Input<'_>, quant: &[u16; 64]) -> Block {
    let mut block = [0; 64];
    let reach = 1000 / i32::from(quant[0]);
    block[0] = input.below(2 * reach as u32 + 1) as i32 - reach;
    let mut budget = 1000;
    let count = input.pick(&[0, 0, 1, 3, 10, 40]);
    for _ in 0..count {
        let k = 1 + input.below(63) as usize;
        let step = i32::from(quant[k]);
        if step > budget || block[k] != 0 {
            continue;
        }
        let most = (budget / step).min(input.pick(&[1, 2, 9, 1000]));
        let size = 1 + input.below(most as u32) as i32;
        budget -= size * step;
        block[k] = if input.once_in(2) { size } else { -size };
    }
    block
}
