//! The program as a child: what the library in it answers, signals, its end.

use super::inherit::in_words;
use super::{Failure, NOT_RUN};
use crate::size::human;
use crate::style::say;
use anyhow::{Context, Error, Result};
use stayput::inspect::{Process, locked_bytes};
use stayput::process::preload::Answer;
use stayput_sys::launch::{self, Pipe, Signal, Signals};
use stayput_sys::limits::{Resource, UNLIMITED, getrlimit};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long what ends with the program may take for it.
const PIPE_CLOSES: Duration = Duration::from_millis(200);

/// What to watch for.
pub(super) struct Watch {
    pub(super) wait: Duration,
    pub(super) verbose: bool,
    pub(super) locks: bool,
    pub(super) children: bool,
}

enum Event {
    Answer(String),
    /// Nobody holds the other end of the pipe any more.
    Closed,
    Signal(Signal),
}

impl Watch {
    /// Starts the command with the orders and stays until it ends. `orders` gives the
    /// variable for the number of the descriptor to answer on.
    pub(super) fn run(
        &self,
        command: &mut Command,
        orders: impl FnOnce(i32) -> (&'static str, String),
    ) -> Result<ExitCode, Failure> {
        // Before the threads below, which inherit it.
        let signals = Signals::hold().context("holding signals back")?;
        let pipe = Pipe::new().context("opening a pipe")?;
        let (variable, value) = orders(pipe.number().context("opening a pipe")?);
        command.env(variable, value);
        let name = command.get_program().to_owned();
        let spawned = signals.spawn(command, pipe);
        let (child, answers) = spawned.map_err(|error| Failure::of_exec(&name, error))?;
        let pipe = answers.try_clone().context("opening a pipe")?;
        let (sender, events) = channel();
        let signal_sender = sender.clone();
        thread::spawn(move || read_answers(answers, &sender));
        thread::spawn(move || take_signals(&signal_sender));
        let mut session = Session {
            watch: self,
            child,
            pipe,
            events,
            state: State::Starting(Instant::now() + self.wait),
            closed: false,
        };
        session.stay()
    }
}

fn read_answers(pipe: File, events: &Sender<Event>) {
    for line in BufReader::new(pipe).lines().map_while(Result::ok) {
        if events.send(Event::Answer(line)).is_err() {
            return;
        }
    }
    // The receiver is gone when this program ends.
    let _ = events.send(Event::Closed);
}

fn take_signals(events: &Sender<Event>) {
    while let Ok(signal) = Signals::wait() {
        if events.send(Event::Signal(signal)).is_err() {
            return;
        }
    }
}

/// How far the program is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No sign of the library yet; until then.
    Starting(Instant),
    /// It is at work before `main`.
    Begun,
    /// The program runs as ordered.
    Running,
}

struct Session<'a> {
    watch: &'a Watch,
    child: Child,
    pipe: File,
    events: Receiver<Event>,
    state: State,
    closed: bool,
}

impl Session<'_> {
    fn stay(&mut self) -> Result<ExitCode, Failure> {
        loop {
            match self.next() {
                Ok(Event::Answer(line)) => self.answered(&line)?,
                Ok(Event::Closed) => self.closed(),
                Ok(Event::Signal(signal)) if launch::is_of_child(signal) => {
                    if let Some(status) =
                        self.child.try_wait().context("waiting for the program")?
                    {
                        return self.ended(status);
                    }
                }
                Ok(Event::Signal(signal)) => self.pass_on(signal),
                Err(_) => {
                    return self.stop("the program was ended: the preloaded library gave no sign");
                }
            }
        }
    }

    fn next(&self) -> Result<Event, RecvTimeoutError> {
        match self.state {
            State::Starting(until) => self
                .events
                .recv_timeout(until.saturating_duration_since(Instant::now())),
            _ => self.events.recv().map_err(RecvTimeoutError::from),
        }
    }

    fn answered(&mut self, line: &str) -> Result<(), Failure> {
        match line.parse().map_err(Error::msg)? {
            Answer::Begun => self.state = State::Begun,
            Answer::Warning(text) => say(format_args!("warning: {text}")),
            Answer::Refused(why) => return self.stop(&self.refusal(&why)).map(drop),
            Answer::Done { locked, room } => {
                self.state = State::Running;
                if self.watch.locks {
                    self.check(locked)?;
                    self.mind_stacks(room);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The library ends the program itself, before its `main`.
    fn refusal(&self, why: &str) -> String {
        let hint = if self.watch.locks {
            " (A file capability belongs on stayput, which passes it on: a program that has one \
             is not preloaded into.)"
        } else {
            ""
        };
        format!("the program was not run: {why}.{hint}")
    }

    /// The library has asked the kernel (`VmLck`). Asked from here, the program may
    /// have replaced itself already.
    fn check(&mut self, locked: u64) -> Result<(), Failure> {
        if locked == 0 {
            return self
                .stop("the program was ended: nothing of it is locked (VmLck is 0)")
                .map(drop);
        }
        if self.watch.verbose {
            let (process, locked) = (self.child.id(), human(locked));
            say(format_args!("process {process}: {locked} locked"));
        }
        Ok(())
    }

    /// Each thread's stack counts whole, from its start.
    fn mind_stacks(&self, room: Option<u64>) {
        const DEFAULT: u64 = 2 << 20; // glibc's, where the limit is infinite
        let Ok(limit) = getrlimit(Resource::Stack) else {
            return;
        };
        let stack = if limit.soft == UNLIMITED {
            DEFAULT
        } else {
            limit.soft
        };
        if let Some(room) = room.filter(|&room| room < stack) {
            say(format_args!(
                "warning: the program's thread stacks won't fit: a thread takes {} \
                 (RLIMIT_STACK) of locked memory, RLIMIT_MEMLOCK leaves {}. Raise RLIMIT_MEMLOCK, \
                 grant CAP_IPC_LOCK, or lower `ulimit -s`",
                in_words(stack),
                in_words(room),
            ));
        }
    }

    /// After a lock nobody holds the pipe any more: the program has closed it, has
    /// ended, or has replaced itself, and then its locks are gone.
    fn closed(&mut self) {
        self.closed = true;
        let unlocked =
            || locked_bytes(Process::Id(self.child.id())).is_ok_and(|locked| locked == 0);
        let is_watched = self.watch.locks && !self.watch.children;
        if self.state == State::Running && is_watched && unlocked() {
            say(format_args!(
                "warning: the program has replaced itself by another (exec), which is not \
                 locked: start that one, or use --children"
            ));
        }
    }

    /// Not what the kernel sends: a terminal's keys reach the program by themselves.
    fn pass_on(&self, signal: Signal) {
        if signal.sender == launch::Sender::Kernel {
            return;
        }
        if let Err(error) = launch::send(&self.child, signal) {
            let number = signal.number;
            say(format_args!(
                "warning: signal {number} was not passed on: {error}"
            ));
        }
    }

    fn ended(&mut self, status: ExitStatus) -> Result<ExitCode, Failure> {
        // A busy machine may be slow to hand on what the program has said.
        let closes = launch::closes(&self.pipe, PIPE_CLOSES).context("waiting for a pipe")?;
        while !self.closed && (closes || self.state != State::Running) {
            let next = match closes {
                true => self.events.recv().map_err(RecvTimeoutError::from),
                false => self.events.recv_timeout(self.watch.wait),
            };
            match next {
                Ok(Event::Answer(line)) => self.answered(&line)?,
                Ok(Event::Closed) => self.closed = true,
                Ok(Event::Signal(_)) => {}
                Err(_) => break,
            }
        }
        if self.state != State::Running {
            let why = if self.state == State::Begun {
                "a SIGKILL here means that memory ran out, of its control group or of the machine"
            } else {
                "was the library loaded (is it for another C library)?"
            };
            let error = Error::msg(format!(
                "the program ended ({status}) before the preloaded library said that all is done: \
                 {why}"
            ));
            return Err(error.into());
        }
        if !self.closed && self.watch.locks && !self.watch.children {
            say(format_args!(
                "warning: the program has left processes behind (fork), which are not locked: \
                 run it in the foreground, or use --children"
            ));
        }
        Ok(ExitCode::from(exit_code(status)))
    }

    /// It must not run on.
    fn stop(&mut self, why: &str) -> Result<ExitCode, Failure> {
        // One that has ended already can't be killed.
        let _ = self.child.kill();
        self.child.wait().context("waiting for the program")?;
        let error = Error::msg(why.to_owned());
        Err(Failure {
            code: NOT_RUN,
            error,
        })
    }
}

/// As shells have it.
fn exit_code(status: ExitStatus) -> u8 {
    let code = match (status.code(), launch::ended_by(status)) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => NOT_RUN.into(),
    };
    u8::try_from(code & 0xff).unwrap_or(NOT_RUN)
}
