//! What a kernel stack says about a thread that waits.

use std::fmt;

/// Why a daemon waits for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It reads a page of its own back from its own device: locking cures it.
    OwnPage,
    /// The kernel allocates on its behalf and makes room by its own device:
    /// locking does not cure it.
    OwnAllocation,
}

impl Cause {
    /// What the stack says, if it says something.
    pub(super) fn of(stack: &[String]) -> Option<Self> {
        let has = |names: &[&str]| names.iter().any(|name| stack.iter().any(|at| at == name));
        if has(&["do_swap_page"]) {
            Some(Self::OwnPage)
        } else if has(&["try_to_free_pages", "shrink_node", "shrink_folio_list"]) {
            Some(Self::OwnAllocation)
        } else {
            None
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::OwnPage => "own-page",
            Self::OwnAllocation => "own-allocation",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OwnPage => "the daemon waits for a page of its own on its own device",
            Self::OwnAllocation => "the daemon waits for memory that its own device must free",
        })
    }
}

/// The functions of `/proc/PID/stack`, innermost first:
/// `[<0>] do_swap_page+0x1a/0x2b`, of a module with ` [name]` behind.
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

    #[test]
    fn a_fault_is_told_from_an_allocation() {
        let fault = "[<0>] folio_wait_bit_common+0x13d/0x350\n\
                     [<0>] do_swap_page+0x8a3/0x1020\n\
                     [<0>] ublk_ch_uring_cmd+0x5e/0x90 [ublk_drv]\n";
        let names = functions(fault);
        assert_eq!(
            names,
            ["folio_wait_bit_common", "do_swap_page", "ublk_ch_uring_cmd"]
        );
        assert_eq!(Cause::of(&names), Some(Cause::OwnPage));

        let allocation = "[<0>] try_to_free_pages+0xd8/0x1f0\n\
                          [<0>] unix_stream_sendmsg+0x1b5/0x5c0\n";
        assert_eq!(
            Cause::of(&functions(allocation)),
            Some(Cause::OwnAllocation)
        );
    }

    #[test]
    fn waiting_for_work_is_no_hang() {
        let idle = "[<0>] io_cqring_wait+0x3a9/0x6d0\n[<0>] do_syscall_64+0x5c/0x90\n";
        assert_eq!(Cause::of(&functions(idle)), None);
        assert_eq!(Cause::of(&functions("")), None);
    }
}
