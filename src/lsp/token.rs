//! Words of the rule language as the lexical look keeps them, and the path that the last of them make.

use std::ops::Range;

/// A word of the rule language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name, with its place.
    Word(String, Range<usize>),
    /// A text in double quotes, with its place.
    Text(String, Range<usize>),
    /// A whole call, with its first argument where that is a text.
    Call(String, Option<String>),
    /// `.`
    Dot,
    /// Any other sign.
    Operator(String),
    /// A whole map, list, group or text in backticks.
    Other,
}

/// What a path begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A name.
    Name(String),
    /// A call, with its first argument where that is a text.
    Call(String, Option<String>),
}

/// Whether a sign belongs to a name.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The path that tokens end with: what it begins with, and the names after the dots.
pub fn path(tokens: &[Token]) -> Option<(Base, Vec<&str>)> {
    let mut names = Vec::new();
    let mut rest = tokens;
    while let [before @ .., Token::Dot, Token::Word(name, _)] = rest {
        names.insert(0, name.as_str());
        rest = before;
    }
    let base = match rest.last()? {
        Token::Word(name, _) => Base::Name(name.clone()),
        Token::Call(name, first) => Base::Call(name.clone(), first.clone()),
        _ => return None,
    };
    Some((base, names))
}
