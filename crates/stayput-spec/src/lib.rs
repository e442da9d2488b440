//! The mlock family's contract as data: `mlock`, `mlock2`, `munlock`, `mlockall`, `munlockall`.
//!
//! - [`language`]: the kernel's specification language as types.
//! - [`contract`]: what the kernel does, clause by clause, and the five calls in that language.
//! - [`read`] and [`mod@render`]: specifications in their published notations, in and out.
//! - [`diff`]: what two specifications disagree on, and what the kernel refutes.
//! - [`model`]: one address space, and what the kernel will do with it.
//!
//! Nothing here calls the operating system: `stayput-conformance` holds contract and model against
//! the kernel that runs.
//!
//! ```
//! use stayput_spec::{contract, diff, read, render};
//!
//! let source = r#"
//! DEFINE_KERNEL_API_SPEC(sys_mlock2)
//!     KAPI_DESCRIPTION("Lock pages in memory with flags")
//!     KAPI_PARAM(0, "len", "size_t", "Length in bytes")
//!         KAPI_PARAM_RANGE(0, LONG_MAX)
//!     KAPI_PARAM_END
//! KAPI_END_SPEC;
//! "#;
//! let reading = read::text(source);
//! assert!(reading.errors().next().is_none());
//! let spec = reading.spec("mlock2").expect("it is in the source");
//!
//! // Against the contract, clause by clause.
//! let ours = contract::spec("mlock2").expect("it is one of the five");
//! assert!(diff::specifications(spec, ours).iter().any(|one| one.field == Some("Range")));
//!
//! // Against what the kernel does: longer lengths are taken, and can return 0.
//! let judgements = diff::against_kernel(spec).expect("a call of the family");
//! let refuted = &judgements[0];
//! assert_eq!(refuted.place, "Parameters, len");
//! assert_eq!(refuted.clause.map(|it| it.id), Some("mlock.parameter.len.wraps-to-zero"));
//!
//! // In the notation that replaced the macros.
//! assert!(render::kernel_doc(spec).contains("range: 0, LONG_MAX"));
//! ```

#![forbid(unsafe_code)]

pub mod contract;
pub mod diff;
pub mod language;
pub mod model;
pub mod read;
pub mod render;

mod outline;
