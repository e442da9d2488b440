//! The pool against a plain model: random allocations, moves and frees.
//!
//! After each step every live byte is what was written, fresh and freed bytes
//! are zero, and every page of a live secret is locked, left out of dumps and
//! wiped on fork, as the kernel lists it.

#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;

use allocator_api2::vec::Vec as PoolVec;
use observe::{HARDENED, own_mappings};
use proptest::prelude::*;
use stayput::inspect::Mapping;
use stayput::{Pool, Secret, SecretBytes};

#[derive(Clone, Debug)]
enum Step {
    Vector(usize),
    Push(usize, usize),
    Shrink(usize, usize),
    Secret,
    Bytes(usize),
    Extend(usize, usize),
    Drop(usize),
    Trim,
}

enum Live {
    Vector(PoolVec<u8, Pool>),
    Secret(Secret<[u8; 32]>),
    Bytes(SecretBytes),
}

impl Live {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Vector(vector) => vector,
            Self::Secret(secret) => secret.expose(),
            Self::Bytes(bytes) => bytes.expose(),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    // Log-uniform sizes: most small, some with pages of their own.
    let size = || (0u32..14).prop_flat_map(|bits| (1usize << bits)..(2usize << bits));
    prop_oneof![
        3 => size().prop_map(Step::Vector),
        3 => (any::<usize>(), size()).prop_map(|(at, more)| Step::Push(at, more)),
        2 => (any::<usize>(), size()).prop_map(|(at, len)| Step::Shrink(at, len)),
        3 => Just(Step::Secret),
        3 => size().prop_map(Step::Bytes),
        2 => (any::<usize>(), size()).prop_map(|(at, more)| Step::Extend(at, more)),
        6 => any::<usize>().prop_map(Step::Drop),
        1 => Just(Step::Trim),
    ]
}

/// Distinct, never zero.
fn pattern(seed: usize, len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| u8::try_from((seed * 31 + i * 7) % 255).expect("below 255") + 1)
        .collect()
}

fn assert_protected(live: &[(Live, Vec<u8>)]) {
    let mappings = own_mappings();
    for (value, _) in live {
        let bytes = value.bytes();
        let start = bytes.as_ptr() as u64;
        for address in [start, start + (bytes.len().max(1) as u64 - 1)] {
            let mapping: &Mapping = mappings
                .iter()
                .find(|mapping| mapping.contains(address))
                .expect("mapped");
            for &flag in HARDENED {
                assert!(mapping.has(flag), "{flag:?} is missing");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn agrees_with_a_plain_model(steps in prop::collection::vec(step(), 1..120)) {
        let pool = Pool::builder().build();
        let mut live: Vec<(Live, Vec<u8>)> = Vec::new();
        for (seed, step) in steps.into_iter().enumerate() {
            match step {
                Step::Vector(len) => {
                    let model = pattern(seed, len);
                    let mut vector = PoolVec::with_capacity_in(len, pool.clone());
                    let spare = vector.spare_capacity_mut();
                    // SAFETY: the pool hands out zeros, so the capacity is initialised.
                    prop_assert!(spare.iter().all(|byte| unsafe { byte.assume_init() } == 0), "fresh memory is zero");
                    vector.extend_from_slice(&model);
                    live.push((Live::Vector(vector), model));
                }
                Step::Secret => {
                    let model = pattern(seed, 32);
                    let mut was_zero = false;
                    let secret = Secret::<[u8; 32]>::try_init_with_in(|place| {
                        was_zero = *place == [0; 32];
                        place.copy_from_slice(&model);
                    }, &pool).expect("within limits");
                    prop_assert!(was_zero, "fresh memory is zero");
                    live.push((Live::Secret(secret), model));
                }
                Step::Bytes(len) => {
                    let model = pattern(seed, len);
                    let bytes = SecretBytes::take_from_in(&mut model.clone(), &pool).expect("within limits");
                    live.push((Live::Bytes(bytes), model));
                }
                Step::Push(at, len) | Step::Extend(at, len) if !live.is_empty() => {
                    let at = at % live.len();
                    let more = pattern(seed, len);
                    match &mut live[at] {
                        (Live::Vector(vector), model) => { vector.extend_from_slice(&more); model.extend(more); }
                        (Live::Bytes(bytes), model) => { bytes.try_extend_from_slice(&more).expect("within limits"); model.extend(more); }
                        (Live::Secret(_), _) => {}
                    }
                }
                Step::Shrink(at, len) if !live.is_empty() => {
                    let at = at % live.len();
                    match &mut live[at] {
                        (Live::Vector(vector), model) => { vector.truncate(len); vector.shrink_to_fit(); model.truncate(len); }
                        (Live::Bytes(bytes), model) => { bytes.truncate(len); model.truncate(len); }
                        (Live::Secret(_), _) => {}
                    }
                }
                Step::Drop(at) if !live.is_empty() => {
                    let (gone, _) = live.swap_remove(at % live.len());
                    let (start, len) = (gone.bytes().as_ptr(), gone.bytes().len());
                    drop(gone);
                    // SAFETY: the pool keeps the page mapped; nobody writes it meanwhile.
                    let left = unsafe { std::slice::from_raw_parts(start, len) };
                    prop_assert!(left.iter().all(|&byte| byte == 0), "freed memory is zero");
                }
                Step::Trim => { pool.trim(); }
                _ => {}
            }
            for (value, model) in &live {
                prop_assert_eq!(value.bytes(), &model[..]);
            }
        }
        assert_protected(&live);
        if cfg!(unix) {
            prop_assert_eq!(pool.verify().expect("own smaps"), []);
        }
        let stats = pool.stats();
        prop_assert_eq!(stats.used + stats.free, stats.total);
        prop_assert_eq!(stats.locked, stats.total);
        live.clear();
        let stats = pool.stats();
        prop_assert_eq!((stats.used, stats.chunks_used), (0, 0));
        pool.trim();
        prop_assert_eq!(pool.stats().locked, 0);
        prop_assert_eq!(pool.stats().errors_in_drop, 0);
    }
}
