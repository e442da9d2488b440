//! From whatever surrounds it to plain C: diff prefixes and mail pages fall away, line numbers
//! stay.

/// The lines of a text as C; line `n` of the text is at index `n - 1`.
pub(super) struct Source<'a> {
    lines: Vec<&'a str>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let diff = lines.iter().any(|line| starts_added_spec(line));
        let lines = if diff {
            lines.into_iter().map(without_prefix).collect()
        } else {
            lines
        };
        Self { lines }
    }

    pub(super) fn lines(&self) -> &[&'a str] {
        &self.lines
    }
}

/// A line that only a diff has: an added start of a specification or of a comment.
fn starts_added_spec(line: &str) -> bool {
    line.strip_prefix('+').is_some_and(|added| {
        let added = added.trim_start();
        added.starts_with("DEFINE_KERNEL_API_SPEC") || added.starts_with("/**")
    })
}

/// Added and context lines without their mark. What is neither, removed lines and the page around
/// the diff, becomes empty, so that an apostrophe in a mail is no character constant.
fn without_prefix(line: &str) -> &str {
    line.strip_prefix('+')
        .or_else(|| line.strip_prefix(' '))
        .unwrap_or("")
}
