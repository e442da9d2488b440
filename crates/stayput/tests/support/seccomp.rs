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
    refuse_bits_of(0, call, bits, errno);
}

/// The same for the argument of that number, from 0.
pub(crate) fn refuse_bits_of(argument: u8, call: libc::c_long, bits: u32, errno: i32) {
    let (bits, dword) = (u64::from(bits), SeccompCmpArgLen::Dword);
    let condition = SeccompCondition::new(argument, dword, SeccompCmpOp::MaskedEq(bits), bits);
    let rule = SeccompRule::new(vec![condition.expect("an argument")]).expect("a rule");
    apply(call, vec![rule], errno);
}

/// Whether filters can be installed, or a skip by name: emulators have none, and the
/// crate that writes them knows few processors.
pub(crate) fn works(name: &str) -> bool {
    // A thread of its own: what is refused there is refused to nobody else.
    let tried = std::thread::spawn(|| try_refuse(libc::SYS_personality, Vec::new(), libc::EPERM));
    let answer = tried.join().expect("no panic");
    if let Err(why) = &answer {
        eprintln!("SKIPPED {name}: no seccomp filter: {why}");
    }
    answer.is_ok()
}

fn apply(call: libc::c_long, rules: Vec<SeccompRule>, errno: i32) {
    try_refuse(call, rules, errno).expect("tests ask first whether filters work");
}

#[allow(
    clippy::useless_conversion,
    reason = "long has 32 bits on some targets"
)]
fn try_refuse(call: libc::c_long, rules: Vec<SeccompRule>, errno: i32) -> Result<(), String> {
    let filter = SeccompFilter::new(
        [(call.into(), rules)].into_iter().collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno.unsigned_abs()),
        std::env::consts::ARCH
            .try_into()
            .map_err(|error| format!("{error}"))?,
    );
    let program: BpfProgram = filter
        .and_then(TryInto::try_into)
        .map_err(|error| error.to_string())?;
    apply_filter(&program).map_err(|error| error.to_string())
}
