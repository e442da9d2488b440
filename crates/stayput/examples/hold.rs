//! Holds locked memory of each kind until told to let go, so that somebody else can look:
//! `ci/windows.sh` does, at the host's view of a program under Wine.
//!
//! Prints `KIND ADDRESS LEN` for each, then `held`. At the first line of input it drops
//! them and prints `dropped`, at the second it ends.

use stayput::page::{AllocateLocked, FreeLocked, LockedPages, Win32LockedPageAllocator};
use stayput::{Guarded, Pool, Secret, SecretBytes, SecretString, region};
use std::error::Error;
use std::io::{Write, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    match hold() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hold: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hold() -> Result<(), Box<dyn Error>> {
    let key = Secret::<[u8; 32]>::try_init_with(|place| place.fill(1))?;
    let bytes = SecretBytes::try_init_with(100_000, |place| place.fill(2))?;
    let text = SecretString::take_from(&mut "a password".to_owned())?;
    let guarded = Guarded::<[u8; 32]>::try_init_with(|place| place.fill(3))?;
    let pages = LockedPages::new(5 * 4096)?;
    let mut allocator = Win32LockedPageAllocator::new();
    let mut locked = false;
    let raw = allocator.allocate_locked(4096, &mut locked);
    let mut buffer = vec![4u8; 10_000];
    let region = region::lock(&mut buffer)?;
    let control = vec![5u8; 1 << 20];

    tell("secret", key.expose());
    tell("bytes", bytes.expose());
    tell("text", text.expose().as_bytes());
    tell("guarded", &*guarded.expose()?);
    tell("pages", pages.as_slice());
    println!("allocator {:x} {}", raw.addr(), 4096);
    tell("region", &region);
    tell("control", &control);
    wait("held")?;

    drop((key, bytes, text, guarded, pages, region));
    allocator.free_locked(raw, 4096);
    Pool::global().trim();
    wait("dropped")
}

fn tell(kind: &str, bytes: &[u8]) {
    println!("{kind} {:x} {}", bytes.as_ptr().addr(), bytes.len());
}

fn wait(word: &str) -> Result<(), Box<dyn Error>> {
    println!("{word}");
    stdout().flush()?;
    stdin().read_line(&mut String::new())?;
    Ok(())
}
