//! So many mappings that the process may have no more.
#![allow(dead_code, reason = "each test file uses what it needs")]

use crate::own_process::skip_rest;
use stayput::PageRange;
use stayput_sys::map::{self, Access};

/// More costs the kernel gigabytes. Debian's limit is 65530, Ubuntu's and Arch's 2^20.
const MOST: usize = 1 << 21;

/// `vm.max_map_count`; ends the body where that is more than `most`.
pub(crate) fn limit(most: usize) -> usize {
    let limit = std::fs::read_to_string("/proc/sys/vm/max_map_count").expect("Linux");
    let limit = limit.trim().parse().expect("a number");
    if limit > most {
        skip_rest(&format!("vm.max_map_count is {limit}, above {most}"));
    }
    limit
}

/// Pages that differ from both neighbours, a mapping each.
pub(crate) struct Crowd {
    apart: Vec<PageRange>,
    given_back: Vec<PageRange>,
}

impl Crowd {
    /// Takes all mappings that the process may have.
    pub(crate) fn take_all() -> Self {
        let page = stayput_sys::page_size();
        let limit = limit(MOST);
        let range = map::reserve(2 * limit * page).expect("address space");
        let odd = (range.start() + page..range.end()).step_by(2 * page);
        let odd = odd.map(|start| PageRange::exact(start, page).expect("aligned"));
        // Before the limit is met: memory for the list may be a mapping.
        let mut apart = Vec::with_capacity(limit);
        for page in odd {
            // SAFETY: reserved above, and nobody uses it.
            if unsafe { map::protect(page, Access::Read) }.is_err() {
                let given_back = Vec::with_capacity(1000);
                return Self { apart, given_back };
            }
            apart.push(page);
        }
        panic!("{limit} pages apart, and nothing refused");
    }

    /// Lets the process have one mapping more.
    pub(crate) fn give_one_back(&mut self) {
        let page = self.apart.pop().expect("thousands");
        // SAFETY: one of `take_all`, and nobody uses it.
        let unmapped = unsafe { libc::munmap(page.as_ptr(), page.len()) };
        assert_eq!(unmapped, 0, "a whole mapping goes without a split");
        self.given_back.push(page);
    }

    /// Takes what was given back, as far as the process may have it again.
    pub(crate) fn take_again(&mut self) {
        while let Some(page) = self.given_back.pop() {
            // SAFETY: reserved just before, and nobody uses it.
            let taken =
                map::reserve_at(page).and_then(|()| unsafe { map::protect(page, Access::Read) });
            if taken.is_err() {
                return;
            }
            self.apart.push(page);
        }
    }
}
