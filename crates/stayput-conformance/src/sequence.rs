//! One sequence, in a process that is given up to it.

use crate::compare::{self, Scope};
use crate::generate::{self, FILE_PAGES, Means, SECRET_PAGES};
use crate::kernel::Kernel;
use crate::observe::Proc;
use crate::splitmix::SplitMix;
use crate::step::{Step, World, page_size};
use crate::tally::Tally;
use crate::task::{HIDDEN, RESUME};
use serde::{Deserialize, Serialize};
use stayput_spec::model::{
    AddressSpace, Call, Kind, Limit, Lock, Outcome, Prediction, Protection, Rules,
};
use stayput_sys::raw::{self, Fork};
use std::ffi::OsStr;
use std::io;
use std::path::Path;

/// Bytes of heap and of stack that are taken before the first step, so that no
/// later one changes a mapping.
const HEAP: usize = 512 << 10;
const STACK: usize = 128 << 10;

/// Where the steps come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Script {
    Random { rng: SplitMix, left: u64 },
    Fixed { steps: Vec<Step>, next: usize },
}

impl Script {
    fn next(&mut self, means: Means) -> Option<Step> {
        match self {
            Self::Random { left: 0, .. } => None,
            Self::Random { rng, left } => {
                *left -= 1;
                Some(generate::step(rng, means))
            }
            Self::Fixed { steps, next } => {
                *next += 1;
                steps.get(*next - 1).copied()
            }
        }
    }
}

/// Everything that outlives `execve`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) script: Script,
    pub(crate) means: Means,
    pub(crate) soft: u64,
    pub(crate) hard: u64,
    pub(crate) may_raise: bool,
    pub(crate) capability: bool,
    /// What the model expects a new program to begin with: bytes charged, and
    /// whether new mappings are locked (`lo`, `lf`).
    pub(crate) charged: u64,
    pub(crate) future: (bool, bool),
    /// Which `Rules` hold.
    pub(crate) rules: u64,
    /// Whether to write the record before each step, for one that dies.
    pub(crate) trace: bool,
    pub(crate) made: Vec<Step>,
    pub(crate) tally: Tally,
}

/// What a sequence leaves for its warden.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Record {
    /// It goes on after `execve`, or is being traced.
    Going(Box<State>),
    Agreed(Tally),
    /// The last of the steps showed it.
    Differed(Vec<Step>, String),
    /// The sequence could not be run.
    Broken(String),
}

/// Runs to the end, writes the record, ends the process.
pub(crate) fn run(state: State, record: &Path) -> ! {
    let outcome = Sequence::begin(state, record).and_then(Sequence::run);
    let outcome = outcome.unwrap_or_else(|error| Record::Broken(error.to_string()));
    match write(record, &outcome) {
        Ok(()) => raw::exit(0),
        Err(error) => {
            eprintln!("stayput-conformance: {}: {error}", record.display());
            raw::exit(2)
        }
    }
}

fn write(path: &Path, record: &Record) -> io::Result<()> {
    std::fs::write(path, serde_json::to_vec(record)?)
}

struct Sequence<'a> {
    state: State,
    record: &'a Path,
    model: AddressSpace,
    kernel: Kernel,
    proc: Proc,
    world: World,
}

impl<'a> Sequence<'a> {
    fn begin(state: State, record: &'a Path) -> io::Result<Self> {
        raw::settle_heap(HEAP);
        settle_stack();
        let kernel = Kernel::new(state.means.secret)?;
        let mut proc = Proc::open()?;
        let mut model = empty(&state);
        let file = model.add_file(FILE_PAGES);
        let secret = model.add_secret(SECRET_PAGES);
        let special = adopt(&mut model, &mut proc)?;
        let world = World {
            base: kernel.playground.start() as u64,
            special,
            file,
            secret,
            hard: state.hard,
        };
        let sequence = Self {
            state,
            record,
            model,
            kernel,
            proc,
            world,
        };
        Ok(sequence)
    }

    fn run(mut self) -> io::Result<Record> {
        if let Some(difference) = self.compare(Scope::Process)? {
            return Ok(self.differed(format!("before the first step: {difference}")));
        }
        while let Some(step) = self.state.script.next(self.state.means) {
            if let Some(difference) = self.step(step)? {
                return Ok(self.differed(difference));
            }
        }
        match self.compare(Scope::Process)? {
            Some(difference) => Ok(self.differed(difference)),
            None => Ok(Record::Agreed(self.state.tally)),
        }
    }

    fn step(&mut self, step: Step) -> io::Result<Option<String>> {
        let call = self.world.call(&step);
        let Prediction::Determined(outcome) = self.model.apply(&call) else {
            self.state.tally.undetermined += 1;
            return Ok(None);
        };
        self.state.made.push(step);
        if self.state.trace {
            write(self.record, &Record::Going(Box::new(self.state.clone())))?;
        }
        self.state.tally.count(&call, &outcome);
        match call {
            Call::Fork => self.fork()?,
            Call::Exec => return Err(self.exec()),
            _ => {
                if let Some(difference) = self.make(&call, &outcome) {
                    return Ok(Some(difference));
                }
            }
        }
        let scope = match call {
            Call::Mlockall(_) | Call::Munlockall | Call::Fork => Scope::Process,
            _ => Scope::Playground,
        };
        self.compare(scope)
    }

    fn make(&mut self, call: &Call, outcome: &Outcome) -> Option<String> {
        let kernel = self.kernel.make(call);
        if matches!(call, Call::DropCapability) {
            self.state.capability = false;
        }
        compare::result(outcome.result, &kernel)
    }

    fn compare(&mut self, scope: Scope) -> io::Result<Option<String>> {
        compare::state(&self.model, &self.kernel, &mut self.proc, scope)
    }

    /// Goes on in the child; the parent hands its end on.
    fn fork(&mut self) -> io::Result<()> {
        match raw::fork()? {
            Fork::Parent(child) => match raw::wait(child) {
                Ok(code) if code >= 0 => raw::exit(code),
                Ok(_) | Err(_) => raw::exit(3),
            },
            Fork::Child => self.proc.reopen(),
        }
    }

    /// Goes on in a new program, which finds its state in the record.
    fn exec(&mut self) -> io::Error {
        let limit = self.model.limit();
        self.state.soft = limit.soft;
        self.state.charged = self.model.locked_bytes();
        let future = self.model.future();
        self.state.future = (future.is_locked(), future == Lock::OnFault);
        let going = Record::Going(Box::new(self.state.clone()));
        if let Err(error) = write(self.record, &going) {
            return error;
        }
        match std::env::current_exe() {
            Ok(program) => raw::exec(
                &program,
                &[
                    OsStr::new(HIDDEN),
                    OsStr::new(RESUME),
                    self.record.as_os_str(),
                ],
            ),
            Err(error) => error,
        }
    }

    fn differed(self, difference: String) -> Record {
        Record::Differed(self.state.made, difference)
    }
}

fn empty(state: &State) -> AddressSpace {
    let mut model = AddressSpace::new(page_size()).with_rules(Rules::from_bits(state.rules));
    let limit = Limit {
        soft: state.soft,
        hard: state.hard,
    };
    if state.may_raise {
        model.setrlimit(limit);
    } else {
        model = model.with_limit(limit);
    }
    let future = match state.future {
        (_, true) => Lock::OnFault,
        (true, false) => Lock::Locked,
        (false, false) => Lock::Unlocked,
    };
    let model = model.with_locks(state.charged, future);
    if state.capability {
        model
    } else {
        model.without_capability()
    }
}

/// Tells the model of everything that is mapped already; returns where the
/// kernel's own mappings begin.
fn adopt(model: &mut AddressSpace, proc: &mut Proc) -> io::Result<Vec<u64>> {
    proc.read_areas(1 << 63)?;
    let mut special = Vec::new();
    for area in &proc.areas {
        let kind = if area.special {
            special.push(area.start);
            Kind::Special
        } else {
            Kind::Existing
        };
        let protection = Protection {
            read: area.readable,
            write: area.writable,
        };
        model.add_existing(area.start, area.end - area.start, protection, kind);
    }
    Ok(special)
}

/// Touches more stack than the steps will need, so that it does not grow.
#[inline(never)]
fn settle_stack() {
    std::hint::black_box([1_u8; STACK]);
}
