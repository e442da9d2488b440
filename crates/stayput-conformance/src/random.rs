//! Random sequences of calls, the model against the kernel.

use crate::configuration::Configuration;
use crate::release::kernel_release;
use crate::tally::Tally;
use crate::task::{Answer, MEASURE, RUN, Task, ask};
use stayput_spec::model::{Rule, Rules};
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Sequences that one child process runs.
const SHARE: u64 = 50;

/// How a run is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Sequences in all, spread over the configurations.
    pub sequences: u64,
    /// Steps of each sequence.
    pub steps: u64,
    /// What everything follows from.
    pub seed: u64,
    /// Under which privilege and limit.
    pub configurations: Vec<Configuration>,
    /// Processes at once.
    pub jobs: NonZeroUsize,
    /// The program that calls [`child::dispatch`](crate::child::dispatch).
    pub program: PathBuf,
    /// A fact of the model to be turned around, to show that it would be noticed.
    pub flip: Option<Rule>,
}

impl Options {
    /// A run in every configuration, children of the program that runs now.
    ///
    /// # Errors
    /// Where the path of the running program is not to be had.
    pub fn new(sequences: u64, seed: u64) -> io::Result<Self> {
        Ok(Self {
            sequences,
            steps: 200,
            seed,
            configurations: Configuration::ALL.to_vec(),
            jobs: NonZeroUsize::MIN,
            program: std::env::current_exe()?,
            flip: None,
        })
    }
}

/// A shortest sequence on which model and kernel differ.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// Under which privilege and limit.
    pub configuration: Configuration,
    /// Which sequence of the seed.
    pub sequence: u64,
    /// After how many steps it was found, before shrinking.
    pub found_at: usize,
    /// The steps, in words; the last shows the difference.
    pub steps: Vec<String>,
    /// What differs.
    pub difference: String,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Steps asked for in each sequence.
    pub steps: u64,
    /// Sequences run to the end or to a difference.
    pub sequences: u64,
    /// What was met.
    pub tally: Tally,
    /// Where model and kernel differ; the run ends at the first.
    pub counterexamples: Vec<Counterexample>,
    /// What was left out, and why.
    pub skipped: Vec<String>,
    /// How long it took.
    pub elapsed: Duration,
    /// `uname -r`.
    pub kernel: String,
    /// The facts that hold on this kernel, where kernels differ as measured.
    pub rules: Rules,
}

impl Report {
    /// Steps compared per second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    pub fn rate(&self) -> f64 {
        self.tally.steps as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// No difference, and something was compared.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.counterexamples.is_empty() && self.tally.steps > 0
    }

    /// The facts that do not hold here, but on the newest kernel known.
    pub fn absent(&self) -> impl Iterator<Item = Rule> {
        let rules = self.rules;
        Rule::ALL
            .into_iter()
            .filter(move |rule| !rules.holds(*rule))
    }

    /// Every operation, errno and case was met, and nothing was left out.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.skipped.is_empty() && self.tally.never_met().is_empty()
    }
}

/// Runs; `progress` hears how many sequences are done, from any thread.
///
/// # Errors
/// Where a child could not be started or could not do its work, with its reason.
pub fn run(options: &Options, progress: impl Fn(u64) + Sync) -> io::Result<Report> {
    let started = Instant::now();
    let measured = measure(&options.program)?;
    let mut tasks = tasks(options, measured);
    tasks.reverse();
    let queue = Mutex::new(tasks);
    let report = Mutex::new(blank(options, measured));
    let work = || -> io::Result<()> {
        while let Some(task) = pop(&queue) {
            let words = [RUN, &serde_json::to_string(&task)?];
            let answer = ask(&options.program, &words)?;
            let done = take(&report, &task, answer);
            progress(done.sequences);
            if done.failed {
                clear(&queue);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.jobs.get()).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|worker| {
            let panicked = |_| Err(io::Error::other("a worker panicked"));
            worker.join().unwrap_or_else(panicked)
        });
        joined.collect::<io::Result<()>>()
    })?;
    let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.elapsed = started.elapsed();
    Ok(report)
}

/// The facts that hold on this kernel.
pub(crate) fn measure(program: &Path) -> io::Result<Rules> {
    Ok(Rules::from_bits(ask(program, &[MEASURE])?))
}

fn blank(options: &Options, rules: Rules) -> Report {
    Report {
        seed: options.seed,
        steps: options.steps,
        sequences: 0,
        tally: Tally::new(),
        counterexamples: Vec::new(),
        skipped: Vec::new(),
        elapsed: Duration::ZERO,
        kernel: kernel_release(),
        rules,
    }
}

/// Shares of the run, the configurations in turn, so that an early end has seen
/// all of them. Every sequence has its own number.
fn tasks(options: &Options, measured: Rules) -> Vec<Task> {
    let rules = options
        .flip
        .map_or(measured, |rule| measured.flipped(rule))
        .bits();
    let count = options.configurations.len().max(1) as u64;
    let share = SHARE.min(options.sequences.div_ceil(count)).max(1);
    let mut tasks = Vec::new();
    let mut first = 0;
    for configuration in options.configurations.iter().cycle() {
        let sequences = share.min(options.sequences - first);
        if sequences == 0 {
            break;
        }
        tasks.push(Task {
            configuration: *configuration,
            seed: options.seed,
            first,
            sequences,
            steps: options.steps,
            rules,
        });
        first += sequences;
    }
    tasks
}

struct Done {
    sequences: u64,
    failed: bool,
}

fn take(report: &Mutex<Report>, task: &Task, answer: Answer) -> Done {
    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
    report.sequences += answer.sequences;
    report.tally.add(&answer.tally);
    let configuration = task.configuration;
    let lacks = answer.lacks.into_iter();
    let whole = answer.skipped.map(|why| format!("{configuration}: {why}"));
    for skipped in lacks.chain(whole) {
        if !report.skipped.contains(&skipped) {
            report.skipped.push(skipped);
        }
    }
    let failed = answer.failure.is_some();
    report
        .counterexamples
        .extend(answer.failure.map(|failure| Counterexample {
            configuration,
            sequence: failure.index,
            found_at: failure.found_at,
            steps: failure.steps.iter().map(ToString::to_string).collect(),
            difference: failure.difference,
        }));
    Done {
        sequences: report.sequences,
        failed,
    }
}

fn pop(queue: &Mutex<Vec<Task>>) -> Option<Task> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn clear(queue: &Mutex<Vec<Task>>) {
    queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
}
