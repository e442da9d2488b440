//! What is exposed does not outlive its secret.

use stayput::{Guarded, Secret};

fn exposed() -> &'static [u8; 32] {
    let secret = Secret::<[u8; 32]>::try_init_with(|_| {}).expect("within limits");
    secret.expose()
}

fn main() {
    let guarded = Guarded::<[u8; 32]>::try_init_with(|_| {}).expect("within limits");
    let content = guarded.expose().expect("readable");
    drop(guarded);
    println!("{}", content.len() + exposed().len());
}
