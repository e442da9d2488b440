//! A vault: a hash map whose table, names and values all lie in a pool.
//!
//! ```sh
//! printf 'set mail\nhunter2\nget mail\n' | vault
//! ```
//!
//! `set NAME` takes the next line as the value; `get NAME` prints it, `del NAME` forgets it.
#![forbid(unsafe_code)]

use allocator_api2::vec::Vec;
use anyhow::{Context, Result, anyhow, bail};
use hashbrown::{DefaultHashBuilder, HashMap};
use stayput::{Backing, Pool, SecretString};
use stayput_examples::careless_copy;
use std::hint::black_box;
use std::io::{ErrorKind, Write};

type Bytes<'a> = Vec<u8, &'a Pool>;
type Vault<'a> = HashMap<Bytes<'a>, Bytes<'a>, DefaultHashBuilder, &'a Pool>;

fn main() -> Result<()> {
    let pool = Pool::builder().backing(Backing::SecretMem).build();
    let mut vault = HashMap::with_hasher_in(DefaultHashBuilder::default(), &pool);
    let mut copy = [0; 128];
    loop {
        let line = match SecretString::try_read_stdin_line() {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            line => line.context("reading a command")?,
        };
        let Some((command, name)) = line.expose().split_once(' ') else {
            bail!("expected `set NAME`, `get NAME` or `del NAME`");
        };
        match command {
            "set" => {
                let value = SecretString::try_read_stdin_line().context("reading a value")?;
                copy = careless_copy(value.expose().as_bytes());
                set(&mut vault, &pool, name, &value)?;
                println!("{} entries", vault.len());
            }
            "get" => get(&vault, &pool, name)?,
            "del" => println!("{}", vault.remove(&bytes(&pool, name)?).is_some()),
            other => bail!(
                "expected `set`, `get` or `del`, found {} letters",
                other.len()
            ),
        }
    }
    black_box(&copy);
    Ok(())
}

fn set<'a>(vault: &mut Vault<'a>, pool: &'a Pool, name: &str, value: &SecretString) -> Result<()> {
    let full = |_| anyhow!("no locked memory for another entry: see `stayput doctor`");
    vault.try_reserve(1).map_err(full)?;
    vault.insert(bytes(pool, name)?, bytes(pool, value.expose())?);
    Ok(())
}

fn get(vault: &Vault<'_>, pool: &Pool, name: &str) -> Result<()> {
    let Some(value) = vault.get(&bytes(pool, name)?) else {
        println!("nothing");
        return Ok(());
    };
    // Standard output has a buffer that nobody wipes.
    let mut out =
        std::fs::File::from(std::os::fd::AsFd::as_fd(&std::io::stdout()).try_clone_to_owned()?);
    out.write_all(value)?;
    Ok(out.write_all(b"\n")?)
}

fn bytes<'a>(pool: &'a Pool, text: &str) -> Result<Bytes<'a>> {
    let mut bytes = Vec::new_in(pool);
    bytes
        .try_reserve_exact(text.len())
        .map_err(|_| anyhow!("no locked memory for an entry: see `stayput doctor`"))?;
    bytes.extend_from_slice(text.as_bytes());
    Ok(bytes)
}
