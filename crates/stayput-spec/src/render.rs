//! Writing a [`Spec`] out: for people ([`plain`], [`rst`], [`markdown`]), for programs ([`json`]),
//! and as source again ([`macros`], [`kernel_doc`]), which [`crate::read`] reads back.
//!
//! ```
//! use stayput_spec::{contract, read, render};
//!
//! let munlock = contract::spec("munlock").expect("it is one of the five");
//! let source = render::macros(munlock);
//! assert_eq!(read::text(&source).spec("munlock"), Some(munlock));
//! ```

mod items;
mod json;
mod kernel_doc;
mod macros;
mod markdown;
mod plain;
mod rst;

pub use json::{json, json_clauses, json_details, json_list};
pub use kernel_doc::kernel_doc;
pub use macros::macros;
pub use markdown::{markdown, markdown_clauses};
pub use plain::{plain, plain_clauses};
pub use rst::rst;

#[cfg(doc)]
use crate::language::Spec;
