//! Memory that stays put.
