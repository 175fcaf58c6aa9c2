use std::io::Write;
use truecrop_core::Limits;
use truecrop_core::decode::jpeg::*;
use truecrop_core::decode::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let reps: u32 = a[2].parse().unwrap();
    let n: u8 = a[3].parse().unwrap();
    let w: Vec<u32> = a[4..8].iter().map(|s| s.parse().unwrap()).collect();
    let window = Window { x: w[0], y: w[1], width: w[2], height: w[3] };
    for r in 0..reps {
        let file = std::fs::File::open(&a[1]).unwrap();
        let t = std::time::Instant::now();
        let mut rows =
            JpegRows::open(Box::new(file), &DecodePlan { window, scale: n }, &Limits::default()).unwrap();
        let mut out = Vec::new();
        let last = r + 1 == reps && a.len() > 8;
        if last {
            let k = match rows.layout() {
                Layout::Gray => 5,
                Layout::Rgb => 6,
                _ => 7,
            };
            if k == 7 {
                write!(
                    out,
                    "P7\nWIDTH {}\nHEIGHT {}\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\n",
                    w[2], w[3]
                )
                .unwrap();
            } else {
                write!(out, "P{k}\n{} {}\n255\n", w[2], w[3]).unwrap();
            }
        }
        let mut sum = 0u64;
        while let Some(row) = rows.next_row().unwrap() {
            if let Row::U8(r) = row {
                if last {
                    out.extend_from_slice(r);
                } else {
                    sum += r[0] as u64;
                }
            }
        }
        eprintln!("{:.1} ms truncated {} {sum}", t.elapsed().as_secs_f64() * 1e3, rows.truncated());
        if last {
            std::fs::write(&a[8], &out).unwrap();
        }
    }
}
