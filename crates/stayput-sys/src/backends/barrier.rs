//! Makes the optimiser believe that memory is read.
//!
//! An empty `asm!` that is given the pointer may read whatever it points to, so
//! the writes before it must have happened. `black_box` says the same, but
//! without a guarantee; it serves the targets without stable inline assembly.

/// Stores through `ptr` that come before this call stay in the program.
#[inline(always)]
pub(crate) fn keep_writes(ptr: *mut u8) {
    #[cfg(any(
        target_arch = "x86",
        target_arch = "x86_64",
        target_arch = "arm",
        target_arch = "aarch64",
        target_arch = "riscv32",
        target_arch = "riscv64",
        target_arch = "loongarch64",
        target_arch = "s390x"
    ))]
    // SAFETY: the assembly is empty; it touches neither memory nor stack nor flags.
    unsafe {
        std::arch::asm!("/* {0} */", in(reg) ptr, options(nostack, preserves_flags));
    }
    #[cfg(not(any(
        target_arch = "x86",
        target_arch = "x86_64",
        target_arch = "arm",
        target_arch = "aarch64",
        target_arch = "riscv32",
        target_arch = "riscv64",
        target_arch = "loongarch64",
        target_arch = "s390x"
    )))]
    std::hint::black_box(ptr);
}
