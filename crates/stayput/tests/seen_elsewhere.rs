//! What was seen in other libraries of the field does not happen here.
//!
//! Not on Windows: limits, fork, memfd_secret and page maps.
#![cfg(unix)]

#[path = "support/crowd.rs"]
mod crowd;
#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;

use crowd::Crowd;
use observe::{all_locked, has, in_fork_child, locked, mapping_at, never_swapped};
use own_process::{Setup, is_root, own_process};
use stayput::inspect::Flag;
use stayput::limits::Cause;
use stayput::page::{AllocateLocked, LockedPages, PosixLockedPageAllocator};
use stayput::region;
use stayput::{Backing, Guarded, LockError, Policy, Pool, Secret, SecretBytes, SecretString};
use stayput_sys::advice::{Advice, madvise};
use stayput_sys::map::{self, Access};
use stayput_sys::wipe::wipe;
use std::any::Any;
use std::fs::{File, read_dir};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

const LIMIT: u64 = 64 * 1024;
const MARK: u8 = 0x5a;

type Key = Secret<[u8; 32]>;

fn key_in(pool: &Pool) -> Result<Key, LockError> {
    Key::try_init_with_in(|place| place.fill(MARK), pool)
}

/// A value with a secret in it, and whether the kernel had it locked when it was made.
struct Made {
    was_locked: bool,
    _owner: Box<dyn Any>,
}

fn made<T: 'static>(owner: T, bytes: impl Fn(&T) -> &[u8]) -> Made {
    Made {
        was_locked: all_locked(bytes(&owner)),
        _owner: Box::new(owner),
    }
}

/// Makes a value of one kind.
type Make = fn() -> Result<Made, LockError>;

/// Every way to get locked memory, by name.
const CONSTRUCTORS: [(&str, Make); 8] = [
    ("Secret", || {
        Ok(made(key_in(Pool::global())?, |it| it.expose()))
    }),
    ("SecretBytes", || {
        let bytes = SecretBytes::try_init_with(5000, |place| place.fill(MARK))?;
        Ok(made(bytes, SecretBytes::expose))
    }),
    ("SecretString", || {
        let text = SecretString::take_from(&mut "password".repeat(9))?;
        Ok(made(text, |it| it.expose().as_bytes()))
    }),
    ("a SecretBytes that grows", || {
        let mut bytes = SecretBytes::try_new()?;
        bytes.try_extend_from_slice(&[MARK; 700])?;
        Ok(made(bytes, SecretBytes::expose))
    }),
    ("Guarded", || {
        let guarded = Guarded::<[u8; 32]>::try_init_with(|place| place.fill(MARK))?;
        let was_locked = all_locked(&*guarded.expose()?);
        let _owner: Box<dyn Any> = Box::new(guarded);
        Ok(Made { was_locked, _owner })
    }),
    ("LockedPages", || {
        Ok(made(LockedPages::new(5000)?, LockedPages::as_slice))
    }),
    ("Pool::block", || {
        let pool = Pool::builder().build();
        Ok(made(pool.block(300)?, |block| block.as_slice()))
    }),
    ("region::lock_raw", || {
        let bytes = Box::new([MARK; 5000]);
        // SAFETY: the bytes live as long as the guard, beside it.
        let guard = unsafe { region::lock_raw(bytes.as_ptr(), bytes.len()) }?;
        Ok(made((guard, bytes), |it| &it.1[..]))
    }),
];

/// libsodium, Botan, memsec and libgcrypt hand out unlocked memory there, and don't say so.
#[test]
fn at_the_limit_no_unlocked_memory_is_handed_out() {
    const NAME: &str = "at_the_limit_no_unlocked_memory_is_handed_out";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(LIMIT).nobody(), || {
        for (kind, make) in CONSTRUCTORS {
            let mut all = Vec::new();
            let error = loop {
                match make() {
                    Ok(made) => all.push(made),
                    Err(error) => break error,
                }
                assert!(all.iter().all(|made| made.was_locked), "{kind}: unlocked");
            };
            assert!(!all.is_empty(), "{kind}: {error}");
            assert!(
                matches!(error.cause(), Cause::LimitReached { .. }),
                "{kind}: {error}"
            );
            assert!(locked() <= LIMIT, "{kind}");
            drop(all);
            Pool::global().trim();
            assert_eq!(locked(), 0, "{kind}: all is given back");
        }
    });
}

/// The same libraries, where the system has no mapping left.
#[test]
fn without_mappings_no_unlocked_memory_is_handed_out() {
    const NAME: &str = "without_mappings_no_unlocked_memory_is_handed_out";
    own_process(NAME, Setup::new(), || {
        let mut crowd = Crowd::take_all();
        let mut refused = 0;
        // Region locks, on memory of any kind, have a test of their own.
        let mapping = CONSTRUCTORS
            .iter()
            .filter(|(kind, _)| *kind != "region::lock_raw");
        for (kind, make) in mapping {
            // One more each time: each step of a constructor is the first to fail once.
            let made = loop {
                match make() {
                    Ok(made) => break made,
                    Err(error) => {
                        let named = matches!(error.cause(), Cause::TooManyMappings { .. });
                        assert!(named, "{kind}: {error}");
                    }
                }
                crowd.give_one_back();
                refused += 1;
            };
            assert!(made.was_locked, "{kind}: unlocked");
            drop(made);
            crowd.take_again();
        }
        assert!(
            refused >= CONSTRUCTORS.len(),
            "refused {refused} times only"
        );
    });
}

/// secrets and dryoc panic.
#[test]
fn constructors_return_errors_where_nothing_may_be_locked() {
    const NAME: &str = "constructors_return_errors_where_nothing_may_be_locked";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(0).nobody(), || {
        for (kind, make) in CONSTRUCTORS {
            let error = make().err().unwrap_or_else(|| panic!("{kind}: made"));
            assert_eq!(*error.cause(), Cause::NoCapability, "{kind}: {error}");
        }
        let reserved = Pool::global()
            .reserve(100)
            .expect_err("nothing may be locked");
        assert_eq!(*reserved.cause(), Cause::NoCapability);
        let mut is_locked = true;
        let pages = PosixLockedPageAllocator::new().allocate_locked(100, &mut is_locked);
        assert!(!pages.is_null() && !is_locked, "as its contract says");
        #[cfg(feature = "sealed")]
        stayput::Sealed::<[u8; 32]>::try_init_with(|_| {}).expect_err("its key needs a lock");
        #[cfg(feature = "hex")]
        SecretBytes::try_from_hex("00ff").expect_err("nothing may be locked");
        assert_eq!(locked(), 0);
    });
}

#[test]
fn constructors_return_errors_for_absurd_lengths() {
    for len in [
        usize::MAX,
        usize::MAX / 2,
        isize::MAX as usize,
        1_usize.checked_shl(62).unwrap_or(usize::MAX),
    ] {
        let never = |_: &mut [u8]| unreachable!("there is no such place");
        SecretBytes::try_init_with(len, never).expect_err("no such memory");
        SecretBytes::try_with_capacity_in(len, Pool::global()).expect_err("no such memory");
        SecretString::try_with_capacity_in(len, Pool::global()).expect_err("no such memory");
        Pool::global().block(len).expect_err("no such memory");
        Pool::global().reserve(len).expect_err("no such memory");
        LockedPages::new(len).expect_err("no such memory");
        let mut bytes = SecretBytes::try_new().expect("nothing");
        bytes.try_reserve(len).expect_err("no such memory");
    }
}

/// `memfd_secret` memory is shared with fork children: two published crates wipe the
/// parent's secret from there. The control does as they do.
#[test]
fn a_fork_childs_drop_does_not_wipe_the_parents_secret() {
    const NAME: &str = "a_fork_childs_drop_does_not_wipe_the_parents_secret";
    own_process(NAME, Setup::new(), || {
        if let Some(shared) = shared_secret_memory() {
            let child = in_fork_child(|| {
                // SAFETY: a page of this test's own.
                unsafe { wipe(shared.as_mut_ptr(), 32) };
                0
            });
            assert_eq!(child, Ok(0));
            assert_eq!(shared[..32], [0; 32], "the control: wiped by the child");
        } else {
            eprintln!("SKIPPED {NAME}, of SecretMem: this kernel has no memfd_secret");
        }
        let secret_memory = Pool::builder().backing(Backing::SecretMem).build();
        let keys = [
            key_in(Pool::global()).ok(),
            key_in(&Pool::builder().build()).ok(),
            key_in(&secret_memory).ok(),
        ];
        let bytes = SecretBytes::try_init_with(9000, |it| it.fill(MARK)).expect("within limits");
        let guarded = Guarded::<[u8; 32]>::try_init_with(|it| it.fill(MARK));
        let guarded = guarded.expect("within limits");
        let mut pages = LockedPages::new(100).expect("within limits");
        pages.as_mut_slice().fill(MARK);
        let mut owned = Some((keys, bytes, guarded, pages));
        let child = in_fork_child(|| {
            drop(owned.take());
            0
        });
        assert_eq!(child, Ok(0));
        let (keys, bytes, guarded, pages) = owned.expect("the parent's");
        let is_intact = |bytes: &[u8]| bytes.iter().all(|&byte| byte == MARK);
        assert!(keys[0].is_some() && keys[1].is_some());
        assert!(keys.iter().flatten().all(|key| is_intact(key.expose())));
        assert!(is_intact(bytes.expose()) && is_intact(pages.as_slice()));
        assert!(is_intact(&*guarded.expose().expect("readable")));
        assert!(keys.iter().flatten().all(|key| never_swapped(key.expose())));
        assert!(all_locked(bytes.expose()) && all_locked(pages.as_slice()));
    });
}

/// A page of `memfd_secret` as the system gives it, shared with fork children.
fn shared_secret_memory() -> Option<&'static mut [u8]> {
    let page = map::reserve(1).expect("address space");
    // SAFETY: reserved just above and never given back; whole pages, zero.
    unsafe {
        map::commit_secret(page).ok()?;
        madvise(page, Advice::DoFork).expect("mapped");
        let bytes = std::slice::from_raw_parts_mut(page.as_ptr().cast(), page.len());
        bytes.fill(MARK);
        Some(bytes)
    }
}

/// dryoc unlocks what it makes inaccessible, so that idle secrets go to swap.
#[test]
fn an_idle_guarded_secret_stays_in_memory() {
    const NAME: &str = "an_idle_guarded_secret_stays_in_memory";
    own_process(NAME, Setup::new(), || {
        let guarded = Guarded::<[u8; 32]>::try_init_with(|place| place.fill(MARK));
        let guarded = guarded.expect("within limits");
        let place = guarded.expose().expect("readable").as_ptr();
        let idle = mapping_at(place);
        assert!(!idle.has(Flag::Readable) && idle.has(Flag::Locked));
        assert_eq!(page_out(place), Err(libc::EINVAL), "refused: it is locked");
        assert!(is_present(place));

        let control = map::reserve(1).expect("address space");
        // SAFETY: reserved just above; nobody else knows the page.
        unsafe {
            map::commit(control).expect("memory");
            control.as_ptr().cast::<u8>().write(MARK);
            map::protect(control, Access::None).expect("mapped");
        }
        let control = control.as_ptr().cast_const().cast();
        assert!(!has(control, Flag::Locked));
        assert_eq!(page_out(control), Ok(()), "inaccessible is not enough");
        // Passed over while another processor's list of new pages has it, or while
        // somebody else's swap is being switched on or off.
        let start = Instant::now();
        while has_swap() && is_present(control) {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "the control: not swapped out"
            );
            std::thread::yield_now();
            assert_eq!(page_out(control), Ok(()));
        }
        if is_present(control) {
            eprintln!("SKIPPED {NAME}, the control's way to swap: none is on");
        }
    });
}

/// Asks the system to move the page out, or the error number.
fn page_out(address: *const u8) -> Result<(), i32> {
    let page = address.map_addr(|it| it & !(stayput_sys::page_size() - 1));
    // SAFETY: this advice changes no content.
    match unsafe { libc::madvise(page.cast_mut().cast(), 1, libc::MADV_PAGEOUT) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(0)),
    }
}

/// Whether the page is in memory, as `/proc/self/pagemap` says (bit 63).
fn is_present(address: *const u8) -> bool {
    let mut entry = [0; 8];
    let at = address.addr() / stayput_sys::page_size() * entry.len();
    let pagemap = File::open("/proc/self/pagemap").expect("own pages");
    pagemap
        .read_exact_at(&mut entry, at as u64)
        .expect("an entry for each page");
    u64::from_ne_bytes(entry) >> 63 == 1
}

fn has_swap() -> bool {
    let areas = std::fs::read_to_string("/proc/swaps").expect("Linux");
    areas.lines().count() > 1
}

/// A descriptor for each `memfd_secret` ends at a thousand secrets.
#[test]
fn secrets_keep_no_descriptors() {
    const NAME: &str = "secrets_keep_no_descriptors";
    own_process(NAME, Setup::new(), || {
        let open = || read_dir("/proc/self/fd").expect("own").count();
        let before = open();
        let pool = Pool::builder().backing(Backing::SecretMem).build();
        match key_in(&pool) {
            Err(error) if *error.cause() == Cause::SecretMemory => {
                return eprintln!("SKIPPED {NAME}: {error}");
            }
            first => drop(first.expect("within limits")),
        }
        let keys: Vec<_> = (0..1000).map(|_| key_in(&pool)).collect();
        // Pools of their own too: at least a mapping each.
        let pools: Vec<_> = (0..50)
            .map(|_| key_in(&Pool::builder().backing(Backing::SecretMem).build()))
            .collect();
        let all: Vec<Key> = keys
            .into_iter()
            .chain(pools)
            .map(|key| key.expect("within limits"))
            .collect();
        assert!(
            all.iter()
                .all(|key| key.protection().kernel_unmapped.is_yes())
        );
        assert_eq!(open(), before, "1,050 secrets");
        drop(all);
        assert_eq!(open(), before, "none is left behind either");
    });
}

/// What is asked for only where possible is reported where it was not.
#[test]
fn what_prefer_hands_out_unlocked_is_reported() {
    const NAME: &str = "what_prefer_hands_out_unlocked_is_reported";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(4096).nobody(), || {
        let pool = Pool::builder().policy(Policy::Prefer).build();
        let blocks = [(); 4].map(|()| pool.block(4096).expect("never refused"));
        let says = blocks
            .each_ref()
            .map(|block| block.protection().locked.is_yes());
        let is = blocks.each_ref().map(|block| all_locked(block.as_slice()));
        assert_eq!(says, is, "the report is true");
        assert_eq!(is, [true, false, false, false], "one page may be locked");
        let pages = LockedPages::with_policy(3000, Policy::Prefer).expect("never refused");
        assert!(!pages.protection().locked.is_yes() && !all_locked(pages.as_slice()));
    });
}
