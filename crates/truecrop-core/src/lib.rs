//! truecrop-core: bytes in, bytes out.
