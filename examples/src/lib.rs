//! What the examples share.
#![forbid(unsafe_code)]

use std::hint::black_box;

/// A program's careless twin: with `--careless` it keeps a copy of its secret on the stack,
/// where the experiments must find it. Keep the result alive.
#[must_use]
pub fn careless_copy(secret: &[u8]) -> [u8; 128] {
    let mut copy = [0; 128];
    if std::env::args().any(|argument| argument == "--careless") {
        let len = secret.len().min(copy.len());
        copy[..len].copy_from_slice(&secret[..len]);
    }
    black_box(copy)
}

/// Bytes as hexadecimal digits; for what may be seen.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
