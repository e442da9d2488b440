//! What a kernel stack says about a thread that waits.

use serde::Serialize;
use std::fmt;

/// Why a daemon waits for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Cause {
    /// It reads a page of its own back from its own device. Locking cures it.
    OwnPage,
    /// It touches memory for the first time, and its own device must make room.
    /// Locking cures it, since it brings everything in.
    FreshPage,
    /// The kernel allocates on its behalf, and its own device must make room.
    /// Locking does not cure it: this is not the daemon's memory.
    KernelAllocation,
}

impl Cause {
    /// What the stack says, if it says something.
    pub(super) fn of(stack: &[String]) -> Option<Self> {
        let has = |name| stack.iter().any(|function| function == name);
        if has("do_swap_page") {
            Some(Self::OwnPage)
        } else if !has("try_to_free_pages") {
            None
        } else if has("handle_mm_fault") {
            Some(Self::FreshPage)
        } else {
            Some(Self::KernelAllocation)
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnPage => "the daemon waits for a page of its own on its own device",
            Self::FreshPage => "the daemon waits for a new page that its own device must free",
            Self::KernelAllocation => {
                "the kernel waits, on the daemon's behalf, for memory that its device must free"
            }
        })
    }
}

/// The functions of `/proc/PID/stack`, innermost first:
/// `[<0>] do_swap_page+0x1a/0x2b`, of a module ` [name]` behind.
pub(super) fn functions(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let place = line.split_whitespace().nth(1)?;
        Some(place.split('+').next()?.to_owned())
    };
    text.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(functions: &[&str]) -> Option<Cause> {
        let stack: Vec<String> = functions.iter().map(ToString::to_string).collect();
        Cause::of(&stack)
    }

    #[test]
    fn functions_stand_without_addresses() {
        let text = "[<0>] folio_wait_bit_common+0x13d/0x350\n\
                    [<0>] ublk_rq_task_work_cb+0x5e/0x90 [ublk_drv]\n";
        assert_eq!(
            functions(text),
            ["folio_wait_bit_common", "ublk_rq_task_work_cb"]
        );
        assert!(functions("").is_empty());
    }

    #[test]
    fn the_three_causes_are_told_apart() {
        let own = cause(&["folio_wait_bit_common", "do_swap_page", "handle_mm_fault"]);
        assert_eq!(own, Some(Cause::OwnPage));
        let fresh = cause(&["try_to_free_pages", "do_anonymous_page", "handle_mm_fault"]);
        assert_eq!(fresh, Some(Cause::FreshPage));
        let kernel = cause(&[
            "try_to_free_pages",
            "alloc_skb_with_frags",
            "unix_stream_sendmsg",
        ]);
        assert_eq!(kernel, Some(Cause::KernelAllocation));
    }

    #[test]
    fn waiting_for_work_is_no_hang() {
        assert_eq!(cause(&["io_cqring_wait", "do_syscall_64"]), None);
        assert_eq!(cause(&[]), None);
    }
}
