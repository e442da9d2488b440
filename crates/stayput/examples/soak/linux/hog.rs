//! A process that touches more memory than its control group may have: the kernel
//! pushes out whatever of the group is not locked.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) const ROLE: &str = "__hog";

/// Ends when the standard input does, with whoever holds its other end.
pub(crate) fn play() {
    static OVER: AtomicBool = AtomicBool::new(false);
    std::thread::spawn(|| {
        let mut nothing = Vec::new();
        let _ended = std::io::stdin().read_to_end(&mut nothing);
        OVER.store(true, Ordering::Relaxed);
    });
    let bytes = std::env::var("SOAK_HOG_MIB").ok();
    let mebibytes: usize = bytes.and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut memory = vec![0u8; mebibytes << 20];
    while !OVER.load(Ordering::Relaxed) {
        for chunk in memory.chunks_mut(1 << 20) {
            chunk
                .iter_mut()
                .step_by(4096)
                .for_each(|byte| *byte = byte.wrapping_add(1));
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn start() -> Child {
    Command::new("/proc/self/exe")
        .arg(ROLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("this program")
}
