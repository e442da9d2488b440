//! Looking for a text in this process's own memory, outside what is locked.
#![allow(dead_code, reason = "each test file uses what it needs")]

use stayput::Policy;
use stayput::inspect::{Flag, Process, mappings};
use stayput::page::LockedPages;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;

/// Bytes of a text to look for, computed one at a time: held whole, it would be found
/// here.
pub(crate) const TEXT: usize = 24;

/// Byte `at` of the text that belongs to `seed`: a printable one, no line's end.
pub(crate) fn byte(seed: u64, at: usize) -> u8 {
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (at as u64 + 1);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    b'a' + u8::try_from((mixed >> 40) % 26).expect("a letter")
}

/// Whether `bytes` are the text of `seed`.
pub(crate) fn is_text(seed: u64, bytes: &[u8]) -> bool {
    let byte = |at| std::hint::black_box(byte(seed, at));
    bytes.len() == TEXT && bytes.iter().enumerate().all(|(at, &it)| it == byte(at))
}

/// How often the text of `seed` lies in readable memory that is not locked.
pub(crate) fn found_unlocked(seed: u64) -> usize {
    let mut chunk = LockedPages::with_policy(1 << 16, Policy::Require).expect("within limits");
    let memory = File::open("/proc/self/mem").expect("own memory");
    let mut found = 0;
    for mapping in mappings(Process::Current).expect("own smaps") {
        if !mapping.has(Flag::Readable) || mapping.has(Flag::Locked) {
            continue;
        }
        let mut start = mapping.start;
        while start < mapping.end {
            let len = usize::try_from(mapping.end - start)
                .expect("64 bits")
                .min(chunk.len());
            let place = &mut chunk.as_mut_slice()[..len];
            match memory.read_at(place, start) {
                Ok(read) if read > TEXT => {
                    let first = byte(seed, 0);
                    let windows = place[..read].windows(TEXT);
                    let candidates = windows.filter(|window| window[0] == first);
                    found += candidates.filter(|it| is_text(seed, it)).count();
                    start += (read - TEXT) as u64;
                    if start + TEXT as u64 == mapping.end {
                        break;
                    }
                }
                // The kernel's own pages, or the last few bytes.
                _ => break,
            }
        }
    }
    found
}

/// A pipe that a child process writes the text of `seed` into, followed by `end`. The
/// child takes its memory with it.
pub(crate) fn piped(seed: u64, end: &[u8]) -> File {
    let (reader, mut writer) = super::observe::pipe();
    let written = super::observe::in_fork_child(|| {
        use std::io::Write;
        for at in 0..TEXT {
            writer.write_all(&[byte(seed, at)]).expect("a reader");
        }
        writer.write_all(end).expect("a reader");
        0
    });
    assert_eq!(written, Ok(0));
    reader
}

/// Reads as programs do that don't care, and keeps the copy.
pub(crate) fn read_carelessly(mut reader: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).expect("readable");
    bytes
}
