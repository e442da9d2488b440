//! The playground: values reach the kernel, and addresses come back, on every word
//! size. Each test has a process of its own: playgrounds lie at the same place.
//!
//! Not on Windows: these are Linux's calls.
#![cfg(all(target_os = "linux", not(stayput_backend = "unsupported")))]

use stayput_sys::page_size;
use stayput_sys::raw::{self, MapArgs, Playground, RemapArgs, Source};
use std::os::unix::fs::FileExt;

#[path = "observe/own_process.rs"]
mod own_process;
use own_process::own_process;

const READ_WRITE: u32 = (libc::PROT_READ | libc::PROT_WRITE) as u32;
const MAY_MOVE_TO: u32 = (libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED) as u32;

fn args(addr: usize, source: Source<'_>) -> MapArgs<'_> {
    MapArgs {
        addr,
        len: page_size(),
        prot: READ_WRITE,
        source,
        flags: 0,
        no_replace: true,
    }
}

#[test]
fn a_file_is_mapped_from_an_offset_in_bytes() {
    own_process("a_file_is_mapped_from_an_offset_in_bytes", || {
        let p = page_size();
        let file = raw::memfd(3 * p).expect("a file in memory");
        file.write_all_at(&[0xa7], 2 * p as u64 + 5).expect("room");
        let ground = Playground::new(4 * p).expect("a low address");
        let at = ground.start();
        for (source, then) in [
            (Source::Private(&file, 2 * p as u64), 0xa7),
            (Source::Shared(&file, 2 * p as u64), 0x33),
        ] {
            assert_eq!(ground.mmap(&args(at, source)).expect("free"), at);
            assert_eq!(ground.peek(at + 5).expect("inside"), 0xa7);
            ground.poke(at + 5, 0x33).expect("inside");
            let mut byte = [0];
            file.read_exact_at(&mut byte, 2 * p as u64 + 5)
                .expect("there");
            assert_eq!(byte, [then], "{source:?}");
            ground.munmap(at, p).expect("ours");
        }
        let beside = Source::Private(&file, 1);
        let error = ground.mmap(&args(at, beside)).expect_err("no whole page");
        assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
    });
}

#[test]
fn mappings_move_within_the_playground_and_not_out_of_it() {
    own_process(
        "mappings_move_within_the_playground_and_not_out_of_it",
        || {
            let p = page_size();
            let ground = Playground::new(4 * p).expect("a low address");
            let (from, to) = (ground.start(), ground.start() + 3 * p);
            ground.mmap(&args(from, Source::Anonymous)).expect("free");
            ground.poke(from + 1, 0x5c).expect("inside");
            let moved = RemapArgs {
                addr: from,
                old_len: p,
                new_len: p,
                flags: MAY_MOVE_TO,
                new_addr: to,
            };
            assert_eq!(ground.mremap(&moved).expect("free"), to);
            assert_eq!(ground.peek(to + 1).expect("inside"), 0x5c);
            let taken = ground.mmap(&args(to, Source::Anonymous));
            assert_eq!(
                taken.expect_err("not replaced").raw_os_error(),
                Some(libc::EEXIST)
            );
            let out = RemapArgs {
                new_addr: to + p,
                addr: to,
                ..moved
            };
            let error = ground.mremap(&out).expect_err("outside");
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        },
    );
}

#[test]
fn lengths_that_wrap_do_not_leave_the_playground() {
    own_process("lengths_that_wrap_do_not_leave_the_playground", || {
        let ground = Playground::new(4 * page_size()).expect("a low address");
        for source in [Source::Anonymous, Source::HugeTlb] {
            let whole = MapArgs {
                len: usize::MAX,
                ..args(ground.start(), source)
            };
            let error = ground.mmap(&whole).expect_err("leaves the playground");
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{source:?}");
        }
        let grown = raw::grow_brk(usize::MAX).expect_err("no such size");
        assert_eq!(grown.raw_os_error(), Some(libc::ENOMEM));
    });
}
