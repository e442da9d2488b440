//! The progress bar; it hides itself where standard error is no terminal.

use indicatif::{ProgressBar, ProgressStyle};
use stayput_prove::{Channel, Progress, Storage};

pub(super) struct Bar(ProgressBar);

impl Default for Bar {
    fn default() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn begin(&self, cells: usize) {
        self.0.set_length(cells as u64);
    }

    fn at(&self, channel: Channel, storage: Option<Storage>) {
        self.0.set_message(match storage {
            Some(storage) => format!("{}: {}", channel.title(), storage.title()),
            None => channel.title().to_owned(),
        });
    }

    fn done(&self, cells: usize) {
        self.0.inc(cells as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
