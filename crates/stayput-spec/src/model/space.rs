//! The state, and how runs of pages are found, cut and joined.

use super::case::Case;
use super::mapping::{Mapping, Residency, count};
use super::rule::{Rule, Rules};
use super::words::{FileId, Kind, Limit, Lock, Protection};
use std::ops::Range;

/// What the mlock family can see of one process.
#[derive(Clone, Debug)]
pub struct AddressSpace {
    pub(super) page_size: u64,
    pub(super) rules: Rules,
    /// In order of address, without overlap.
    pub(super) mappings: Vec<Mapping>,
    /// Per file, which of its pages are cached; its length is the file's.
    pub(super) files: Vec<Vec<Residency>>,
    /// Pages charged to `RLIMIT_MEMLOCK`: a counter, as in the kernel.
    pub(super) locked_vm: u64,
    pub(super) limit: Limit,
    pub(super) capability: bool,
    pub(super) may_raise_hard: bool,
    /// The lock flags that new mappings begin with.
    pub(super) future: Lock,
    pub(super) noted: Vec<Case>,
}

impl AddressSpace {
    /// An empty address space of a process with `CAP_IPC_LOCK` and no limit, on
    /// the newest kernel that the rules describe.
    #[must_use]
    pub fn new(page_size: u64) -> Self {
        Self {
            page_size,
            rules: Rules::newest(),
            mappings: Vec::new(),
            files: Vec::new(),
            locked_vm: 0,
            limit: Limit {
                soft: u64::MAX,
                hard: u64::MAX,
            },
            capability: true,
            may_raise_hard: true,
            future: Lock::Unlocked,
            noted: Vec::new(),
        }
    }

    /// With other rules: an older kernel's, or one flipped for a test.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// With this `RLIMIT_MEMLOCK`, whose hard part the process may not raise.
    #[must_use]
    pub fn with_limit(mut self, limit: Limit) -> Self {
        self.limit = limit;
        self.may_raise_hard = false;
        self
    }

    /// Without `CAP_IPC_LOCK`.
    #[must_use]
    pub fn without_capability(mut self) -> Self {
        self.capability = false;
        self
    }

    /// With pages charged already (in bytes) and this default for new mappings, as
    /// a process has them in which `mlockall` was called before.
    #[must_use]
    pub fn with_locks(mut self, locked_bytes: u64, future: Lock) -> Self {
        self.locked_vm = self.pages(locked_bytes);
        self.future = future;
        self
    }

    /// Adds a file of `pages` cached pages, for [`Kind::File`].
    pub fn add_file(&mut self, pages: u64) -> FileId {
        self.files.push(vec![Residency::Written; count(pages)]);
        FileId(self.files.len() - 1)
    }

    /// Adds a `memfd_secret` of `pages` untouched pages, for [`Kind::Secret`].
    pub fn add_secret(&mut self, pages: u64) -> FileId {
        self.files.push(vec![Residency::Absent; count(pages)]);
        FileId(self.files.len() - 1)
    }

    /// Adds a mapping that exists already, whatever the limit says.
    pub fn add_existing(&mut self, start: u64, len: u64, protection: Protection, kind: Kind) {
        let mapping = Mapping::fresh(self.page(start), self.pages(len), protection, kind);
        self.insert(mapping);
    }

    /// The facts that it relies on.
    #[must_use]
    pub const fn rules(&self) -> Rules {
        self.rules
    }

    /// `VmLck` in bytes.
    #[must_use]
    pub fn locked_bytes(&self) -> u64 {
        self.locked_vm * self.page_size
    }

    /// `total_vm` in bytes, what `mlockall` compares with the limit.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.total_pages() * self.page_size
    }

    /// The limit now in force.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        self.limit
    }

    /// Whether `CAP_IPC_LOCK` is effective.
    #[must_use]
    pub const fn has_capability(&self) -> bool {
        self.capability
    }

    /// What new mappings begin with.
    #[must_use]
    pub const fn future(&self) -> Lock {
        self.future
    }

    /// The size of a page in bytes.
    #[must_use]
    pub const fn page_size(&self) -> u64 {
        self.page_size
    }

    /// The runs of pages, in order of address.
    #[must_use]
    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// The run that holds `address`.
    #[must_use]
    pub fn mapping_at(&self, address: u64) -> Option<&Mapping> {
        self.find(self.page(address)).map(|i| &self.mappings[i])
    }

    /// The lock flags at `address`; `None` where nothing is mapped.
    #[must_use]
    pub fn lock_at(&self, address: u64) -> Option<Lock> {
        self.mapping_at(address).map(|mapping| mapping.lock)
    }

    /// What `mincore` says of the page at `address`; `None` where nothing is mapped.
    #[must_use]
    pub fn residency_at(&self, address: u64) -> Option<Residency> {
        let page = self.page(address);
        let mapping = &self.mappings[self.find(page)?];
        let index = page - mapping.start;
        Some(match mapping.kind {
            Kind::Anonymous | Kind::Droppable => mapping.residency[count(index)],
            Kind::File { file, offset, .. } | Kind::Secret { file, offset } => *self.files[file.0]
                .get(count(offset + index))
                .unwrap_or(&Residency::Absent),
            Kind::HugeTlb => Residency::Absent,
            Kind::Special | Kind::Existing => Residency::Unknown,
        })
    }

    pub(super) fn holds(&self, rule: Rule) -> bool {
        self.rules.holds(rule)
    }

    pub(super) fn note(&mut self, case: Case) {
        if !self.noted.contains(&case) {
            self.noted.push(case);
        }
    }

    pub(super) const fn page(&self, address: u64) -> u64 {
        address / self.page_size
    }

    pub(super) const fn offset_in_page(&self, address: u64) -> u64 {
        address % self.page_size
    }

    /// Pages that hold `bytes`, without wrapping.
    pub(super) const fn pages(&self, bytes: u64) -> u64 {
        bytes.div_ceil(self.page_size)
    }

    /// The kernel's `PAGE_ALIGN`, which wraps to 0 near the end.
    pub(super) const fn page_align(&self, bytes: u64) -> u64 {
        bytes.wrapping_add(self.page_size - 1) & !(self.page_size - 1)
    }

    pub(super) fn total_pages(&self) -> u64 {
        self.mappings.iter().map(|mapping| mapping.pages).sum()
    }

    pub(super) fn find(&self, page: u64) -> Option<usize> {
        let after = self.mappings.partition_point(|m| m.start <= page);
        let index = after.checked_sub(1)?;
        (page < self.mappings[index].end()).then_some(index)
    }

    /// The runs that touch `pages`, uncut.
    pub(super) fn touching(&self, pages: &Range<u64>) -> Range<usize> {
        let first = self.mappings.partition_point(|m| m.end() <= pages.start);
        if pages.is_empty() {
            return first..first;
        }
        let last = self.mappings.partition_point(|m| m.start < pages.end);
        first..last.max(first)
    }

    /// Cuts runs at both ends, so that those returned lie inside `pages`.
    pub(super) fn carve(&mut self, pages: &Range<u64>) -> Range<usize> {
        self.cut(pages.start);
        self.cut(pages.end);
        self.touching(pages)
    }

    fn cut(&mut self, page: u64) {
        let Some(index) = self.find(page) else { return };
        if self.mappings[index].start < page {
            let upper = self.mappings[index].split_off(page);
            self.mappings.insert(index + 1, upper);
        }
    }

    /// The run's attributes changed: its borders are no longer surely inner ones.
    pub(super) fn parted(&mut self, index: usize) {
        self.mappings[index].joined = false;
        if let Some(next) = self.mappings.get_mut(index + 1) {
            next.joined = false;
        }
    }

    /// Ends a call: what was cut and stayed equal is one run again.
    pub(super) fn rejoin(&mut self) {
        self.mappings.dedup_by(|upper, lower| {
            let one = upper.joined && lower.end() == upper.start;
            if one {
                lower.append(upper.clone());
            }
            upper.joined = false;
            one
        });
    }

    /// Removes what is mapped in `pages` and its charge; returns it.
    pub(super) fn remove(&mut self, pages: &Range<u64>) -> Vec<Mapping> {
        let inside = self.carve(pages);
        if let Some(next) = self.mappings.get_mut(inside.end) {
            next.joined = false;
        }
        let removed: Vec<Mapping> = self.mappings.drain(inside).collect();
        if self.holds(Rule::UnmapUncharges) {
            let locked = removed.iter().filter(|m| m.lock.is_locked());
            let pages: u64 = locked.map(|m| m.pages).sum();
            self.locked_vm = self.locked_vm.saturating_sub(pages);
        }
        removed
    }

    /// Puts a run where nothing is mapped and charges it if it is locked.
    pub(super) fn insert(&mut self, mut mapping: Mapping) {
        mapping.joined = false;
        if mapping.lock.is_locked() {
            self.locked_vm += mapping.pages;
        }
        let index = self.mappings.partition_point(|m| m.start < mapping.start);
        if let Some(next) = self.mappings.get_mut(index) {
            next.joined = false;
        }
        self.mappings.insert(index, mapping);
    }

    /// Whether a cut at an end of `pages` would go through a huge page, which
    /// the kernel refuses with `EINVAL`.
    pub(super) fn cuts_huge_page(&self, pages: &Range<u64>) -> bool {
        let inside = |page| {
            self.find(page).is_some_and(|index| {
                self.mappings[index].kind == Kind::HugeTlb && self.mappings[index].start != page
            })
        };
        inside(pages.start) || inside(pages.end)
    }
}
