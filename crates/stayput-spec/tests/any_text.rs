//! No text makes the reader or a renderer panic, and every finding has its line.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use stayput_spec::{read, render};

const INPUTS: [&str; 3] = [
    include_str!("inputs/every-macro.patch"),
    include_str!("inputs/flat.c"),
    include_str!("inputs/short-names.c"),
];

/// What the notations are made of, so that random texts get past the first word.
const PIECES: [&str; 24] = [
    "DEFINE_KERNEL_API_SPEC(sys_x)\n",
    "KAPI_END_SPEC;\n",
    "KAPI_PARAM(0, \"a\", \"b\", \"c\")\n",
    "KAPI_PARAM_END\n",
    "KAPI_ERROR(",
    "KAPI_LOCK_DESC(\"d\")\n",
    "KAPI_CONTEXT(KAPI_CTX_PROCESS | )",
    ".scope = ",
    "/**\n",
    " */\n",
    "*/",
    " * param: x\n",
    " *   type: int\n",
    " * error: E, f\n",
    " * long-desc: é\n",
    "\"",
    "\\",
    "(",
    ")",
    ",",
    "}",
    ";\n",
    "+",
    "\u{feff}#define X \\\n",
];

/// Reads it, and writes what was read in every form.
fn swallow(text: &str) {
    let reading = read::text(text);
    let lines = u32::try_from(text.lines().count()).expect("a short text");
    for finding in &reading.findings {
        assert!(
            (1..=lines).contains(&finding.line),
            "{finding}: {lines} lines"
        );
        assert!(!finding.to_string().contains('\n'), "{finding}");
    }
    for read in &reading.specs {
        for write in [
            render::plain,
            render::json,
            render::rst,
            render::markdown,
            render::macros,
            render::kernel_doc,
        ] {
            assert!(!write(&read.spec).is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text(text in vec(any::<char>(), 0..200)) {
        swallow(&text.into_iter().collect::<String>());
    }

    #[test]
    fn arbitrary_pieces(pieces in vec(select(&PIECES), 0..40)) {
        swallow(&pieces.concat());
    }

    #[test]
    fn damaged_inputs(
        input in select(&INPUTS),
        (from, to) in any::<(Index, Index)>(),
        piece in select(&PIECES),
    ) {
        let ends: Vec<usize> = input.char_indices().map(|(at, _)| at).collect();
        let (a, b) = (ends[from.index(ends.len())], ends[to.index(ends.len())]);
        let (from, to) = (a.min(b), a.max(b));
        swallow(&format!("{}{piece}{}", &input[..from], &input[to..]));
        swallow(&input[from..to]);
    }
}
