//! What Windows has of its own: the quota as budget, working sets, what is asked of Wine's
//! host and what is not. Elsewhere the same calls say that they are not there.

#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;

use own_process::{Setup, own_process};
use stayput::inspect::{Process, mappings};
use stayput::limits::{Budget, Capability, Cause, Environment, Privileges, raised};
use stayput::page::{GetLimit, LockedPages, Win32LockedPageAllocator};
use stayput::process::{WorkingSet, pin_working_set};
use stayput::{Policy, Pool};
use std::io::ErrorKind;

#[test]
fn the_budget_is_the_minimum_working_set() {
    if !cfg!(windows) {
        WorkingSet::current().expect_err("Windows alone has one");
        return;
    }
    let set = WorkingSet::current().expect("readable");
    let budget = Budget::current();
    assert_eq!(budget.soft, Some(set.minimum as u64));
    assert_eq!((budget.hard, budget.held), (None, None));
    assert_eq!(Win32LockedPageAllocator::new().get_limit(), set.minimum);
    assert_eq!(raised(), None, "no lock has had to grow it");
}

#[test]
fn a_pinned_working_set_is_told_as_the_system_has_it() {
    let name = "a_pinned_working_set_is_told_as_the_system_has_it";
    own_process(name, Setup::new(), || {
        const WANTED: usize = 64 << 20;
        match pin_working_set(WANTED) {
            Err(error) if cfg!(windows) => panic!("{error}"),
            Err(error) => assert_eq!(*error.cause(), Cause::Unsupported, "{error}"),
            // Wine takes the call and keeps nothing of it.
            Ok(set) if !set.is_pinned() => {
                eprintln!("SKIPPED {name} (the rest): taken, and not kept: {set:?}");
            }
            Ok(set) => assert!(set.minimum >= WANTED, "{set:?}"),
        }
    });
}

/// Windows runs a thread's last destructors with the loader's lock held; whoever asks the
/// loader for a procedure with a lock of the pool's held would wait for ever.
#[test]
fn threads_end_while_others_map_and_release() {
    let name = "threads_end_while_others_map_and_release";
    own_process(name, Setup::new(), || {
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        LockedPages::with_policy(1, Policy::Off).expect("memory");
                    }
                });
            }
            for _ in 0..10 {
                let ends = [(); 30].map(|()| std::thread::spawn(|| drop(Pool::global().block(9))));
                for thread in ends {
                    thread.join().expect("no panic");
                }
            }
        });
        assert_eq!(Pool::global().stats().errors_in_drop, 0);
    });
}

/// Under Wine `/proc/self` is there, and is the server's: with its rights, its locks and
/// its control group.
#[test]
fn nothing_is_taken_from_the_directory_of_another_process() {
    if !cfg!(windows) {
        let own = mappings(Process::Current).expect("own smaps");
        assert!(
            own.iter()
                .any(|it| it.contains((&raw const own).addr() as u64))
        );
        return;
    }
    let error = mappings(Process::Current).expect_err("not listed");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(Environment::current(), Environment::Windows);
    assert_eq!(Budget::current().capability, Capability::Unknown);
    assert_eq!(Privileges::current(), Privileges::default());
    assert_eq!(stayput::limits::MemoryGroup::current(), None);
    let _block = Pool::global().block(100).expect("within limits");
    let error = Pool::global().verify().expect_err("not listed");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(observe::locked() > 0, "the host's own list has it");
}
