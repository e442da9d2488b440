//! A password becomes a key: Argon2 with its working memory locked.
//!
//! ```sh
//! password              # asks on the terminal
//! password --stdin      # reads a line
//! ```
//!
//! It prints a check value, which tells whether the password is the same, and keeps the key
//! until its input ends.
#![forbid(unsafe_code)]

use allocator_api2::vec::Vec;
use anyhow::{Context, Result, anyhow};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use stayput::secret::with_wiped_stack;
use stayput::{Backing, Pool, Secret, SecretString};
use stayput_examples::{careless_copy, hex};
use std::hint::black_box;

/// More stack than Argon2 takes, without optimisation too.
const DEPTH: usize = 256 << 10;
/// Working memory in KiB: small, since the limit on locked memory often is 8 MiB.
const MEMORY: u32 = 1024;
const SALT: &[u8] = b"a salt, which is no secret";
/// What is derived: a key, and a value to recognise it by.
const LEN: usize = 64;

fn main() -> Result<()> {
    let pool = Pool::builder().backing(Backing::SecretMem).build();
    let key = key(&pool)?;
    let copy = careless_copy(&key.expose()[..LEN / 2]);
    println!("check {}", hex(&key.expose()[LEN / 2..]));
    // A program would use the key now.
    let _ = SecretString::try_read_stdin_line();
    black_box(&copy);
    Ok(())
}

/// Reads the password, which is wiped when this returns.
fn key(pool: &Pool) -> Result<Secret<[u8; LEN]>> {
    let password = if std::env::args().any(|argument| argument == "--stdin") {
        SecretString::try_read_stdin_line()
    } else {
        SecretString::try_prompt("Password: ")
    };
    let password = password.context("reading the password")?;
    let params = Params::new(MEMORY, 3, 1, Some(LEN)).map_err(|error| anyhow!("{error}"))?;
    let mut memory = Vec::new_in(pool);
    memory
        .try_reserve_exact(params.block_count())
        .map_err(|_| anyhow!("no locked memory for {MEMORY} KiB: see `stayput doctor`"))?;
    memory.resize(params.block_count(), Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Secret::try_fill_with_in(
        |key: &mut [u8; LEN]| {
            let password = password.expose().as_bytes();
            with_wiped_stack(DEPTH, || {
                argon2.hash_password_into_with_memory(password, SALT, key, &mut memory[..])
            })
        },
        pool,
    )
    .map_err(|error| anyhow!("{error}"))
}
