//! What `verify` finds.

use crate::kernel::{Mapped, PAGE};
use crate::own_process::{Setup, own_process};
use stayput::process::{MlockConfig, Reason, lock_all, lock_with_config, verify};

const RW: i32 = libc::PROT_READ | libc::PROT_WRITE;

fn reason_at(mapping: &Mapped) -> Option<Reason> {
    let at = mapping.start().addr() as u64;
    let unlocked = verify().expect("own smaps").unlocked;
    let found = unlocked
        .iter()
        .find(|unlocked| unlocked.mapping.contains(at));
    found.map(|unlocked| unlocked.reason)
}

#[test]
fn each_unlocked_mapping_has_its_reason() {
    own_process(
        "verify::each_unlocked_mapping_has_its_reason",
        Setup::new(),
        || {
            assert!(
                !verify().expect("own smaps").holds(),
                "nothing is locked yet"
            );
            let ordinary = Mapped::new(4 * PAGE, RW).expect("mapped");
            assert_eq!(reason_at(&ordinary), Some(Reason::NotLocked));
            let reserved = Mapped::new(4 * PAGE, libc::PROT_NONE).expect("mapped");
            // Reserved only: no huge page is needed unless one is touched.
            let huge = libc::MAP_HUGETLB | libc::MAP_NORESERVE;
            let huge = Mapped::with_flags(2 << 20, RW, huge);

            assert!(lock_all().expect("CAP_IPC_LOCK").is_locked());
            let verification = verify().expect("own smaps");
            assert!(verification.holds(), "{verification}");
            assert_eq!(reason_at(&ordinary), None);
            assert_eq!(reason_at(&reserved), Some(Reason::Inaccessible));
            match &huge {
                Ok(huge) => assert_eq!(reason_at(huge), Some(Reason::HugeTlb)),
                Err(error) => eprintln!(
                    "SKIPPED verify::each_unlocked_mapping_has_its_reason (hugetlb): {error}"
                ),
            }
            let special = |name: &str| {
                let mut all = verification.unlocked.iter();
                all.any(|u| u.mapping.name == name && u.reason == Reason::Special)
            };
            assert!(special("[vdso]"), "{verification}");
        },
    );
}

#[test]
fn what_is_mapped_later_is_found() {
    own_process(
        "verify::what_is_mapped_later_is_found",
        Setup::new(),
        || {
            let config = MlockConfig::builder().future(false).build();
            let _ = lock_with_config(config).expect("CAP_IPC_LOCK");
            let later = Mapped::new(4 * PAGE, RW).expect("mapped");
            assert_eq!(reason_at(&later), Some(Reason::NotLocked));
            assert!(!verify().expect("own smaps").holds());
        },
    );
}

#[test]
fn untouched_pages_are_told_under_onfault() {
    own_process(
        "verify::untouched_pages_are_told_under_onfault",
        Setup::new(),
        || {
            let config = MlockConfig::builder().onfault(true).build();
            let _ = lock_with_config(config).expect("CAP_IPC_LOCK");
            let untouched = Mapped::new(4 * PAGE, RW).expect("mapped");
            assert_eq!(reason_at(&untouched), Some(Reason::OnFault));
            assert!(
                verify().expect("own smaps").holds(),
                "what is touched stays"
            );
        },
    );
}
