//! Locking under a quota that can be grown: the Windows working set.
//!
//! A process may lock as much as its minimum working set, less an overhead of a
//! few pages; past that the answer is 1453, whatever privileges it has. Growing
//! the minimum by what was refused makes room for exactly that, since what was
//! locked before fitted. The logic stands apart from the calls so that a refusal
//! can be put below it, on systems too that have no quota to run into.

use std::io;
use std::sync::{Mutex, PoisonError};

/// The quota is used up: `ERROR_WORKING_SET_QUOTA`, winerror.h.
pub(crate) const WORKING_SET_QUOTA: i32 = 1453;

/// Growths tried for one lock. One is enough unless others lock meanwhile.
const GROWTHS: usize = 4;

/// What the logic needs of the system.
pub(crate) trait WorkingSet {
    /// Locks the pages in question.
    fn lock(&mut self) -> io::Result<()>;
    /// The working set's minimum and maximum in bytes.
    fn size(&mut self) -> io::Result<(usize, usize)>;
    /// Sets both.
    fn resize(&mut self, minimum: usize, maximum: usize) -> io::Result<()>;
}

/// Locks `len` bytes, growing the working set where the quota refuses.
///
/// Where it can't be grown the lock's own refusal is the error: the cause of that
/// is what `set_working_set` answers.
pub(crate) fn lock_growing(system: &mut impl WorkingSet, len: usize) -> io::Result<()> {
    match system.lock() {
        Err(error) if is_quota(&error) => {}
        answer => return answer,
    }
    // Two growths from one reading would come out as one.
    static GROWING: Mutex<()> = Mutex::new(());
    let _alone = GROWING.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..GROWTHS {
        match system.lock() {
            Err(error) if is_quota(&error) => {
                if grow(system, len).is_err() {
                    return Err(error);
                }
            }
            answer => return answer,
        }
    }
    system.lock()
}

/// Grows both bounds alike: the room between them is what may be paged.
fn grow(system: &mut impl WorkingSet, by: usize) -> io::Result<()> {
    let (minimum, maximum) = system.size()?;
    match (minimum.checked_add(by), maximum.checked_add(by)) {
        (Some(minimum), Some(maximum)) => system.resize(minimum, maximum),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn is_quota(error: &io::Error) -> bool {
    error.raw_os_error() == Some(WORKING_SET_QUOTA)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 4096;
    const OVERHEAD: usize = 8 * PAGE;

    /// A quota as Windows keeps it, and a count of what was asked of it.
    struct Quota {
        minimum: usize,
        maximum: usize,
        locked: usize,
        len: usize,
        can_grow: bool,
        calls: Vec<&'static str>,
    }

    impl WorkingSet for Quota {
        fn lock(&mut self) -> io::Result<()> {
            self.calls.push("lock");
            if self.locked + self.len > self.minimum - OVERHEAD {
                return Err(io::Error::from_raw_os_error(WORKING_SET_QUOTA));
            }
            self.locked += self.len;
            Ok(())
        }

        fn size(&mut self) -> io::Result<(usize, usize)> {
            Ok((self.minimum, self.maximum))
        }

        fn resize(&mut self, minimum: usize, maximum: usize) -> io::Result<()> {
            self.calls.push("resize");
            if !self.can_grow {
                return Err(io::Error::from_raw_os_error(1314)); // ERROR_PRIVILEGE_NOT_HELD
            }
            (self.minimum, self.maximum) = (minimum, maximum);
            Ok(())
        }
    }

    /// The default working set, with `locked` pages locked and `len` to come.
    fn quota(locked: usize, len: usize) -> Quota {
        Quota {
            minimum: 50 * PAGE,
            maximum: 345 * PAGE,
            locked: locked * PAGE,
            len: len * PAGE,
            can_grow: true,
            calls: Vec::new(),
        }
    }

    #[test]
    fn a_lock_within_the_quota_grows_nothing() {
        let mut quota = quota(0, 42);
        lock_growing(&mut quota, 42 * PAGE).expect("fits");
        assert_eq!(quota.calls, ["lock"]);
        assert_eq!(quota.minimum, 50 * PAGE);
    }

    #[test]
    fn a_refused_lock_grows_both_bounds_by_its_length_and_succeeds() {
        for (locked, len) in [(42, 1), (0, 43), (17, 5000)] {
            let mut quota = quota(locked, len);
            lock_growing(&mut quota, len * PAGE).expect("the quota can grow");
            assert_eq!(quota.calls, ["lock", "lock", "resize", "lock"]);
            assert_eq!(quota.minimum, (50 + len) * PAGE);
            assert_eq!(quota.maximum, (345 + len) * PAGE);
            assert_eq!(quota.locked, (locked + len) * PAGE);
        }
    }

    #[test]
    fn a_quota_that_others_use_up_meanwhile_is_grown_again_but_not_for_ever() {
        let mut short = quota(42 + 2, 1); // as if another thread had locked two more
        lock_growing(&mut short, PAGE).expect("three growths");
        assert_eq!(short.minimum, 53 * PAGE);

        let mut hopeless = quota(1000, 1);
        let error = lock_growing(&mut hopeless, PAGE).expect_err("far too little");
        assert_eq!(error.raw_os_error(), Some(WORKING_SET_QUOTA));
        assert_eq!(
            hopeless.calls.iter().filter(|&&it| it == "resize").count(),
            GROWTHS
        );
    }

    #[test]
    fn where_growth_is_refused_the_error_is_the_quota() {
        let mut fixed = Quota {
            can_grow: false,
            ..quota(42, 1)
        };
        let error = lock_growing(&mut fixed, PAGE).expect_err("no privilege");
        assert_eq!(error.raw_os_error(), Some(WORKING_SET_QUOTA));
        assert_eq!(fixed.locked, 42 * PAGE);

        let mut huge = quota(42, 1);
        let error = lock_growing(&mut huge, usize::MAX).expect_err("no such size");
        assert_eq!(error.raw_os_error(), Some(WORKING_SET_QUOTA));
        assert_eq!(huge.minimum, 50 * PAGE);
    }

    #[test]
    fn other_errors_come_through_untouched() {
        struct Broken;
        impl WorkingSet for Broken {
            fn lock(&mut self) -> io::Result<()> {
                Err(io::Error::from_raw_os_error(5))
            }
            fn size(&mut self) -> io::Result<(usize, usize)> {
                panic!("nothing to grow")
            }
            fn resize(&mut self, _: usize, _: usize) -> io::Result<()> {
                panic!("nothing to grow")
            }
        }
        let error = lock_growing(&mut Broken, PAGE).expect_err("always");
        assert_eq!(error.raw_os_error(), Some(5));
    }
}
