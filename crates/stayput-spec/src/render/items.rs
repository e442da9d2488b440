//! The items of a paragraph.

/// What stands before the first `- ` at the start of a line, then each item; other line breaks are
/// kept as they are.
pub(super) fn items(paragraph: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in paragraph.split_inclusive('\n') {
        match items.last_mut() {
            Some(item) if !line.starts_with("- ") => item.push_str(line),
            _ => items.push(line.to_owned()),
        }
    }
    items
}
