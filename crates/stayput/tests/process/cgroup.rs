//! Past a memory control group's limit the kernel kills: looked at before.

use crate::kernel::{Mapped, raw_mlockall};
use crate::memory_group::{in_group, run_in_group};
use crate::observe::locked;
use stayput::limits::Cause;
use stayput::process::{MlockConfig, MlockError, Plan, lock_all, lock_report};
use stayput::{Backing, Pool};
use std::os::unix::process::ExitStatusExt;

const LIMIT: u64 = 48 << 20;
const TABLE: usize = 96 << 20;

/// Private memory that nobody has touched: 96 MiB that the call would bring in.
fn table() -> Mapped {
    Mapped::new(TABLE, libc::PROT_READ | libc::PROT_WRITE).expect("address space is not charged")
}

#[test]
fn a_lock_past_the_group_is_refused() {
    const NAME: &str = "cgroup::a_lock_past_the_group_is_refused";
    in_group(NAME, LIMIT, || {
        assert!(lock_all().expect("what there is fits").is_locked());
        stayput::process::unlock_all().expect("unlocked");
        let _table = table();
        let error = lock_report(MlockConfig::default()).expect_err("refused");
        let group = |cause: &Cause| matches!(cause, Cause::MemoryCgroup { headroom, needed } if headroom < needed);
        assert!(group(error.cause()), "{error}");
        assert_eq!(error.errno(), None, "no call was made");
        assert_eq!(lock_all(), Err(MlockError::ResourceLimit));
        assert_eq!(locked(), 0);
        let plan = Plan::for_lock_all(MlockConfig::default()).expect("own smaps");
        assert!(group(plan.check().expect_err("refused").cause()));
        // Brought in page by page, nothing arrives yet.
        let onfault = MlockConfig::builder().onfault(true).build();
        assert!(lock_report(onfault).expect("fits").status().is_locked());
    });
}

/// Secret memory is filled when it is mapped, and so charged then.
#[test]
fn secret_memory_past_the_group_is_refused() {
    const NAME: &str = "cgroup::secret_memory_past_the_group_is_refused";
    in_group(NAME, LIMIT, || {
        let pool = Pool::builder().backing(Backing::SecretMem).build();
        match pool.block(16) {
            Err(error) if *error.cause() == Cause::SecretMemory => {
                return eprintln!("SKIPPED {NAME}: {error}");
            }
            small => drop(small.expect("fits")),
        }
        let error = pool.block(TABLE).expect_err("refused");
        let group = |cause: &Cause| matches!(cause, Cause::MemoryCgroup { headroom, needed } if headroom < needed);
        assert!(group(error.cause()), "{error}");
        drop(pool.block(1 << 20).expect("fits"));
    });
}

/// What the refusal prevents.
#[test]
fn control_the_kernel_kills() {
    const NAME: &str = "cgroup::control_the_kernel_kills";
    let output = run_in_group(NAME, LIMIT, || {
        let _table = table();
        let survived = raw_mlockall(libc::MCL_CURRENT);
        println!("survived: {survived:?}");
    });
    if let Some(output) = output {
        assert_eq!(output.status.signal(), Some(libc::SIGKILL), "{output:?}");
    }
}
