//! The `truecrop` binary.
fn main() {}
