//! SIGINT and SIGTERM: everything is removed, then the signal has its way.

use crate::complain::complain;
use crate::janitor::Janitor;
use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register_conditional_default, register_usize};
use signal_hook::low_level::emulate_default_handler;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Watches for signals until it is dropped; afterwards they act as by default.
pub(crate) struct Watch {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn start(janitor: Arc<Janitor>) -> Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let received = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM] {
            register_conditional_default(signal, Arc::clone(&over))
                .and_then(|_| {
                    let number = usize::try_from(signal).unwrap_or_default();
                    register_usize(signal, Arc::clone(&received), number)
                })
                .context("watching for signals")?;
        }
        let until = Arc::clone(&over);
        let thread = spawn(move || watch(&until, &received, &janitor));
        Ok(Self {
            over,
            thread: Some(thread),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            complain(format_args!(
                "stayput-prove: the watch for signals panicked"
            ));
        }
    }
}

fn watch(over: &AtomicBool, received: &AtomicUsize, janitor: &Janitor) {
    while !over.load(Ordering::SeqCst) {
        match received.load(Ordering::SeqCst) {
            0 => sleep(LOOK_EVERY),
            signal => end(signal, janitor),
        }
    }
}

fn end(signal: usize, janitor: &Janitor) {
    let (_nothing_new, outcome) = janitor.dismiss_for_good();
    match outcome {
        Ok(()) => complain(format_args!("stayput: interrupted; nothing is left behind")),
        Err(error) => complain(format_args!("stayput: interrupted; {error:#}")),
    }
    let number = i32::try_from(signal).unwrap_or(SIGTERM);
    if let Err(error) = emulate_default_handler(number) {
        complain(format_args!(
            "stayput: signal {number} could not be passed on: {error}"
        ));
    }
    std::process::exit(128 + number);
}
