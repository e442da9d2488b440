//! Runs a share of the sequences, each in a process of its own.

use crate::generate::{Means, SIZE};
use crate::observe;
use crate::privilege::{capability_counts, may_raise};
use crate::sequence::{self, Record, Script, State};
use crate::shrink;
use crate::splitmix::SplitMix;
use crate::step::Step;
use crate::tally::Tally;
use crate::task::{Answer, Failure, Task};
use stayput_spec::model::Rules;
use stayput_sys::limits::{Limit, Resource, getrlimit, setrlimit};
use stayput_sys::raw::{self, Fork, MapArgs, Playground, Source};
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Sets the stage for sequences, forks one process for each, reads its record.
pub(crate) struct Warden {
    task: Task,
    blank: State,
    lacks: Vec<String>,
    /// Where sequences, which inherit it, write what became of them.
    record: PathBuf,
    /// In memory: a kill leaves no file.
    _file: File,
}

impl Warden {
    pub(crate) fn new(task: Task) -> io::Result<Self> {
        let hard = getrlimit(Resource::Memlock)?.hard;
        let (means, lacks) = means()?;
        let blank = State {
            script: Script::Fixed {
                steps: Vec::new(),
                next: 0,
            },
            means,
            soft: task.configuration.soft(hard),
            hard,
            may_raise: may_raise(hard)?,
            capability: task.configuration.capability,
            charged: 0,
            future: (false, false),
            rules: task.rules,
            trace: false,
            made: Vec::new(),
            tally: Tally::new(),
        };
        let (file, record) = raw::inherited_memfd()?;
        Ok(Self {
            task,
            blank,
            lacks,
            record,
            _file: file,
        })
    }

    pub(crate) fn work(self) -> io::Result<Answer> {
        let mut answer = Answer {
            tally: Tally::new(),
            sequences: 0,
            failure: None,
            lacks: self.lacks.clone(),
            skipped: None,
        };
        if self.task.configuration.capability {
            if !capability_counts()? {
                answer.skipped = Some("CAP_IPC_LOCK is not effective here".to_owned());
                return Ok(answer);
            }
        } else if observe::has_ipc_lock()? {
            raw::drop_ipc_lock()?;
        }
        let limit = Limit {
            soft: self.blank.soft,
            hard: self.blank.hard,
        };
        setrlimit(Resource::Memlock, limit)?;
        for index in self.task.first..self.task.first + self.task.sequences {
            answer.sequences += 1;
            match self.sequence(self.random(index))? {
                Record::Agreed(tally) => answer.tally.add(&tally),
                Record::Differed(steps, difference) => {
                    answer.failure = Some(self.failure(index, steps, difference)?);
                    break;
                }
                Record::Broken(why) => return Err(io::Error::other(why)),
                Record::Going(_) => return Err(io::Error::other("a sequence did not end")),
            }
        }
        Ok(answer)
    }

    fn random(&self, index: u64) -> State {
        State {
            script: Script::Random {
                rng: SplitMix::new(self.task.seed, index),
                left: self.task.steps,
            },
            ..self.blank.clone()
        }
    }

    fn failure(&self, index: u64, steps: Vec<Step>, difference: String) -> io::Result<Failure> {
        let found_at = steps.len();
        let (steps, difference) = shrink::shrink(steps, difference, |steps| self.differs(steps))?;
        Ok(Failure {
            index,
            steps,
            difference,
            found_at,
        })
    }

    /// What the steps may contain here.
    pub(crate) const fn means(&self) -> Means {
        self.blank.means
    }

    /// Takes these rules to hold.
    pub(crate) fn suppose(&mut self, rules: Rules) {
        self.blank.rules = rules.bits();
    }

    /// Runs given steps; how they differ, and which of them were made.
    pub(crate) fn differs(&self, steps: &[Step]) -> io::Result<Option<(Vec<Step>, String)>> {
        let state = State {
            script: Script::Fixed {
                steps: steps.to_vec(),
                next: 0,
            },
            ..self.blank.clone()
        };
        Ok(match self.sequence(state)? {
            Record::Differed(steps, difference) => Some((steps, difference)),
            _ => None,
        })
    }

    /// Runs one sequence in a process of its own. One that dies is run again
    /// with its steps on record.
    fn sequence(&self, state: State) -> io::Result<Record> {
        let traced = state.trace;
        let code = self.fork(state.clone())?;
        if code == 0 {
            let text = std::fs::read(&self.record)?;
            return Ok(serde_json::from_slice(&text)?);
        }
        if !traced {
            let trace = true;
            return self.sequence(State { trace, ..state });
        }
        let text = std::fs::read(&self.record)?;
        let made = match serde_json::from_slice(&text)? {
            Record::Going(state) => state.made,
            _ => Vec::new(),
        };
        let how = if code < 0 {
            format!("signal {}", -code)
        } else {
            format!("exit code {code}")
        };
        Ok(Record::Differed(made, format!("the process ended: {how}")))
    }

    fn fork(&self, state: State) -> io::Result<i32> {
        match raw::fork()? {
            Fork::Parent(child) => raw::wait(child),
            Fork::Child => sequence::run(state, &self.record),
        }
    }
}

/// What the steps may contain, and what this machine lacks.
fn means() -> io::Result<(Means, Vec<String>)> {
    let ground = Playground::new(usize::try_from(SIZE).map_err(io::Error::other)?)?;
    let droppable = ground.mmap(&MapArgs {
        addr: ground.start(),
        len: stayput_sys::page_size(),
        prot: 0,
        source: Source::Droppable,
        flags: 0,
        no_replace: false,
    });
    let secret = raw::memfd_secret(stayput_sys::page_size(), 0);
    let pool = std::fs::read_to_string("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
    let huge = matches!(&pool, Ok(pages) if pages.trim() == "0");
    let mut lacks = Vec::new();
    if let Err(error) = &droppable {
        lacks.push(format!("droppable memory: {error}"));
    }
    if let Err(error) = &secret {
        lacks.push(format!("secret memory: {error}"));
    }
    if !huge {
        lacks.push("huge pages: expected an empty pool of 2 MiB pages".to_owned());
    }
    let means = Means {
        secret: secret.is_ok(),
        huge,
        droppable: droppable.is_ok(),
        exec: true,
    };
    Ok((means, lacks))
}
