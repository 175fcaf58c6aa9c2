//! What the decoder of lossy WebP, its encoder and the check of its outputs share of VP8's key frames (RFC 6386).
//!
//! | file | what |
//! | --- | --- |
//! | `tables` | long tables: steps of the quantiser, probabilities |
//! | `bool_decoder` | the arithmetic decoder of single bits |
//! | `modes` | how macroblocks are predicted, as the first partition says it |
//! | `tokens` | how coefficients are coded |
//! | `predict` | a block's samples from those around it |

pub(crate) mod bool_decoder;
pub(crate) mod modes;
pub(crate) mod predict;
pub(crate) mod tables;
pub(crate) mod tokens;
