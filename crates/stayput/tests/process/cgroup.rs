//! Past a memory control group's limit the kernel kills: looked at before.

use crate::kernel::{Mapped, raw_mlockall};
use crate::observe::locked;
use crate::own_process::{Setup, own_process, run};
use stayput::limits::Cause;
use stayput::process::{MlockConfig, MlockError, Plan, lock_all, lock_report};
use stayput::{Backing, Pool};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

const CONTROLLER: &str = "/sys/fs/cgroup/memory";
const LIMIT: usize = 48 << 20;
const TABLE: usize = 96 << 20;

/// A group of the first version, removed when dropped.
struct Group(PathBuf);

impl Group {
    fn new(name: &str) -> Option<Self> {
        let dir = dir(std::process::id(), name);
        let controller = Path::new(CONTROLLER).join("memory.limit_in_bytes");
        if !controller.exists() || fs::create_dir(&dir).is_err() {
            eprintln!("SKIPPED {name}: needs root and the memory controller of cgroup v1");
            return None;
        }
        let group = Self(dir);
        let limit = group.0.join("memory.limit_in_bytes");
        fs::write(limit, LIMIT.to_string()).expect("one's own group");
        Some(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        fs::remove_dir(&self.0).expect("empty: its only process has ended");
    }
}

fn dir(test_process: u32, name: &str) -> PathBuf {
    let name = name.replace(':', "-");
    Path::new(CONTROLLER).join(format!("stayput-test-{test_process}-{name}"))
}

/// In the body's process: joins the group that the test made.
fn join(name: &str) {
    // SAFETY: getppid has no preconditions.
    let parent = unsafe { libc::getppid() };
    fs::write(
        dir(parent.unsigned_abs(), name).join("cgroup.procs"),
        std::process::id().to_string(),
    )
    .expect("the group exists");
}

/// Private memory that nobody has touched: 96 MiB that the call would bring in.
fn table() -> Mapped {
    Mapped::new(TABLE, libc::PROT_READ | libc::PROT_WRITE).expect("address space is not charged")
}

fn in_body() -> bool {
    std::env::var_os("STAYPUT_TEST_BODY").is_some()
}

#[test]
fn a_lock_past_the_group_is_refused() {
    const NAME: &str = "cgroup::a_lock_past_the_group_is_refused";
    let group = if in_body() { None } else { Group::new(NAME) };
    if !in_body() && group.is_none() {
        return;
    }
    own_process(NAME, Setup::new(), || {
        join(NAME);
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
    let group = if in_body() { None } else { Group::new(NAME) };
    if !in_body() && group.is_none() {
        return;
    }
    own_process(NAME, Setup::new(), || {
        join(NAME);
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
    let group = if in_body() { None } else { Group::new(NAME) };
    if !in_body() && group.is_none() {
        return;
    }
    let output = run(NAME, Setup::new(), || {
        join(NAME);
        let _table = table();
        let survived = raw_mlockall(libc::MCL_CURRENT);
        println!("survived: {survived:?}");
    });
    if let Some(output) = output {
        assert_eq!(output.status.signal(), Some(libc::SIGKILL), "{output:?}");
    }
}
