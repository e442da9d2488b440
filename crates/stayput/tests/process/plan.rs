//! The plan against the kernel, in random situations.

use crate::kernel::{Mapped, PAGE, Waiting};
use crate::observe::locked;
use crate::own_process::{Setup, is_root, own_process};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stayput::limits::{Raising, set_raising};
use stayput::process::*;
use stayput_sys::limits::{Limit, Resource, getrlimit, setrlimit};
use std::io;

const MIB: u64 = 1 << 20;
const RW: i32 = libc::PROT_READ | libc::PROT_WRITE;

/// A process's surroundings before it is locked.
#[derive(Clone, Debug)]
struct Situation {
    soft: Soft,
    raising: bool,
    flags: (bool, bool, bool),
    /// Pages and protection of each.
    mappings: Vec<(usize, u8)>,
    stacks: Vec<usize>,
    /// Whether the first mapping is locked already.
    held: bool,
    growth: u64,
}

#[derive(Clone, Copy, Debug)]
enum Soft {
    Bytes(u64),
    /// Beside all that is mapped: where answers change.
    AroundTotal(i64),
}

fn situations() -> impl Strategy<Value = Situation> {
    let soft = prop_oneof![
        1 => Just(Soft::Bytes(0)),
        1 => (1..4096u64).prop_map(Soft::Bytes),
        3 => (0..8 * MIB).prop_map(Soft::Bytes),
        4 => (-9000..9000i64).prop_map(Soft::AroundTotal),
    ];
    let flags = prop_oneof![
        3 => Just((true, true, false)),
        5 => any::<(bool, bool, bool)>(),
    ];
    (
        soft,
        prop::bool::weighted(0.3),
        flags,
        prop::collection::vec((1..48usize, any::<u8>()), 0..6),
        prop::collection::vec(16 * 1024..200_000usize, 0..3),
        any::<bool>(),
        0..MIB,
    )
        .prop_map(
            |(soft, raising, flags, mappings, stacks, held, growth)| Situation {
                soft,
                raising,
                flags,
                mappings,
                stacks,
                held,
                growth,
            },
        )
}

/// How often each answer came up.
#[derive(Debug, Default)]
struct Seen {
    locked: u32,
    nothing: u32,
    denied: u32,
    over_limit: u32,
    invalid: u32,
    raised: u32,
    growth_probed: u32,
    tight: u32,
    held: u32,
}

fn agrees(situation: &Situation, hard: u64, seen: &mut Seen) {
    let mappings: Vec<_> = situation
        .mappings
        .iter()
        .map(|&(pages, kind)| Mapped::of_kind(pages * PAGE, kind).expect("mapped"))
        .collect();
    let _threads = Waiting::with_stacks(&situation.stacks);
    if let (true, Some(first)) = (situation.held, mappings.first()) {
        setrlimit(Resource::Memlock, Limit { soft: hard, hard }).expect("up to the hard limit");
        // PROT_NONE is refused, and charged all the same.
        seen.held += u32::from(first.lock().is_ok());
    }
    let total = stayput::inspect::total_bytes(stayput::inspect::Process::Current);
    let soft = match situation.soft {
        Soft::Bytes(bytes) => bytes,
        Soft::AroundTotal(offset) => total.expect("own statm").saturating_add_signed(offset),
    };
    let soft = soft.min(hard);
    setrlimit(Resource::Memlock, Limit { soft, hard }).expect("below the hard limit");
    set_raising(if situation.raising {
        Raising::Allowed
    } else {
        Raising::Forbidden
    });

    let (current, future, onfault) = situation.flags;
    let config = MlockConfig::builder()
        .current(current)
        .future(future)
        .onfault(onfault);
    let plan = Plan::for_lock_all(config.build()).expect("own smaps");
    compare(&plan, lock_report(config.build()), seen);
    let limit = getrlimit(Resource::Memlock).expect("own limit").soft;
    assert_eq!(limit, plan.raises_to().unwrap_or(soft), "raised as planned");
    if plan.errno().is_none() && future {
        compare_growth(&plan, situation.growth, seen);
    }
    unlock_all().expect("unlocked");
    assert_eq!(locked(), 0);
    drop(mappings);
}

/// What happened is what was planned, to the byte.
fn compare(plan: &Plan, outcome: Result<LockReport, stayput::LockError>, seen: &mut Seen) {
    match &outcome {
        Ok(_) => assert_eq!(plan.errno(), None, "locked, but planned {plan}"),
        Err(error) => {
            assert_eq!(plan.errno(), error.errno(), "{error}, but planned {plan}");
            let planned = plan.check().expect_err("planned as refused");
            assert_eq!(planned.cause(), error.cause());
        }
    }
    assert_eq!(plan.locked_bytes(), locked(), "{plan}");
    seen.raised += u32::from(plan.raises_to().is_some());
    seen.tight += u32::from(plan.is_tight());
    if let Ok(report) = &outcome {
        let warned = |w: &Warning| matches!(w, Warning::LittleRoom { .. });
        assert_eq!(report.warnings().iter().any(warned), plan.is_tight());
        assert_eq!(plan.check().is_err(), plan.is_tight());
    }
    let plan_locks = plan.locked_bytes() > plan.total_bytes() / 2;
    *match outcome.map_err(|error| error.errno()) {
        Ok(_) if !plan_locks => &mut seen.nothing,
        Ok(_) => &mut seen.locked,
        Err(Some(libc::EPERM)) => &mut seen.denied,
        Err(Some(libc::ENOMEM)) => &mut seen.over_limit,
        Err(_) => &mut seen.invalid,
    } += 1;
}

/// Under MCL_FUTURE a mapping of the room left succeeds, one page more fails.
fn compare_growth(plan: &Plan, growth: u64, seen: &mut Seen) {
    let map = |bytes: u64| Mapped::new(usize::try_from(bytes).expect("fits"), RW).map(drop);
    let refused = |result: io::Result<()>| {
        result.expect_err("past the limit").raw_os_error() == Some(libc::EAGAIN)
    };
    let room = plan.room().expect("the limit counts");
    assert!(room == 0 || map(room).is_ok(), "{room} bytes of room");
    assert!(
        refused(map(room + PAGE as u64)),
        "a page more than {room} bytes"
    );
    let grows = plan.clone().expecting_growth(growth);
    if grows.raises_to() == plan.raises_to() && growth > 0 {
        let pages = growth.next_multiple_of(PAGE as u64);
        assert_eq!(
            grows.expecting_growth(pages).check().is_ok(),
            map(pages).is_ok()
        );
        seen.growth_probed += 1;
    }
}

fn compare_many(name: &str, hard: u64) {
    if !is_root(name) {
        return;
    }
    let setup = Setup::new()
        .memlock_soft_hard(0, hard)
        .without_ipc_lock()
        .small();
    own_process(name, setup, || {
        // So that neither reading nor reporting grows what is compared.
        reserve_heap(512 << 10).expect("glibc");
        let config = Config {
            cases: 150,
            failure_persistence: None,
            ..Config::default()
        };
        let seen = std::cell::RefCell::new(Seen::default());
        let result = TestRunner::new_with_rng(config, rng()).run(&situations(), |situation| {
            agrees(&situation, hard, &mut seen.borrow_mut());
            Ok(())
        });
        if let Err(error) = result {
            panic!("{error}");
        }
        let seen = seen.into_inner();
        eprintln!("{seen:?}");
        let counts = [
            seen.locked,
            seen.nothing,
            seen.denied,
            seen.over_limit,
            seen.invalid,
            seen.raised,
            seen.growth_probed,
            seen.tight,
            seen.held,
        ];
        assert!(!counts.contains(&0), "an answer never came up: {seen:?}");
    });
}

/// The same situations every time.
fn rng() -> proptest::test_runner::TestRng {
    proptest::test_runner::TestRng::deterministic_rng(Default::default())
}

#[test]
fn plan_and_kernel_agree() {
    compare_many("plan::plan_and_kernel_agree", 8 * MIB);
}

#[test]
fn plan_and_kernel_agree_under_a_lower_hard_limit() {
    compare_many(
        "plan::plan_and_kernel_agree_under_a_lower_hard_limit",
        7 * MIB + MIB / 2 + 100, // the process itself has 7 MiB mapped
    );
}
