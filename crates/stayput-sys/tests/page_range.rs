//! `PageRange` against the plainest arithmetic there is.

use proptest::prelude::*;
use stayput_sys::{PageRange, page_size};

/// Rounds in 128 bits, where nothing overflows.
fn naive(addr: usize, len: usize) -> Option<(u128, u128)> {
    let page = page_size() as u128;
    let (start, end) = (addr as u128, addr as u128 + len as u128);
    let (start, end) = (start / page * page, end.div_ceil(page) * page);
    (len > 0 && end <= usize::MAX as u128).then_some((start, end))
}

/// Addresses and lengths near zero, near a page's edge and near the end.
fn interesting() -> impl Strategy<Value = usize> {
    let page = page_size();
    prop_oneof![
        any::<usize>(),
        0..4 * page,
        (0..4 * page).prop_map(|it| usize::MAX - it),
        (1..1000usize, 0..3usize).prop_map(move |(pages, off)| pages * page + off - 1),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn covering_is_rounding_outwards(addr in interesting(), len in interesting()) {
        let range = PageRange::covering(addr, len);
        let ends = range.map(|it| (it.start() as u128, it.end() as u128));
        prop_assert_eq!(ends, naive(addr, len));
        if let Some(range) = range {
            prop_assert!(range.contains(addr) && range.contains(addr + (len - 1)));
            prop_assert!(!range.contains(range.end()));
            prop_assert_eq!(range.len(), range.pages() * page_size());
            prop_assert_eq!(range.as_ptr().addr(), range.start());
            prop_assert_eq!(PageRange::exact(range.start(), range.len()), Some(range));
        }
    }

    #[test]
    fn exact_takes_whole_pages_only(addr in interesting(), len in interesting()) {
        let page = page_size();
        let whole = addr % page == 0 && len % page == 0 && naive(addr, len).is_some();
        prop_assert_eq!(PageRange::exact(addr, len).is_some(), whole);
    }

    #[test]
    fn intersections_hold_what_both_hold(
        a in (0..40usize, 1..20usize),
        b in (0..40usize, 1..20usize),
    ) {
        let page = page_size();
        let range = |(start, len)| PageRange::exact(start * page, len * page).expect("whole");
        let (a, b) = (range(a), range(b));
        let both = a.intersection(b);
        prop_assert_eq!(both, b.intersection(a));
        for at in (0..60).map(|it| it * page + page / 2) {
            let inside = both.is_some_and(|it| it.contains(at));
            prop_assert_eq!(inside, a.contains(at) && b.contains(at));
        }
    }
}
