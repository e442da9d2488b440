//! System calls that a filter refuses.
#![allow(dead_code, reason = "each test file uses what it needs")]

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

/// From now on `call` gives `errno` in this thread.
pub(crate) fn refuse(call: libc::c_long, errno: i32) {
    apply(call, Vec::new(), errno);
}

/// From now on `call` gives `errno` where its first argument has all of `bits`.
pub(crate) fn refuse_bits(call: libc::c_long, bits: u32, errno: i32) {
    let (bits, dword) = (u64::from(bits), SeccompCmpArgLen::Dword);
    let condition = SeccompCondition::new(0, dword, SeccompCmpOp::MaskedEq(bits), bits);
    let rule = SeccompRule::new(vec![condition.expect("an argument")]).expect("a rule");
    apply(call, vec![rule], errno);
}

#[allow(
    clippy::useless_conversion,
    reason = "long has 32 bits on some targets"
)]
fn apply(call: libc::c_long, rules: Vec<SeccompRule>, errno: i32) {
    let filter = SeccompFilter::new(
        [(call.into(), rules)].into_iter().collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno.unsigned_abs()),
        std::env::consts::ARCH.try_into().expect("an architecture"),
    )
    .expect("a filter");
    let program: BpfProgram = filter.try_into().expect("a program");
    apply_filter(&program).expect("root or no_new_privs");
}
