//! What the library is told, and how it is done.

use crate::limits::LockError;
use crate::process::{LockReport, MlockConfig, lock_report};
use stayput_sys::process::{Dumpable, set_dumpable};
use std::fmt;
use std::io;
use std::str::FromStr;

/// What to do in a program before its `main`.
///
/// ```
/// use stayput::process::{MlockConfig, preload::{Children, Orders}};
///
/// let orders = Orders::new().locking(MlockConfig::default()).with_children(Children::Follow);
/// assert_eq!(orders.to_string(), "lock,children");
/// assert_eq!("lock,children".parse(), Ok(orders));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    lock: Option<MlockConfig>,
    undumpable: bool,
    children: Children,
    answer: Option<i32>,
}

/// What becomes of processes that the program starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Children {
    /// They know nothing of it.
    #[default]
    Free,
    /// The same is done in them: after fork, and again after exec.
    Follow,
}

impl Orders {
    /// Nothing at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lock the process: what it has and what it will have, or it does not run. Of the
    /// configuration `onfault` alone counts.
    #[must_use]
    pub fn locking(mut self, config: MlockConfig) -> Self {
        let whole = MlockConfig::builder().onfault(config.onfault());
        self.lock = Some(whole.build());
        self
    }

    /// Forbid dumps and tracing (`PR_SET_DUMPABLE`).
    #[must_use]
    pub fn undumpable(mut self) -> Self {
        self.undumpable = true;
        self
    }

    /// What becomes of children.
    #[must_use]
    pub fn with_children(mut self, children: Children) -> Self {
        self.children = children;
        self
    }

    /// Answer on this descriptor, which the program has inherited.
    #[must_use]
    pub fn answering(mut self, descriptor: i32) -> Self {
        self.answer = Some(descriptor);
        self
    }

    /// Where to answer.
    #[must_use]
    pub fn answer(&self) -> Option<i32> {
        self.answer
    }

    /// The orders for programs that the program starts, if they are to follow: the
    /// same, without an answer.
    #[must_use]
    pub fn for_children(&self) -> Option<Self> {
        let orders = Self {
            answer: None,
            ..self.clone()
        };
        (self.children == Children::Follow).then_some(orders)
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock.is_none() && !self.undumpable
    }

    /// Does it, in this process. Locks first: a process that can't be traced may not
    /// look at its own mappings either, unless it is root's.
    ///
    /// # Errors
    /// [`LockError`] as an [`io::Error`], or the system's for the switch.
    pub fn carry_out(&self) -> io::Result<Option<LockReport>> {
        let report = self.lock.map(lock_report).transpose()?;
        if self.undumpable {
            set_dumpable(Dumpable::No)?;
        }
        Ok(report)
    }

    /// Does it again in a child of fork, which has inherited all but the locks.
    ///
    /// What the child has at that moment is locked as it is touched, whatever the
    /// configuration says: it shares its parent's pages, which are in memory, and
    /// bringing them in for writing would copy every one.
    ///
    /// # Errors
    /// As [`lock_report`].
    pub fn carry_out_after_fork(&self) -> Result<(), LockError> {
        let Some(config) = self.lock else {
            return Ok(());
        };
        let present = MlockConfig::builder().future(false).onfault(true).build();
        lock_report(present)?;
        let later = MlockConfig::builder().current(false);
        lock_report(later.onfault(config.onfault()).build()).map(drop)
    }
}

impl fmt::Display for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let onfault = self.lock.is_some_and(|config| config.onfault());
        let words = [
            (self.lock.is_some(), "lock"),
            (onfault, "onfault"),
            (self.undumpable, "no-dump"),
            (self.children == Children::Follow, "children"),
        ];
        let mut separator = "";
        for (_, word) in words.into_iter().filter(|(is_set, _)| *is_set) {
            write!(f, "{separator}{word}")?;
            separator = ",";
        }
        match self.answer {
            Some(descriptor) => write!(f, "{separator}fd={descriptor}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Orders {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut orders = Self::new();
        for word in text.split(',').filter(|word| !word.is_empty()) {
            orders = match word {
                "lock" => orders.locking(MlockConfig::default()),
                "onfault" => orders.locking(MlockConfig::builder().onfault(true).build()),
                "no-dump" => orders.undumpable(),
                "children" => orders.with_children(Children::Follow),
                word => match word.strip_prefix("fd=").and_then(|fd| fd.parse().ok()) {
                    Some(descriptor) => orders.answering(descriptor),
                    None => return Err(unknown(word)),
                },
            };
        }
        Ok(orders)
    }
}

fn unknown(word: &str) -> String {
    format!("expected lock, onfault, no-dump, children or fd=NUMBER, found {word:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_survive_the_environment() {
        let all = Orders::new()
            .locking(MlockConfig::builder().onfault(true).build())
            .undumpable()
            .with_children(Children::Follow)
            .answering(7);
        assert_eq!(all.to_string(), "lock,onfault,no-dump,children,fd=7");
        for orders in [Orders::new(), Orders::new().undumpable(), all.clone()] {
            assert_eq!(orders.to_string().parse(), Ok(orders));
        }
        let optional = MlockConfig::builder().required(false).current(false);
        let orders = Orders::new().locking(optional.build());
        assert_eq!(orders.to_string().parse(), Ok(orders), "not optional");
        let children = all.for_children().expect("they follow");
        assert_eq!(children.to_string(), "lock,onfault,no-dump,children");
        assert_eq!(Orders::new().undumpable().for_children(), None);
        assert!(Orders::new().is_empty() && !all.is_empty());
    }

    #[test]
    fn other_words_are_refused() {
        for wrong in ["luck", "fd=", "fd=x", "lock no-dump"] {
            let error = wrong.parse::<Orders>().expect_err("not an order");
            assert!(
                error.contains(wrong) && error.contains("no-dump"),
                "{error}"
            );
        }
    }
}
