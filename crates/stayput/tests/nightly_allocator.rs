//! The standard library's collections in a pool, on nightly Rust.
#![cfg_attr(stayput_nightly, feature(allocator_api))]

// Not on Windows: needs a nightly compiler.
#[cfg(stayput_nightly)]
#[test]
fn the_standard_vec_grows_in_a_pool() {
    use stayput::Pool;
    use stayput::inspect::{Flag, Process, mappings};
    let pool = Pool::builder().build();
    let mut vector = Vec::new_in(pool.clone());
    vector.extend(0..10_000u32);
    assert!(vector.iter().copied().eq(0..10_000));
    let address = vector.as_ptr().addr() as u64;
    let mappings = mappings(Process::Current).expect("own smaps");
    let mapping = mappings
        .into_iter()
        .find(|mapping| mapping.contains(address));
    assert!(mapping.is_some_and(|mapping| mapping.has(Flag::Locked)));
    vector.truncate(3);
    vector.shrink_to_fit();
    assert_eq!(*vector, [0, 1, 2]);
    drop(vector);
    assert_eq!(pool.stats().chunks_used, 0);
    assert!(
        Vec::<u8, _>::try_with_capacity_in(1 << 20, Pool::builder().max_locked(4096).build())
            .is_err()
    );
}

#[cfg(not(stayput_nightly))]
#[test]
fn the_standard_vec_grows_in_a_pool() {
    eprintln!(
        "SKIPPED the_standard_vec_grows_in_a_pool: needs nightly Rust and the feature allocator_api"
    );
}
