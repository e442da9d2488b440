//! C constant expressions, kept as written and evaluated on demand.

use super::Text;
use std::borrow::Cow;
use std::fmt;

/// A C constant expression such as `-EINVAL`, `LONG_MAX` or `MLOCK_ONFAULT`, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expr(Text);

impl Expr {
    /// An expression from a constant.
    #[must_use]
    pub const fn new(expr: &'static str) -> Self {
        Self(Cow::Borrowed(expr))
    }

    /// An expression that was read; runs of white space become one space.
    #[must_use]
    pub fn read(expr: &str) -> Self {
        Self(Cow::Owned(
            expr.split_whitespace().collect::<Vec<_>>().join(" "),
        ))
    }

    /// The expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number it stands for on 64-bit Linux; `None` where a symbol or an operator is unknown,
    /// or where the number fits neither `i64` nor `u64`. Values above `i64::MAX` (`ULONG_MAX`) are
    /// exact, hence `i128`.
    #[must_use]
    pub fn value(&self) -> Option<i128> {
        let mut parser = Parser {
            rest: self.0.trim(),
            depth: 0,
        };
        let value = parser.or()?;
        let fits = value >= i128::from(i64::MIN) && value <= i128::from(u64::MAX);
        (parser.rest.is_empty() && fits).then_some(value)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Deep enough for any real specification; a bound, so that hostile input can't exhaust the stack.
const MAX_DEPTH: u32 = 64;

struct Parser<'a> {
    rest: &'a str,
    depth: u32,
}

impl Parser<'_> {
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> Option<i128> {
        let mut value = self.shift()?;
        while self.eat("|") {
            value |= self.shift()?;
        }
        Some(value)
    }

    fn shift(&mut self) -> Option<i128> {
        let value = self.unary()?;
        if !self.eat("<<") {
            return Some(value);
        }
        let by = u32::try_from(self.unary()?).ok().filter(|by| *by < 64)?;
        value.checked_mul(1_i128 << by)
    }

    fn unary(&mut self) -> Option<i128> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = if self.eat("-") {
            self.unary()?.checked_neg()
        } else if self.eat("~") {
            Some(!self.unary()?)
        } else if self.eat("(") {
            let value = self.or()?;
            self.eat(")").then_some(value)
        } else {
            self.atom()
        };
        self.depth -= 1;
        value
    }

    fn atom(&mut self) -> Option<i128> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            number(word)
        } else {
            symbol(word)
        }
    }
}

fn number(word: &str) -> Option<i128> {
    let digits = word.trim_end_matches(['u', 'U', 'l', 'L']);
    match digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        Some(hex) => i128::from_str_radix(hex, 16).ok(),
        None if digits.len() > 1 && digits.starts_with('0') => i128::from_str_radix(digits, 8).ok(),
        None => digits.parse().ok(),
    }
}

/// The symbols that specifications of memory calls use, with their values on 64-bit Linux.
/// Source: the kernel's `uapi` headers `errno-base.h`, `mman-common.h`, `capability.h`, and
/// `vdso/limits.h`.
fn symbol(word: &str) -> Option<i128> {
    Some(match word {
        "false" | "NULL" => 0,
        "true" => 1,
        "INT_MAX" => i128::from(i32::MAX),
        "INT_MIN" => i128::from(i32::MIN),
        "UINT_MAX" | "U32_MAX" => i128::from(u32::MAX),
        "LONG_MAX" | "S64_MAX" | "LLONG_MAX" => i128::from(i64::MAX),
        "LONG_MIN" | "S64_MIN" => i128::from(i64::MIN),
        "ULONG_MAX" | "SIZE_MAX" | "U64_MAX" => i128::from(u64::MAX),
        "PATH_MAX" => 4096,
        "MLOCK_ONFAULT" | "MCL_CURRENT" | "FD_CLOEXEC" => 1,
        "MCL_FUTURE" => 2,
        "MCL_ONFAULT" => 4,
        "O_CLOEXEC" => 0o2_000_000,
        "MAP_LOCKED" => 0x2000,
        "CAP_IPC_LOCK" => 14,
        "CAP_SYS_ADMIN" => 21,
        "CAP_SYS_RESOURCE" => 24,
        _ => return errno(word).or_else(|| signal(word)),
    })
}

fn errno(word: &str) -> Option<i128> {
    Some(match word {
        "EPERM" => 1,
        "ENOENT" => 2,
        "EINTR" => 4,
        "EIO" => 5,
        "E2BIG" => 7,
        "EBADF" => 9,
        "EAGAIN" | "EWOULDBLOCK" => 11,
        "ENOMEM" => 12,
        "EACCES" => 13,
        "EFAULT" => 14,
        "EBUSY" => 16,
        "EEXIST" => 17,
        "EINVAL" => 22,
        "ENFILE" => 23,
        "EMFILE" => 24,
        "ENOSPC" => 28,
        "ENOSYS" => 38,
        "EOVERFLOW" => 75,
        "EOPNOTSUPP" => 95,
        _ => return None,
    })
}

fn signal(word: &str) -> Option<i128> {
    Some(match word {
        "SIGINT" => 2,
        "SIGBUS" => 7,
        "SIGKILL" => 9,
        "SIGSEGV" => 11,
        "SIGALRM" => 14,
        "SIGTERM" => 15,
        "SIGCONT" => 18,
        "SIGSTOP" => 19,
        _ => return None,
    })
}
