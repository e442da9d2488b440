//! The interface as programs in C see it: each case a process of its own.

mod cases;
mod compiler;
mod examples;

mod headers;

use cases::Program;
use libc::{SIGABRT, SIGSEGV};

const MIB: u64 = 1 << 20;

static USE: Program = Program::new("use");
static MISUSE: Program = Program::new("misuse");
static LIMITS: Program = Program::new("limits");
static THREADS: Program = Program::new("threads");
static FORKS: Program = Program::new("forks");

macro_rules! pass {
    ($($program:ident: $($case:ident)*;)*) => {$($(
        #[test]
        fn $case() {
            super::$program.passes(stringify!($case));
        }
    )*)*};
}

mod use_ {
    pass! { USE: seed sizes protection free_keeps_errno secrets secret_files pools secret_memory
    guarded regions raw_calls process budget words; }
}

mod threads {
    pass! { THREADS: each_its_own one_guarded own_errors handed_over forks; }
}

mod forks {
    pass! { FORKS: child_finds_zeros secrets guarded double_free_in_child no_frame_is_shared; }
}

mod arguments {
    pass! { MISUSE: null_pointers invalid_arguments; }
}

#[test]
fn misuse_ends_the_process_with_a_message() {
    for (case, words) in [
        (
            "double_free",
            "free_secure_memory: this pointer is not the start of live memory",
        ),
        ("foreign_pointer", "foreign or interior pointer"),
        ("interior_pointer", "foreign or interior pointer"),
        ("wrong_size", "size is 31, but 32 bytes were allocated"),
        ("one_byte_behind", "wrote behind the end of this memory"),
        ("one_byte_before", "wrote before the start of this memory"),
        (
            "guarded_written_before",
            "stayput_guarded_free: something wrote before",
        ),
        ("secret_double_free", "no live stayput_secret"),
        ("secret_use_after_free", "no live stayput_secret"),
        ("secret_foreign", "no live stayput_secret"),
        ("pool_double_free", "no live stayput_pool"),
        ("guarded_double_free", "no live stayput_guarded"),
        ("region_double_free", "no live stayput_region_lock"),
        (
            "report_of_freed",
            "stayput_secure_memory_protection: this pointer is not",
        ),
    ] {
        MISUSE.ends(case, SIGABRT, words);
    }
}

#[test]
fn stray_access_is_a_fault() {
    for case in [
        "overflow",
        "underflow",
        "read_after_free",
        "read_of_protected",
        "write_while_readable",
    ] {
        MISUSE.ends(case, SIGSEGV, "");
    }
}

#[test]
fn over_the_limit_there_is_null_and_a_remedy() {
    if let Some(said) = LIMITS.passes_unprivileged("over_the_limit", 65536, 65536) {
        assert!(
            said.contains("ulimit -l") || said.contains("memlock"),
            "{said}"
        );
    }
}

mod unprivileged {
    use super::{LIMITS, MIB};

    macro_rules! pass {
        ($($case:ident $soft:expr, $hard:expr;)*) => {$(
            #[test]
            fn $case() {
                LIMITS.passes_unprivileged(stringify!($case), $soft, $hard);
            }
        )*};
    }

    pass! {
        preferred 65536, 65536;
        file_backed 65536, 65536;
        refused_growth 65536, 65536;
        process 65536, 65536;
        not_permitted 0, 0;
        raised 65536, 8 * MIB;
    }
}
