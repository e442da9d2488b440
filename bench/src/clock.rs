//! Time of one operation: that in which the calling thread was running, in the program
//! or in the kernel. Whoever else wants the processor does not change it much.

use std::time::Duration;

/// Nanoseconds for one call of `operation`, which is given a running number: the
/// median of several slices, after a warm-up that also finds the slices' length.
pub(crate) fn per_call<E>(mut operation: impl FnMut(u64) -> Result<(), E>) -> Result<f64, E> {
    let mut calls = 1;
    loop {
        let (_, took) = timed(|| run(&mut operation, calls))?;
        if took >= SLICE / 2 {
            break;
        }
        calls *= 2;
    }
    let mut slices = [0.0; SLICES];
    for slice in &mut slices {
        let (_, took) = timed(|| run(&mut operation, calls))?;
        *slice = nanoseconds(took) / calls as f64;
    }
    Ok(median(&mut slices))
}

/// `operation` for the numbers below `calls`: one copy of the loop, so that a profiler
/// counts the same code that is timed.
#[inline(never)]
pub(crate) fn run<E>(
    operation: &mut impl FnMut(u64) -> Result<(), E>,
    calls: u64,
) -> Result<(), E> {
    (0..calls).try_for_each(operation)
}

/// What `work` returns, and how long this thread was running for it.
pub(crate) fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, Duration), E> {
    let start = thread_time();
    let value = work()?;
    Ok((value, thread_time() - start))
}

pub(crate) fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

/// The middle of the values, which must not be empty.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// Time that the calling thread was running.
pub(crate) fn thread_time() -> Duration {
    // SAFETY: all-zero bytes are a valid timespec.
    let mut time: libc::timespec = unsafe { std::mem::zeroed() };
    // SAFETY: `time` is live. The clock exists on every Linux.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)");
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}

const SLICE: Duration = Duration::from_millis(3);
const SLICES: usize = 5;
