//! Sealed values: encrypted at rest, in locked memory while open.
#![cfg(feature = "sealed")]

#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;

use observe::{HARDENED, in_fork_child, pipe};
use own_process::{Setup, is_root, own_process};
use stayput::inspect::Flag;
use stayput::limits::Cause;
use stayput::secret::{SealError, key_protection};
use stayput::{Backing, Pool, Sealed, SealedBytes, SecretBytes};
use std::io::{Read, Write};

type Key = Sealed<[u8; 64]>;

fn key() -> Key {
    Key::try_init_with(|place| place.fill(0x5a)).expect("within limits")
}

/// A key in a pool that no other test's thread allocates from.
#[cfg(unix)]
fn key_of_its_own_pool() -> Key {
    let pool = Pool::builder().build();
    Key::try_init_with_in(|place| place.fill(0x5a), &pool).expect("within limits")
}

/// What lies at `address`, past what Rust knows of it.
#[cfg(unix)]
fn bytes_at(address: *const u8, len: usize) -> Vec<u8> {
    use std::os::unix::fs::FileExt;
    let mut bytes = vec![0xff; len];
    let memory = std::fs::File::open("/proc/self/mem").expect("own memory");
    let read = memory.read_exact_at(&mut bytes, address.expose_provenance() as u64);
    read.expect("mapped");
    bytes
}

#[test]
fn it_is_encrypted_at_rest_and_comes_back() {
    let (one, other) = (key(), key());
    assert_ne!(one.ciphertext(), [0x5a; 64]);
    assert_ne!(one.ciphertext(), other.ciphertext(), "each has its nonce");
    assert_eq!(one.open(|key| key[..2].to_vec()).expect("opens"), [0x5a; 2]);
    assert_eq!(*other.unseal().expect("opens").expose(), [0x5a; 64]);
}

// Not on Windows: reads /proc/self/mem.
#[cfg(unix)]
#[test]
fn it_opens_into_locked_memory_which_is_wiped_after() {
    let key = key_of_its_own_pool();
    let look = |value: &[u8; 64]| {
        assert!(observe::is_hardened(value.as_ptr()));
        assert_eq!(
            bytes_at(value.as_ptr(), 64),
            [0x5a; 64],
            "the look itself works"
        );
        value.as_ptr()
    };
    let place = key.open(look).expect("opens");
    assert_eq!(bytes_at(place, 64), [0; 64]);
}

// Not on Windows: reads /proc/self/mem.
#[cfg(unix)]
#[test]
fn a_panic_in_the_closure_wipes_and_changes_nothing() {
    let mut key = key_of_its_own_pool();
    let mut place = std::ptr::null();
    let panicking = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        key.open_mut(|value| {
            value[0] = 1;
            place = value.as_ptr();
            std::panic::resume_unwind(Box::new(()));
        })
    }));
    assert!(panicking.is_err());
    assert_eq!(bytes_at(place, 64), [0; 64]);
    assert_eq!(key.open(|value| value[0]).expect("opens"), 0x5a);
}

#[test]
fn a_change_is_sealed_afresh() {
    let mut key = key();
    let before = key.ciphertext().to_vec();
    key.open_mut(|_| ()).expect("opens");
    assert_ne!(
        key.ciphertext(),
        before,
        "another nonce for the same content"
    );
    key.open_mut(|value| value[63] = 7).expect("opens");
    assert_eq!(key.open(|value| value[63]).expect("opens"), 7);
}

#[test]
fn bytes_may_change_their_length() {
    let secret = SecretBytes::take_from(&mut b"four".to_vec()).expect("within limits");
    let mut sealed = SealedBytes::seal(secret).expect("within limits");
    for _ in 0..10 {
        let grown = sealed.open_mut(|bytes| bytes.try_extend_from_slice(&[9; 1000]));
        grown.expect("opens").expect("within limits");
    }
    assert_eq!(sealed.ciphertext().len(), 10_004);
    assert!(
        sealed
            .open(|bytes| bytes.starts_with(b"four\x09"))
            .expect("opens")
    );
    sealed.open_mut(|bytes| bytes.truncate(0)).expect("opens");
    assert!(sealed.unseal().expect("opens").is_empty());
}

#[test]
fn it_opens_in_the_pool_it_was_filled_in() {
    let pool = Pool::builder().max_locked(8192).build();
    let key = Key::try_init_with_in(|place| place.fill(3), &pool).expect("within limits");
    assert_eq!(pool.stats().chunks_used, 0, "nothing is held at rest");
    let used = key.open(|_| pool.stats().chunks_used).expect("opens");
    assert_eq!((used, pool.stats().chunks_used), (1, 0));
}

#[test]
fn the_key_is_out_of_the_kernels_reach_where_there_is_secret_memory() {
    let name = "the_key_is_out_of_the_kernels_reach_where_there_is_secret_memory";
    let report = key_protection().expect("within limits");
    assert!(report.locked.is_yes(), "{report}");
    assert_eq!(
        report.dump_excluded.is_yes(),
        HARDENED.contains(&Flag::DontDump)
    );
    let pool = Pool::builder().backing(Backing::SecretMem).build();
    match pool.block(1) {
        Ok(_) => assert!(report.kernel_unmapped.is_yes(), "{report}"),
        Err(error) => eprintln!("SKIPPED {name}: {error}"),
    }
}

#[test]
fn a_fork_child_has_a_key_of_its_own() {
    own_process("a_fork_child_has_a_key_of_its_own", Setup::new(), || {
        // The first nonce of each process, with zeros: the keystream itself.
        let zeros = || Key::try_init_with(|_| {}).expect("within limits");
        let (first, second) = (zeros(), zeros());
        let (mut from_child, mut to_parent) = pipe();
        let child = in_fork_child(|| {
            let refused = first.open(|_| ());
            assert!(matches!(refused, Err(SealError::Inherited)), "{refused:?}");
            let own = [zeros(), zeros()];
            for sealed in &own {
                to_parent.write_all(sealed.ciphertext()).expect("a reader");
            }
            assert_eq!(own[0].open(|value| *value).expect("its own"), [0; 64]);
            0
        });
        assert_eq!(child, Ok(0));
        drop(to_parent);
        let mut childs = Vec::new();
        from_child.read_to_end(&mut childs).expect("the child's");
        let third = zeros();
        let mut streams: Vec<&[u8]> = childs.chunks(64).collect();
        streams.extend([first.ciphertext(), second.ciphertext(), third.ciphertext()]);
        for (at, stream) in streams.iter().enumerate() {
            assert!(!streams[..at].contains(stream), "a keystream came twice");
        }
        assert_eq!(streams.len(), 5);
        assert_eq!(first.open(|value| *value).expect("the parent's"), [0; 64]);
    });
}

#[test]
fn without_a_limit_it_is_an_error_that_says_so() {
    let name = "without_a_limit_it_is_an_error_that_says_so";
    if !is_root(name) {
        return;
    }
    own_process(name, Setup::new().memlock(0).without_ipc_lock(), || {
        let refused = Key::try_init_with(|_| panic!("filled although refused"));
        match refused.expect_err("no limit at all") {
            SealError::Lock(error) => assert!(matches!(error.cause(), Cause::NoCapability)),
            other => panic!("{other}"),
        }
    });
}

#[test]
fn the_content_is_not_shown() {
    let bytes = SecretBytes::take_from(&mut b"x".to_vec()).expect("within limits");
    let bytes = SealedBytes::seal(bytes).expect("within limits");
    let shown = format!("{:?} {bytes:?}", key());
    assert_eq!(shown, "Sealed(..) SealedBytes(..)");
}
