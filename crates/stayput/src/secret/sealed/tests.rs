//! What only the inside shows: what seals are bound to.

use super::*;

const PLAIN: &[u8] = b"a plain text of forty bytes, more or less";

fn sealed(kind: &str) -> Envelope {
    Envelope::seal(PLAIN, kind).expect("within limits")
}

fn opened(envelope: &Envelope, len: usize, kind: &str) -> Result<Vec<u8>, SealError> {
    let mut place = vec![0; len];
    envelope.open(&mut place, kind).map(|()| place)
}

#[test]
fn what_was_sealed_is_opened() {
    let envelope = sealed("kind");
    assert_ne!(envelope.ciphertext(), PLAIN);
    assert_eq!(
        opened(&envelope, PLAIN.len(), "kind").expect("untouched"),
        PLAIN
    );
}

#[test]
fn another_kind_or_length_does_not_open() {
    let envelope = sealed("kind");
    for (len, kind) in [
        (PLAIN.len(), "other"),
        (PLAIN.len() - 1, "kind"),
        (0, "kind"),
    ] {
        let refused = opened(&envelope, len, kind);
        assert!(matches!(refused, Err(SealError::Altered)), "{len} {kind}");
    }
}

#[test]
fn any_changed_bit_is_noticed_and_nothing_is_written() {
    for byte in 0..PLAIN.len() {
        for bit in 0..8 {
            let mut envelope = sealed("kind");
            envelope.flip(byte, bit);
            let mut place = vec![0; PLAIN.len()];
            let refused = envelope.open(&mut place, "kind");
            assert!(matches!(refused, Err(SealError::Altered)));
            assert!(place.iter().all(|&byte| byte == 0));
        }
    }
}

#[test]
fn no_nonce_comes_twice_from_many_threads() {
    let nonces = || -> Vec<_> { (0..2000).map(|_| sealed("kind").nonce()).collect() };
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(nonces)).collect();
    let all = threads
        .into_iter()
        .flat_map(|thread| thread.join().expect("no panic"));
    let mut all: Vec<_> = all.collect();
    let drawn = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), drawn);
}
