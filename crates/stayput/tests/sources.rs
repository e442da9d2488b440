//! Secrets from files, descriptors and standard input: straight into locked memory.

#[cfg(unix)]
#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;
#[cfg(unix)]
#[path = "support/residue.rs"]
mod residue;

use own_process::{Setup, is_root, own_process};
#[cfg(unix)]
use residue::{TEXT, found_unlocked, is_text, piped, read_carelessly};
use stayput::secret::FillError;
use stayput::{LockError, Secret, SecretBytes, SecretString};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, Write};

#[test]
fn everything_that_a_reader_has_arrives() {
    for len in [0, 1, 511, 512, 513, 100_000] {
        let bytes: Vec<u8> = (0..len)
            .map(|at| u8::try_from(at % 251).expect("small"))
            .collect();
        let secret = SecretBytes::try_read_from(&bytes[..]).expect("within limits");
        assert_eq!(secret.expose(), bytes, "{len}");
    }
}

#[test]
fn files_and_descriptors_are_readers() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(b"in a file").expect("written");
    let read = SecretBytes::try_read_file(file.path()).expect("readable");
    assert_eq!(read.expose(), b"in a file");
    let opened = File::open(file.path()).expect("there");
    let read = SecretBytes::try_read_from(opened.try_clone().expect("a descriptor"));
    assert_eq!(read.expect("readable").expose(), b"in a file");
    let missing = SecretBytes::try_read_file("/nonexistent/key").expect_err("not there");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn appending_goes_on_behind_what_is_there() {
    let mut secret = SecretBytes::take_from(&mut b"one, ".to_vec()).expect("within limits");
    assert_eq!(secret.try_append_from(&b"two"[..]).expect("readable"), 3);
    assert_eq!(secret.try_append_from(io::empty()).expect("readable"), 0);
    assert_eq!(secret.expose(), b"one, two");
}

/// Gives some bytes, is interrupted, gives some more, and fails.
struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        self.0 += 1;
        match self.0 {
            1 | 3 => {
                place[..2].copy_from_slice(b"ab");
                Ok(2)
            }
            2 => Err(ErrorKind::Interrupted.into()),
            _ => Err(ErrorKind::ConnectionReset.into()),
        }
    }
}

#[test]
fn interruptions_are_passed_over_and_errors_passed_on() {
    let mut secret = SecretBytes::try_new().expect("within limits");
    let error = secret.try_append_from(Failing(0)).expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(secret.expose(), b"abab", "what was read before stays");
}

#[test]
fn lines_end_where_they_end() {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all("first\nzweite ä\r\n\nlast".as_bytes())
        .expect("written");
    file.rewind().expect("a file");
    for expected in ["first", "zweite ä", "", "last"] {
        let line = SecretString::try_read_line_from(&file).expect("a line");
        assert_eq!(line.expose(), expected);
    }
    let error = SecretString::try_read_line_from(&file).expect_err("no line");
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn text_that_is_none_is_refused_without_being_shown() {
    let error = SecretString::try_read_from(&b"caf\xe9"[..]).expect_err("Latin-1");
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(!format!("{error} {error:?}").contains("caf"));
}

#[test]
fn a_fill_that_fails_says_why() {
    let failed = Secret::<[u8; 4]>::try_fill_with(|_| Err("no key today"));
    assert!(matches!(failed, Err(FillError::Source("no key today"))));
    let failed = SecretBytes::try_fill_with(4, |_| Err("none here")).expect_err("fails");
    assert_eq!(failed.to_string(), "a secret's source failed: none here");
    let filled = SecretBytes::try_fill_with(2, |place| {
        place.copy_from_slice(b"ok");
        Ok::<_, LockError>(())
    });
    assert_eq!(filled.expect("within limits").expose(), b"ok");
}

#[test]
fn a_limit_in_the_way_is_named() {
    let name = "a_limit_in_the_way_is_named";
    if !is_root(name) {
        return;
    }
    own_process(
        name,
        Setup::new().memlock(65_536).without_ipc_lock(),
        || {
            let error =
                SecretBytes::try_read_from(io::repeat(7).take(1 << 20)).expect_err("64 KiB");
            assert_eq!(error.kind(), ErrorKind::OutOfMemory);
            assert!(error.to_string().contains("RLIMIT_MEMLOCK"), "{error}");
        },
    );
}

// Not on Windows: searches /proc/self/mem.
#[cfg(unix)]
#[test]
fn no_copy_stays_outside() {
    own_process("no_copy_stays_outside", Setup::new(), || {
        let control = read_carelessly(piped(1, b""));
        assert!(is_text(1, &control));
        assert!(found_unlocked(1) > 0, "the control is found");
        let mut secret = SecretBytes::try_read_from(piped(2, b"")).expect("readable");
        let line = SecretString::try_read_line_from(piped(3, b"\nmore")).expect("a line");
        // Growing moves what was read.
        secret
            .try_append_from(io::repeat(0).take(100_000))
            .expect("within limits");
        assert!(is_text(2, &secret.expose()[..TEXT]));
        assert!(is_text(3, line.expose().as_bytes()));
        assert_eq!((found_unlocked(2), found_unlocked(3)), (0, 0));
    });
}

// Not on Windows: searches /proc/self/mem.
#[cfg(unix)]
#[test]
fn standard_input_is_read_without_a_buffer() {
    own_process(
        "standard_input_is_read_without_a_buffer",
        Setup::new(),
        || {
            become_standard_input(&piped(4, b"\n"));
            let mut control = String::new();
            io::stdin().read_line(&mut control).expect("a line");
            assert!(found_unlocked(4) > 0, "the control is found");
            become_standard_input(&piped(5, b"\nand the rest"));
            let line = SecretString::try_read_stdin_line().expect("a line");
            assert!(is_text(5, line.expose().as_bytes()));
            let rest = SecretBytes::try_read_stdin().expect("readable");
            assert_eq!(rest.expose(), b"and the rest");
            assert_eq!(found_unlocked(5), 0);
        },
    );
}

#[cfg(unix)]
fn become_standard_input(descriptor: &impl std::os::fd::AsRawFd) {
    // SAFETY: replaces descriptor 0, which nothing owns.
    assert_eq!(unsafe { libc::dup2(descriptor.as_raw_fd(), 0) }, 0);
}
