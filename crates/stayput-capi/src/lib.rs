//! Stayput for programs in other languages.
//!
//! For now the library that `stayput run` preloads. Loaded into any other program
//! it does nothing: it acts on the environment variable
//! [`stayput::process::preload::VARIABLE`] alone.

mod environment;
mod preload;
