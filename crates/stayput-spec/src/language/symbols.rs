//! Enumerations and mask bits, each with the kernel's symbol, its number and its short name.

use super::Text;
use std::borrow::Cow;

/// What all enumerations of the language have in common.
pub trait Symbol: Sized + Clone + PartialEq + 'static {
    /// What every symbol of this enumeration starts with, such as `KAPI_TYPE_`.
    const PREFIX: &'static str;

    /// Every known symbol, in the order of their numbers.
    const ALL: &'static [Self];

    /// The kernel's symbol, such as `KAPI_TYPE_UINT`; unknown ones as they were written.
    fn symbol(&self) -> &str;

    /// The short name that kernel-doc annotations use, such as `uint`.
    fn short(&self) -> &str;

    /// The number behind the symbol (for masks: the bit); `None` if the symbol is unknown.
    fn number(&self) -> Option<u32>;

    /// Reads the kernel's symbol or the short name, in any case. Anything else is kept as it is.
    fn from_symbol(symbol: &str) -> Self;
}

/// The value of a mask; `None` when one of its bits is unknown.
pub fn mask_value<S: Symbol>(bits: &[S]) -> Option<u32> {
    bits.iter()
        .try_fold(0, |mask, bit| Some(mask | bit.number()?))
}

macro_rules! symbols {
    ($($(#[$doc:meta])* $name:ident($prefix:literal) {
        $($(#[$vdoc:meta])* $variant:ident = $number:expr, $symbol:literal, $short:literal;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A symbol that this crate doesn't know, as it was written.
            Other(Text),
        }

        impl Symbol for $name {
            const PREFIX: &'static str = $prefix;
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn symbol(&self) -> &str {
                match self {
                    $(Self::$variant => concat!($prefix, $symbol),)*
                    Self::Other(symbol) => symbol,
                }
            }

            fn short(&self) -> &str {
                match self {
                    $(Self::$variant => $short,)*
                    Self::Other(symbol) => symbol,
                }
            }

            fn number(&self) -> Option<u32> {
                match self {
                    $(Self::$variant => Some($number),)*
                    Self::Other(_) => None,
                }
            }

            fn from_symbol(symbol: &str) -> Self {
                Self::ALL
                    .iter()
                    .find(|known| {
                        known.symbol() == symbol || known.short().eq_ignore_ascii_case(symbol)
                    })
                    .cloned()
                    .unwrap_or_else(|| Self::Other(Cow::Owned(symbol.to_owned())))
            }
        }
    )*};
}

symbols! {
    /// The context a call may be made from. A mask.
    Context("KAPI_CTX_") {
        /// Process context.
        Process = 1, "PROCESS", "process";
        /// Softirq context.
        Softirq = 1 << 1, "SOFTIRQ", "softirq";
        /// Hardirq context.
        Hardirq = 1 << 2, "HARDIRQ", "hardirq";
        /// Non-maskable interrupt context.
        Nmi = 1 << 3, "NMI", "nmi";
        /// Atomic context only.
        Atomic = 1 << 4, "ATOMIC", "atomic";
        /// The call may sleep.
        Sleepable = 1 << 5, "SLEEPABLE", "sleepable";
        /// Preemption must be disabled.
        PreemptDisabled = 1 << 6, "PREEMPT_DISABLED", "preempt_disabled";
        /// Interrupts must be disabled.
        IrqDisabled = 1 << 7, "IRQ_DISABLED", "irq_disabled";
    }

    /// The class of a parameter's or a return value's type.
    ValueType("KAPI_TYPE_") {
        /// No value.
        Void = 0, "VOID", "void";
        /// Signed integer.
        Int = 1, "INT", "int";
        /// Unsigned integer.
        Uint = 2, "UINT", "uint";
        /// Kernel pointer.
        Ptr = 3, "PTR", "ptr";
        /// Structure.
        Struct = 4, "STRUCT", "struct";
        /// Union.
        Union = 5, "UNION", "union";
        /// Enumeration.
        Enum = 6, "ENUM", "enum";
        /// Function pointer.
        FuncPtr = 7, "FUNC_PTR", "func_ptr";
        /// Array.
        Array = 8, "ARRAY", "array";
        /// File descriptor.
        Fd = 9, "FD", "fd";
        /// User-space pointer.
        UserPtr = 10, "USER_PTR", "user_ptr";
        /// Path name.
        Path = 11, "PATH", "path";
        /// Anything else.
        Custom = 12, "CUSTOM", "custom";
    }

    /// An attribute of a parameter. A mask.
    ParamFlag("KAPI_PARAM_") {
        /// Read by the call.
        In = 1, "IN", "in";
        /// Written by the call.
        Out = 1 << 1, "OUT", "out";
        /// Read and written.
        Inout = 1 << 2, "INOUT", "inout";
        /// May be absent (NULL).
        Optional = 1 << 3, "OPTIONAL", "optional";
        /// `const` qualified.
        Const = 1 << 4, "CONST", "const";
        /// `volatile` qualified.
        Volatile = 1 << 5, "VOLATILE", "volatile";
        /// Points into user space.
        User = 1 << 6, "USER", "user";
        /// Must be memory a device can reach.
        Dma = 1 << 7, "DMA", "dma";
        /// Must be aligned.
        Aligned = 1 << 8, "ALIGNED", "aligned";
    }

    /// How a parameter's values are constrained.
    ConstraintType("KAPI_CONSTRAINT_") {
        /// Any value.
        None = 0, "NONE", "none";
        /// A range of numbers.
        Range = 1, "RANGE", "range";
        /// Only certain bits.
        Mask = 2, "MASK", "mask";
        /// Only certain values.
        Enum = 3, "ENUM", "enum";
        /// A multiple of some number.
        Alignment = 4, "ALIGNMENT", "alignment";
        /// A power of two.
        PowerOfTwo = 5, "POWER_OF_TWO", "power_of_two";
        /// A multiple of the page size.
        PageAligned = 6, "PAGE_ALIGNED", "page_aligned";
        /// Not zero.
        Nonzero = 7, "NONZERO", "nonzero";
        /// A string in user space.
        UserString = 8, "USER_STRING", "user_string";
        /// A path in user space.
        UserPath = 9, "USER_PATH", "user_path";
        /// A pointer into user space.
        UserPtr = 10, "USER_PTR", "user_ptr";
        /// Checked by a function.
        Custom = 11, "CUSTOM", "custom";
    }

    /// How success is told from the value returned.
    CheckType("KAPI_RETURN_") {
        /// One exact value.
        Exact = 0, "EXACT", "exact";
        /// A range of values.
        Range = 1, "RANGE", "range";
        /// Anything that is not an error number.
        ErrorCheck = 2, "ERROR_CHECK", "error_check";
        /// A file descriptor.
        Fd = 3, "FD", "fd";
        /// Checked by a function.
        Custom = 4, "CUSTOM", "custom";
        /// The call doesn't return on success.
        NoReturn = 5, "NO_RETURN", "no_return";
    }

    /// The kind of a kernel lock.
    LockType("KAPI_LOCK_") {
        /// No lock.
        None = 0, "NONE", "none";
        /// Mutex.
        Mutex = 1, "MUTEX", "mutex";
        /// Spinlock.
        Spinlock = 2, "SPINLOCK", "spinlock";
        /// Reader-writer lock.
        Rwlock = 3, "RWLOCK", "rwlock";
        /// Sequence lock.
        Seqlock = 4, "SEQLOCK", "seqlock";
        /// RCU read side.
        Rcu = 5, "RCU", "rcu";
        /// Semaphore.
        Semaphore = 6, "SEMAPHORE", "semaphore";
        /// Anything else.
        Custom = 7, "CUSTOM", "custom";
    }

    /// Who takes and who gives back a lock; the later series says this in place of two flags.
    LockScope("KAPI_LOCK_") {
        /// Taken and given back by the call.
        Internal = 0, "INTERNAL", "internal";
        /// Taken by the call and still held when it returns.
        Acquires = 1, "ACQUIRES", "acquires";
        /// Held by the caller and given back by the call.
        Releases = 2, "RELEASES", "releases";
        /// Held by the caller throughout.
        CallerHeld = 3, "CALLER_HELD", "caller_held";
    }

    /// Which way a signal goes. A mask.
    SignalDirection("KAPI_SIGNAL_") {
        /// The caller may receive it during the call.
        Receive = 1, "RECEIVE", "receive";
        /// The call may send it.
        Send = 1 << 1, "SEND", "send";
        /// The call treats it specially.
        Handle = 1 << 2, "HANDLE", "handle";
        /// The call blocks it.
        Block = 1 << 3, "BLOCK", "block";
        /// The call ignores it.
        Ignore = 1 << 4, "IGNORE", "ignore";
    }

    /// What happens on a signal.
    SignalAction("KAPI_SIGNAL_ACTION_") {
        /// The default action.
        Default = 0, "DEFAULT", "default";
        /// The process ends.
        Terminate = 1, "TERMINATE", "terminate";
        /// The process ends with a core dump.
        Coredump = 2, "COREDUMP", "coredump";
        /// The process stops.
        Stop = 3, "STOP", "stop";
        /// The process continues.
        Continue = 4, "CONTINUE", "continue";
        /// Something the notes describe.
        Custom = 5, "CUSTOM", "custom";
        /// The call returns with `EINTR`.
        Return = 6, "RETURN", "return";
        /// The call is started again.
        Restart = 7, "RESTART", "restart";
        /// The signal is queued.
        Queue = 8, "QUEUE", "queue";
        /// The signal is dropped.
        Discard = 9, "DISCARD", "discard";
        /// The signal is turned into another.
        Transform = 10, "TRANSFORM", "transform";
    }

    /// When during a call a signal may come. The number is that of the kernel tool's JSON.
    Timing("KAPI_SIGNAL_TIME_") {
        /// Before the call's work.
        Before = 0, "BEFORE", "before";
        /// During the call's work.
        During = 1, "DURING", "during";
        /// After the call's work.
        After = 2, "AFTER", "after";
        /// On entry.
        Entry = 3, "ENTRY", "entry";
        /// On exit.
        Exit = 4, "EXIT", "exit";
        /// At any time.
        Anytime = 5, "ANYTIME", "anytime";
        /// While blocked.
        Blocking = 6, "BLOCKING", "while_blocked";
        /// While asleep.
        Sleeping = 7, "SLEEPING", "while_sleeping";
    }

    /// The state a process must, or must not, be in for a signal. A mask.
    SignalState("KAPI_SIGNAL_STATE_") {
        /// Running.
        Running = 1, "RUNNING", "running";
        /// Asleep.
        Sleeping = 1 << 1, "SLEEPING", "sleeping";
        /// Stopped.
        Stopped = 1 << 2, "STOPPED", "stopped";
        /// Traced.
        Traced = 1 << 3, "TRACED", "traced";
        /// Zombie.
        Zombie = 1 << 4, "ZOMBIE", "zombie";
        /// Dead.
        Dead = 1 << 5, "DEAD", "dead";
    }

    /// What a side effect touches. A mask.
    Effect("KAPI_EFFECT_") {
        /// Nothing.
        None = 0, "NONE", "none";
        /// Memory is allocated.
        AllocMemory = 1, "ALLOC_MEMORY", "alloc_memory";
        /// Memory is freed.
        FreeMemory = 1 << 1, "FREE_MEMORY", "free_memory";
        /// Shared or global state changes.
        ModifyState = 1 << 2, "MODIFY_STATE", "modify_state";
        /// A signal is sent.
        SignalSend = 1 << 3, "SIGNAL_SEND", "signal_send";
        /// A file position moves.
        FilePosition = 1 << 4, "FILE_POSITION", "file_position";
        /// A lock is taken.
        LockAcquire = 1 << 5, "LOCK_ACQUIRE", "lock_acquire";
        /// A lock is given back.
        LockRelease = 1 << 6, "LOCK_RELEASE", "lock_release";
        /// A resource is made.
        ResourceCreate = 1 << 7, "RESOURCE_CREATE", "resource_create";
        /// A resource is destroyed.
        ResourceDestroy = 1 << 8, "RESOURCE_DESTROY", "resource_destroy";
        /// The scheduler may run something else.
        Schedule = 1 << 9, "SCHEDULE", "schedule";
        /// Hardware is touched.
        Hardware = 1 << 10, "HARDWARE", "hardware";
        /// The network is touched.
        Network = 1 << 11, "NETWORK", "network";
        /// A file system changes.
        Filesystem = 1 << 12, "FILESYSTEM", "filesystem";
        /// The state of the process changes.
        ProcessState = 1 << 13, "PROCESS_STATE", "process_state";
        /// The effect cannot be undone.
        Irreversible = 1 << 14, "IRREVERSIBLE", "irreversible";
    }

    /// What a capability does for its holder.
    CapabilityAction("KAPI_CAP_") {
        /// A check is skipped.
        BypassCheck = 0, "BYPASS_CHECK", "bypass_check";
        /// A limit is raised or lifted.
        IncreaseLimit = 1, "INCREASE_LIMIT", "increase_limit";
        /// A restriction is overridden.
        OverrideRestriction = 2, "OVERRIDE_RESTRICTION", "override_restriction";
        /// A permission is granted.
        GrantPermission = 3, "GRANT_PERMISSION", "grant_permission";
        /// The call behaves otherwise.
        ModifyBehavior = 4, "MODIFY_BEHAVIOR", "modify_behavior";
        /// A resource becomes reachable.
        AccessResource = 5, "ACCESS_RESOURCE", "access_resource";
        /// A privileged operation becomes possible.
        PerformOperation = 6, "PERFORM_OPERATION", "perform_operation";
    }
}
