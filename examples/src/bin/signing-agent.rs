//! A signing agent: its Ed25519 key lives where not even root's debuggers can read it.
//!
//! ```sh
//! (openssl rand -hex 32; echo "first message"; echo "second message") | signing-agent
//! ```
//!
//! The first line is the seed, each other one a message; it prints the public key, and a
//! signature for each message.
#![forbid(unsafe_code)]

use anyhow::{Context, Result};
use ed25519_dalek::{Signer, SigningKey};
use stayput::secret::with_wiped_stack;
use stayput::{Backing, Pool, Secret, SecretString};
use stayput_examples::{careless_copy, hex};
use std::hint::black_box;
use std::io::ErrorKind;

/// More stack than a signature takes, without optimisation too.
const DEPTH: usize = 256 << 10;

fn main() -> Result<()> {
    let pool = Pool::builder().backing(Backing::SecretMem).build();
    let seed = seed(&pool).context("reading the seed")?;
    let copy = careless_copy(seed.expose());
    let public = with_key(&seed, |key| key.verifying_key().to_bytes());
    println!("public key {}", hex(&public));
    loop {
        let message = match SecretString::try_read_stdin_line() {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            message => message.context("reading a message")?,
        };
        let signature = with_key(&seed, |key| key.sign(message.expose().as_bytes()));
        println!("signature {}", hex(&signature.to_bytes()));
    }
    black_box(&copy);
    Ok(())
}

/// Decoded in ordinary locked memory, which is wiped, and kept out of everybody's reach.
fn seed(pool: &Pool) -> Result<Secret<[u8; 32]>> {
    let line = SecretString::try_read_stdin_line()?;
    let decoded = Secret::<[u8; 32]>::try_from_hex(line.expose())?;
    let copy = |place: &mut [u8; 32]| place.copy_from_slice(decoded.expose());
    Ok(Secret::try_init_with_in(copy, pool)?)
}

/// The key is derived for each use: on the stack, which is wiped.
fn with_key<R>(seed: &Secret<[u8; 32]>, work: impl FnOnce(&SigningKey) -> R) -> R {
    with_wiped_stack(DEPTH, || work(&SigningKey::from_bytes(seed.expose())))
}
