//! What stands after the comment: the function, which has the types.

/// The types of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prototype {
    /// The return type; empty where it isn't known.
    pub(super) returns: String,
    /// Name and type of each parameter.
    pub(super) parameters: Vec<(String, String)>,
}

impl Prototype {
    /// The type of a parameter; empty where it isn't known.
    pub(super) fn type_of(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, type_name)| type_name)
    }
}

/// A prototype longer than this isn't one.
const MAX_LINES: usize = 24;

/// Parses the function that starts on the first of these lines.
pub(super) fn parse(lines: &[&str]) -> Prototype {
    let text = lines.iter().take(MAX_LINES).map(|line| line.trim());
    let text = text.collect::<Vec<_>>().join(" ");
    let Some((head, rest)) = text.split_once('(') else {
        return Prototype::default();
    };
    let Some(arguments) = closed(rest).filter(|_| !head.contains(['{', ';'])) else {
        return Prototype::default();
    };
    if head.trim().contains("SYSCALL_DEFINE") {
        syscall(arguments)
    } else {
        function(head, arguments)
    }
}

/// What stands before the parenthesis that closes one already open.
fn closed(text: &str) -> Option<&str> {
    let mut depth = 1_u32;
    let end = text.find(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some(&text[..end])
}

/// `SYSCALL_DEFINE2(mlock, unsigned long, start, size_t, len)`.
fn syscall(arguments: &str) -> Prototype {
    let words: Vec<&str> = arguments.split(',').skip(1).map(str::trim).collect();
    let parameters = words
        .chunks_exact(2)
        .map(|pair| (pair[1].to_owned(), pair[0].to_owned()))
        .collect();
    Prototype {
        returns: "long".to_owned(),
        parameters,
    }
}

/// `void *kmalloc(size_t size, gfp_t flags)`.
fn function(head: &str, arguments: &str) -> Prototype {
    let parameters = arguments.split(',').filter_map(declared).collect();
    let returns = declared(head)
        .map(|(_, type_name)| type_name)
        .unwrap_or_default();
    Prototype {
        returns,
        parameters,
    }
}

/// `type name`: the name is the last word.
fn declared(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let start = text.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let split = start + text[start..].chars().next()?.len_utf8();
    let (type_name, name) = text.split_at(split);
    (!name.is_empty()).then(|| (name.to_owned(), type_name.trim().to_owned()))
}
