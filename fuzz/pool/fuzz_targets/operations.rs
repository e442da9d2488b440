//! Any sequence of operations on two pools and on the process-wide one: bytes are as in a
//! plain model, fresh memory is zero, the statistics add up, and in the end nothing is left.

#![no_main]

use allocator_api2::vec::Vec as PoolVec;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use stayput::pool::Block;
use stayput::{LockError, Policy, Pool, Secret, SecretBytes};

const MOST_LIVE: usize = 200;

#[derive(Arbitrary, Debug)]
enum Step {
    Block { pool: u8, len: u16 },
    Key { pool: u8 },
    Bytes { pool: u8, len: u16 },
    Vector { pool: u8, len: u16 },
    Pages { pool: u8, pages: u8 },
    Extend { at: u8, by: u16 },
    Truncate { at: u8, len: u16 },
    ShrinkToFit { at: u8 },
    Overwrite { at: u8 },
    Drop { at: u8 },
    Reserve { pool: u8, len: u16 },
    Trim { pool: u8 },
    Relock { pool: u8 },
}

enum Value {
    Block(Block),
    Key(Secret<[u8; 32]>),
    Bytes(SecretBytes),
    Vector(PoolVec<u8, Pool>),
}

impl Value {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Block(block) => block.as_slice(),
            Self::Key(key) => key.expose(),
            Self::Bytes(bytes) => bytes.expose(),
            Self::Vector(vector) => vector,
        }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Block(block) => block.as_mut_slice(),
            Self::Key(key) => key.expose_mut(),
            Self::Bytes(bytes) => bytes.expose_mut(),
            Self::Vector(vector) => vector,
        }
    }
}

/// Live values, and what their bytes must be.
#[derive(Default)]
struct World {
    live: Vec<(Value, Vec<u8>)>,
    /// Changes with each write.
    seed: u8,
}

impl World {
    fn fresh(&mut self, value: Result<Value, LockError>) {
        // Only a pool's own bound refuses here, and says so.
        let Ok(mut value) = value.inspect_err(|error| assert!(error.to_string().contains("pool")))
        else {
            return;
        };
        assert!(
            value.bytes().iter().all(|&byte| byte == 0),
            "fresh memory is zero"
        );
        let model = self.pattern(value.bytes().len());
        value.bytes_mut().copy_from_slice(&model);
        self.live.push((value, model));
    }

    /// Never zero.
    fn pattern(&mut self, len: usize) -> Vec<u8> {
        self.seed = self.seed.wrapping_add(1);
        (self.seed..=u8::MAX)
            .cycle()
            .map(|byte| byte | 1)
            .take(len)
            .collect()
    }

    fn change(&mut self, at: u8, change: impl FnOnce(&mut Value, &mut Vec<u8>)) {
        if !self.live.is_empty() {
            let at = usize::from(at) % self.live.len();
            let (value, model) = &mut self.live[at];
            change(value, model);
        }
    }

    fn extend(&mut self, at: u8, by: u16) {
        let more = self.pattern(usize::from(by));
        self.change(at, |value, model| {
            let is_longer = match value {
                Value::Bytes(bytes) => bytes.try_extend_from_slice(&more).is_ok(),
                Value::Vector(vector) => {
                    vector.extend_from_slice(&more);
                    true
                }
                _ => false,
            };
            if is_longer {
                model.extend(more);
            }
        });
    }

    fn truncate(&mut self, at: u8, len: u16) {
        self.change(at, |value, model| {
            match value {
                Value::Bytes(bytes) => bytes.truncate(len.into()),
                Value::Vector(vector) => vector.truncate(len.into()),
                _ => return,
            }
            model.truncate(len.into());
        });
    }

    fn check(&self) {
        for (value, model) in &self.live {
            assert!(value.bytes() == model, "bytes changed");
        }
    }
}

fn perform(step: Step, world: &mut World, pools: &[Pool]) {
    let pool = |index: u8| &pools[usize::from(index) % pools.len()];
    let is_full = world.live.len() >= MOST_LIVE;
    match step {
        Step::Block { pool: of, len } if !is_full => {
            world.fresh(pool(of).block(len.into()).map(Value::Block));
        }
        Step::Pages { pool: of, pages } if !is_full => {
            world.fresh(pool(of).block(usize::from(pages) * 1000).map(Value::Block));
        }
        Step::Key { pool: of } if !is_full => {
            world.fresh(Secret::try_init_with_in(|_| {}, pool(of)).map(Value::Key));
        }
        Step::Bytes { pool: of, len } if !is_full => {
            let bytes = SecretBytes::try_init_with_in(len.into(), |_| {}, pool(of));
            world.fresh(bytes.map(Value::Bytes));
        }
        Step::Vector { pool: of, len } if !is_full => {
            // Not in the pool with a bound: a vector that can't move ends the process.
            let mut vector = PoolVec::new_in(pool(of % 2).clone());
            let model = world.pattern(len.into());
            vector.extend_from_slice(&model);
            world.live.push((Value::Vector(vector), model));
        }
        Step::Extend { at, by } => world.extend(at, by),
        Step::Truncate { at, len } => world.truncate(at, len),
        Step::ShrinkToFit { at } => world.change(at, |value, _| {
            if let Value::Vector(vector) = value {
                vector.shrink_to_fit();
            }
        }),
        Step::Overwrite { at } => {
            let most = world.live.iter().map(|(_, model)| model.len()).max();
            let new = world.pattern(most.unwrap_or(0));
            world.change(at, |value, model| {
                let new = &new[..model.len()];
                model.copy_from_slice(new);
                value.bytes_mut().copy_from_slice(new);
            });
        }
        Step::Drop { at } if !world.live.is_empty() => {
            drop(world.live.swap_remove(usize::from(at) % world.live.len()));
        }
        Step::Reserve { pool: of, len } => _ = pool(of).reserve(len.into()),
        Step::Trim { pool: of } => _ = pool(of).trim(),
        Step::Relock { pool: of } => {
            let lapsed = pool(of).relock().expect("own smaps");
            assert!(lapsed.is_empty(), "nobody unlocked anything");
        }
        _ => {}
    }
}

fuzz_target!(|steps: Vec<Step>| {
    let pools = [
        Pool::global().clone(),
        Pool::builder().build(),
        Pool::builder()
            .max_locked(128 * 1024)
            .policy(Policy::Prefer)
            .build(),
    ];
    let mut world = World::default();
    for step in steps {
        perform(step, &mut world, &pools);
        world.check();
        for pool in &pools {
            let stats = pool.stats();
            assert_eq!(
                (stats.used + stats.free, stats.locked),
                (stats.total, stats.total)
            );
        }
        assert!(pools[2].stats().total <= 128 * 1024, "its bound");
    }
    world.live.clear();
    for pool in &pools {
        assert_eq!((pool.stats().used, pool.stats().chunks_used), (0, 0));
        pool.trim();
        assert_eq!((pool.stats().total, pool.stats().errors_in_drop), (0, 0));
    }
});
