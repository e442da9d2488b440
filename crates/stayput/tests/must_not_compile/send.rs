//! A value that stays on its thread does so as a secret too.

use stayput::{Secret, ZeroInit};
use std::cell::Cell;
use std::thread;

struct Stays(*const u8);
// SAFETY: null is a pointer, which owns nothing.
unsafe impl ZeroInit for Stays {}

struct HandedOn(Cell<u8>);
// SAFETY: a byte, and nothing on the heap.
unsafe impl ZeroInit for HandedOn {}

fn main() {
    let stays = Secret::<Stays>::try_init_with(|_| {}).expect("within limits");
    thread::spawn(move || stays.expose().0.is_null());
    let handed_on = Secret::<HandedOn>::try_init_with(|_| {}).expect("within limits");
    thread::scope(|scope| {
        scope.spawn(|| handed_on.expose().0.get());
    });
}
