//! A known pattern before a value: who writes backwards past its start breaks it.

use super::end_process;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

const LEN: usize = 16;

/// Fills `slack` with the pattern.
pub(super) fn plant(slack: &mut [u8]) {
    let pattern = pattern();
    for chunk in slack.rchunks_mut(LEN) {
        let len = chunk.len();
        chunk.copy_from_slice(&pattern[LEN - len..]);
    }
}

/// As [`check`], for the bytes next to the value only: an overflow by steps comes
/// by there, and the rest of a page would cost more than the system calls do.
pub(super) fn check_nearest(slack: &[u8]) {
    check(&slack[slack.len().saturating_sub(LEN)..]);
}

/// Ends the process unless `slack` holds what [`plant`] put there.
pub(super) fn check(slack: &[u8]) {
    let pattern = pattern();
    let mut chunks = slack.rchunks(LEN);
    if !chunks.all(|chunk| pattern.ends_with(chunk)) {
        end_process("broken canary: something wrote before the start of a guarded value");
    }
}

/// Random, so that no accident writes it; one for the process and its children.
/// No lock: a fork may come in between.
fn pattern() -> [u8; LEN] {
    static WORDS: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];
    let words = WORDS.each_ref().map(settled).map(u64::to_ne_bytes);
    let mut pattern = [0; LEN];
    pattern.copy_from_slice(words.as_flattened());
    pattern
}

/// The word's value, drawn if nobody has yet. The standard library's hash keys
/// come from the system's random numbers.
fn settled(word: &AtomicU64) -> u64 {
    match word.load(Ordering::Relaxed) {
        0 => {
            let drawn = RandomState::new().hash_one(LEN) | 1;
            let settled = word.compare_exchange(0, drawn, Ordering::Relaxed, Ordering::Relaxed);
            settled.map_or_else(|winner| winner, |_| drawn)
        }
        settled => settled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_length_is_planted_and_checked() {
        for len in [0, 1, 15, 16, 17, 4064] {
            let mut slack = vec![0; len];
            plant(&mut slack);
            check(&slack);
            assert!(len < 8 || slack.iter().any(|&byte| byte != 0));
        }
    }
}
