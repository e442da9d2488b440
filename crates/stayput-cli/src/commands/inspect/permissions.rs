//! Permissions as `/proc/PID/maps` writes them, and the flags beside them.

use stayput::inspect::{Flag, Mapping};

/// Flags that nearly every mapping has, or that the permissions already say.
const USUAL: [Flag; 12] = [
    Flag::Readable,
    Flag::Writable,
    Flag::Executable,
    Flag::Shared,
    Flag::MayRead,
    Flag::MayWrite,
    Flag::MayExecute,
    Flag::MayShare,
    Flag::Accounted,
    Flag::SoftDirty,
    Flag::NoReserve,
    Flag::DontExpand,
];

/// `rw-p`.
pub(super) fn permissions(mapping: &Mapping) -> String {
    let letter = |flag, letter| if mapping.has(flag) { letter } else { '-' };
    String::from_iter([
        letter(Flag::Readable, 'r'),
        letter(Flag::Writable, 'w'),
        letter(Flag::Executable, 'x'),
        if mapping.has(Flag::Shared) { 's' } else { 'p' },
    ])
}

/// The flags worth a word.
pub(super) fn of_note(mapping: &Mapping) -> impl Iterator<Item = Flag> + '_ {
    mapping.flags().filter(|flag| !USUAL.contains(flag))
}
