//! A live view: the terminal is given back as it was, however this ends.

use super::select::Selection;
use super::target::{Target, explain};
use super::text;
use crate::size::seconds;
use crate::style::{harmless, say};
use anyhow::{Context, Result, bail};
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyModifiers};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue};
use signal_hook::consts::TERM_SIGNALS;
use stayput::inspect::{Process, Snapshot, Totals};
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a signal may go unnoticed.
const SLICE: Duration = Duration::from_millis(100);
/// POSIX's number; the crate has no name for it on Windows, where there is nothing to watch.
const SIGHUP: i32 = 1;

/// Seconds, at least a tenth.
pub(super) fn interval(text: &str) -> Result<Duration, String> {
    // The process is easily taken for the seconds.
    seconds(text, 0.1).map_err(|why| why + "; or none, `inspect PROCESS --watch`")
}

/// Draws until `q`, Escape, control-C, a signal that ends programs, or the end of
/// the process.
pub(super) fn run(target: &Target, selection: &Selection, interval: Duration) -> Result<()> {
    if !(io::stdout().is_terminal() && io::stdin().is_terminal()) {
        bail!("--watch needs a terminal as standard input and output; without one leave it out");
    }
    let ended = Arc::new(AtomicBool::new(false));
    for signal in TERM_SIGNALS.iter().chain(&[SIGHUP]) {
        signal_hook::flag::register(*signal, Arc::clone(&ended)).context("watching for signals")?;
    }
    let process = target.resolve()?;
    let first = Snapshot::of(process).map_err(|error| explain(process, error))?;
    let screen = Screen::enter()?;
    let outcome = draw_until_end(process, first, selection, interval, &ended);
    drop(screen);
    outcome
}

fn draw_until_end(
    process: Process,
    mut snapshot: Snapshot,
    selection: &Selection,
    interval: Duration,
    ended: &AtomicBool,
) -> Result<()> {
    loop {
        draw(&snapshot, selection)?;
        let next = Instant::now() + interval;
        while let Some(left) = next.checked_duration_since(Instant::now()) {
            if ended.load(Ordering::Relaxed) {
                return Ok(());
            }
            match event::poll(left.min(SLICE)).and_then(|ready| ready.then(event::read).transpose())
            {
                Ok(Some(event)) if is_quit(&event) => return Ok(()),
                Ok(Some(Event::Resize(..))) => draw(&snapshot, selection)?,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("reading the keyboard"),
            }
        }
        snapshot = Snapshot::of(process)
            .map_err(|error| explain(process, error))
            .with_context(|| format!("{} has ended", snapshot.name))?;
    }
}

fn is_quit(event: &Event) -> bool {
    event
        .as_key_press_event()
        .is_some_and(|key| match key.code {
            KeyCode::Char('q') | KeyCode::Esc => true,
            KeyCode::Char('c') => key.modifiers.contains(KeyModifiers::CONTROL),
            _ => false,
        })
}

/// Sums, then as many mappings as there are lines for.
fn draw(snapshot: &Snapshot, selection: &Selection) -> Result<()> {
    let (width, height) = size().context("asking for the terminal's size")?;
    let mut page = String::new();
    compose(snapshot, selection, height.into(), &mut page)?;
    let mut out = io::stdout().lock();
    queue!(out, BeginSynchronizedUpdate, MoveTo(0, 0))?;
    for (number, line) in (0..height).zip(page.lines()) {
        let line: String = line.chars().take(width.into()).collect();
        queue!(
            out,
            MoveTo(0, number),
            Clear(ClearType::CurrentLine),
            Print(line)
        )?;
    }
    queue!(out, Clear(ClearType::FromCursorDown), EndSynchronizedUpdate)?;
    out.flush().context("drawing")
}

fn compose(
    snapshot: &Snapshot,
    selection: &Selection,
    height: usize,
    page: &mut String,
) -> std::fmt::Result {
    use std::fmt::Write;

    let Snapshot {
        id, name, mappings, ..
    } = snapshot;
    let (name, selected) = (harmless(name), selection.apply(mappings));
    writeln!(
        page,
        "{name} (process {id}), {} mappings; q ends",
        mappings.len()
    )?;
    text::sums(&Totals::of(mappings), Some(snapshot.charged), page)?;
    text::header(page)?;
    let lines = height.saturating_sub(page.lines().count());
    let rows = if selected.len() > lines {
        lines.saturating_sub(1)
    } else {
        lines
    };
    for mapping in selected.iter().take(rows) {
        text::short_row(mapping, page)?;
    }
    match selected.len().saturating_sub(rows) {
        0 => Ok(()),
        more => writeln!(page, "and {more} more"),
    }
}

/// The terminal's other screen, without a cursor, key by key.
struct Screen;

impl Screen {
    fn enter() -> Result<Self> {
        // First, so that a failure half-way is undone too.
        let screen = Self;
        enable_raw_mode().context("preparing the terminal")?;
        execute!(io::stdout(), EnterAlternateScreen, Hide).context("preparing the terminal")?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let restored = execute!(io::stdout(), Show, LeaveAlternateScreen);
        if let Err(error) = disable_raw_mode().and(restored) {
            say(format_args!(
                "the terminal was not restored ({error}): `reset` does it"
            ));
        }
    }
}
