//! The wasm rim of truecrop: it converts between JavaScript and `truecrop-core`, and decides nothing.
