//! What the notations can hold, and what a page must hold off.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use stayput_spec::language::{List, Text, Unknown};
use std::borrow::Cow;

/// What a notation can hold.
#[derive(Clone)]
pub(crate) struct Holds {
    /// A title.
    pub(crate) title: BoxedStrategy<Text>,
    /// Any text.
    pub(crate) text: BoxedStrategy<Text>,
    /// Any text of several paragraphs.
    pub(crate) paragraphs: BoxedStrategy<Text>,
    /// What isn't known: its names, and the parts it may stand in.
    pub(crate) unknown: BoxedStrategy<List<Unknown>>,
}

/// What the macros hold: everything.
pub(crate) fn in_macros() -> Holds {
    let text = vec(any::<char>(), 0..12).prop_map(|text| text.into_iter().collect::<String>());
    let text = text.prop_map(Cow::Owned).boxed();
    let names = select(&["KAPI_FUTURE", ".version", "OTHER_MACRO"]);
    let within = select(&["", "KAPI_PARAM(0)", "KAPI_LOCK(1)", "KAPI_RETURN"]);
    Holds {
        title: text.clone(),
        paragraphs: text.clone(),
        text,
        unknown: unknown(names, within, "\"kept\", 1 + 2"),
    }
}

/// What a page must not take for markup: reStructuredText's, in every neighbourhood.
pub(crate) fn in_markup() -> Holds {
    let pieces = select(&[
        "*",
        "**",
        "`",
        "``",
        "_",
        "__",
        "|",
        ":",
        "::",
        "..",
        ".. note::",
        "\\",
        "-",
        "+",
        "1.",
        "(a)",
        "#.",
        "[1]_",
        "[#]_",
        "<",
        ">",
        ">>>",
        "http://a.b/c_d",
        "a@b.c",
        "word",
        "W_x_",
        ":role:",
        ":f: g",
        "====",
        "----",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "é",
        "界",
        "\u{a0}",
    ]);
    let text = vec(pieces, 0..9).prop_map(|pieces| Cow::Owned(pieces.concat()));
    Holds {
        title: text.clone().boxed(),
        paragraphs: text.clone().boxed(),
        text: text.boxed(),
        ..in_macros()
    }
}

/// What kernel-doc comments hold: lines of words, and paragraphs and items of such lines.
pub(crate) fn in_kernel_doc() -> Holds {
    let word = "[!-~]{1,7}".prop_filter("ends the comment", |word| !word.contains("*/"));
    let line = vec(word, 1..5).prop_map(|words| words.join(" ")).boxed();
    let items = vec(line.clone(), 1..3)
        .prop_map(|lines| lines.join("\n- "))
        .boxed();
    let paragraphs = vec(items.clone(), 1..4).prop_map(|lines| Cow::Owned(lines.join("\n\n")));
    Holds {
        title: line.prop_map(Cow::Owned).boxed(),
        text: items.prop_map(Cow::Owned).boxed(),
        paragraphs: paragraphs.boxed(),
        unknown: unknown(
            select(&["mood", "tense"]),
            select(&["", "return"]),
            "grim, 1",
        ),
    }
}

fn unknown(
    names: impl Strategy<Value = &'static str> + 'static,
    within: impl Strategy<Value = &'static str> + 'static,
    arguments: &'static str,
) -> BoxedStrategy<List<Unknown>> {
    let one = (names, within).prop_map(move |(name, within)| Unknown {
        name: name.into(),
        // An initialiser is given one value.
        arguments: Some(
            if name.starts_with('.') {
                "2"
            } else {
                arguments
            }
            .into(),
        ),
        within: within.into(),
        line: 0,
    });
    vec(one, 0..3).prop_map(Cow::Owned).boxed()
}
