//! Where expressions stand in a rule file: rhai keeps where they begin, the text says where they end.

use std::ops::Range;

use rhai::{Expr, FnCallExpr, Position, Stmt};

/// What a diagnostic points at.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// The word, text or operator at a position.
    Word(Position),
    /// A whole expression.
    Whole(&'a Expr),
}

impl From<Position> for Place<'_> {
    fn from(at: Position) -> Self {
        Place::Word(at)
    }
}

impl<'a> From<&'a Expr> for Place<'a> {
    fn from(expr: &'a Expr) -> Self {
        Place::Whole(expr)
    }
}

impl Place<'_> {
    /// Its bytes in the text.
    pub fn span(self, text: &str) -> Range<usize> {
        match self {
            Place::Word(at) => span_at(text, at),
            Place::Whole(expr) => {
                let start = offset(text, start_of(expr));
                start..with_brackets(text, start, end_of(text, expr).max(start))
            }
        }
    }
}

/// Where an expression begins, operators included.
pub fn start_of(expr: &Expr) -> Position {
    match expr {
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => {
            parts.first().map_or_else(|| expr.start_position(), start_of)
        }
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => start_of(&pair.lhs),
        Expr::FnCall(call, at) if is_operator(call) => {
            call.args.iter().map(start_of).chain([*at]).filter(|at| !at.is_none()).min().unwrap_or(*at)
        }
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Expr(inner)] => start_of(inner),
            [Stmt::FnCall(_, at)] => *at,
            _ => expr.start_position(),
        },
        _ => expr.start_position(),
    }
}

fn is_operator(call: &FnCallExpr) -> bool {
    call.op_token.is_some() || call.name == "contains" || call.name == "!contains"
}

fn end_of(text: &str, expr: &Expr) -> usize {
    let word_end = |at: Position| span_at(text, at).end;
    match expr {
        Expr::And(parts, at) | Expr::Or(parts, at) | Expr::Coalesce(parts, at) => {
            parts.last().map_or_else(|| word_end(*at), |last| end_of(text, last))
        }
        Expr::Dot(pair, ..) => end_of(text, &pair.rhs),
        Expr::Index(pair, ..) => {
            let end = end_of(text, &pair.rhs);
            end + text.get(end..).and_then(|rest| rest.find(']')).map_or(0, |bracket| bracket + 1)
        }
        Expr::FnCall(call, at) if is_operator(call) => {
            call.args.iter().map(|argument| end_of(text, argument)).max().unwrap_or_else(|| word_end(*at))
        }
        Expr::FnCall(_, at) | Expr::MethodCall(_, at) => call_at(text, *at).end,
        // what stands in a text between `${` and `}`
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Expr(inner)] => end_of(text, inner),
            [Stmt::FnCall(_, at)] => call_at(text, *at).end,
            _ => word_end(expr.start_position()),
        },
        Expr::Array(_, at) | Expr::Map(_, at) => {
            let start = offset(text, *at);
            let rest = text.get(start..).unwrap_or("");
            let opening = rest.find(['[', '{']).unwrap_or(0);
            start + opening + bracketed(rest.get(opening..).unwrap_or(""))
        }
        Expr::InterpolatedString(_, at) => {
            let start = offset(text, *at);
            start + quoted(text.get(start..).unwrap_or(""))
        }
        _ => word_end(expr.start_position()),
    }
}

/// The bytes of a call, from its name to its closing bracket.
pub fn call_at(text: &str, name: Position) -> Range<usize> {
    let word = span_at(text, name);
    let rest = text.get(word.end..).unwrap_or("");
    word.start..word.end + if rest.starts_with('(') { bracketed(rest) } else { 0 }
}

/// The byte offset of a position.
pub fn offset(text: &str, at: Position) -> usize {
    let Some(line) = at.line() else { return 0 };
    let start = match line.checked_sub(2) {
        Some(newline) => memchr::memchr_iter(b'\n', text.as_bytes()).nth(newline).map_or(text.len(), |end| end + 1),
        None => 0,
    };
    let column = at.position().unwrap_or(1).saturating_sub(1);
    let rest = text.get(start..).unwrap_or("");
    start
        + rest.char_indices().nth(column).map_or(rest.trim_end_matches('\n').len().min(rest.len()), |(index, _)| index)
}

/// The bytes of the word, text or operator at a position.
pub fn span_at(text: &str, at: Position) -> Range<usize> {
    let start = offset(text, at);
    let rest = text.get(start..).unwrap_or("");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = match rest.chars().next() {
        Some('"' | '`' | '\'') => quoted(rest).min(rest.lines().next().map_or(1, str::len)),
        Some(c) if c.is_ascii_digit() => rest.find(|c: char| !is_word(c) && c != '.').unwrap_or(rest.len()),
        Some(c) if is_word(c) => rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()),
        Some(c) if "<>=!&|+-*/%".contains(c) => rest.find(|c: char| !"<>=!&|+-*/%".contains(c)).unwrap_or(1),
        Some(c) => c.len_utf8(),
        None => 0,
    };
    start..start + length
}

/// Moves an end on over the brackets that were opened before it: rhai keeps no brackets that only group.
fn with_brackets(text: &str, start: usize, end: usize) -> usize {
    let (mut depth, mut index) = (0_usize, start);
    while let Some(rest) = text.get(index..end).filter(|rest| !rest.is_empty()) {
        match rest.chars().next() {
            Some('"' | '`') => index += quoted(rest),
            Some(c) => {
                depth = if c == '(' { depth + 1 } else { depth.saturating_sub(usize::from(c == ')')) };
                index += c.len_utf8();
            }
            None => break,
        }
    }
    let closing = text.get(end..).unwrap_or("").match_indices(')').take(depth).last();
    closing.map_or(end, |(bracket, _)| end + bracket + 1)
}

/// How many bytes a text begins with up to the bracket that closes its first one.
fn bracketed(text: &str) -> usize {
    let (mut depth, mut index) = (0_usize, 0);
    while let Some(c) = text.get(index..).and_then(|rest| rest.chars().next()) {
        match c {
            '"' | '`' => {
                index += text.get(index..).map_or(1, quoted);
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
        index += c.len_utf8();
    }
    text.len()
}

/// How many bytes a text begins with up to the quote that closes its first one.
fn quoted(text: &str) -> usize {
    let quote = text.chars().next().unwrap_or('"');
    let mut index = quote.len_utf8();
    while let Some(c) = text.get(index..).and_then(|rest| rest.chars().next()) {
        let inner = text.get(index + 1..).unwrap_or("");
        index += match c {
            '\\' if quote != '`' => 1 + inner.chars().next().map_or(0, char::len_utf8),
            // doubled, a quote stands for itself
            c if c == quote && inner.starts_with(quote) => {
                index += 2;
                continue;
            }
            '$' if quote == '`' && inner.starts_with('{') => 1 + bracketed(inner),
            c => c.len_utf8(),
        };
        if c == quote {
            return index;
        }
    }
    text.len()
}

/// Moves a start back over the brackets that only group: `(a || b) && c` begins at its bracket.
pub fn open_brackets(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or("").trim_end();
    let Some(outside) = before.strip_suffix('(') else { return start };
    let is_call = outside.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    if is_call { start } else { open_brackets(text, outside.len()) }
}

/// Where a conjunct ends: at its operator, comma or bracket.
pub fn conjunct_end(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut quote = None;
    let mut previous = ' ';
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open && previous != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') if depth == 0 => return index,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => return index,
            (None, '&') if depth == 0 && previous == '&' => return index - 1,
            (None, '/') if depth == 0 && previous == '/' => return index - 1,
            _ => {}
        }
        previous = c;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conjunct_ends_at_its_operator_comma_or_bracket() {
        let cases = [
            ("a >= 3 && b", "a >= 3 "),
            ("seen(\"x\", days(1)) , next", "seen(\"x\", days(1)) "),
            ("x == \"a && b\" && y", "x == \"a && b\" "),
            ("in_it) && z", "in_it"),
            ("a == 1 // why\n && b", "a == 1 "),
        ];
        for (text, wanted) in cases {
            assert_eq!(&text[..conjunct_end(text)], wanted);
        }
    }

    #[test]
    fn spans_cover_the_whole_word() {
        let text = "ab\n  record.x >= \"k\"";
        assert_eq!(&text[span_at(text, Position::new(2, 3))], "record");
        assert_eq!(&text[span_at(text, Position::new(2, 12))], ">=");
        assert_eq!(&text[span_at(text, Position::new(2, 15))], "\"k\"");
    }

    #[test]
    fn a_whole_expression_ends_where_its_last_part_does() {
        let mut engine = rhai::Engine::new();
        engine.set_optimization_level(rhai::OptimizationLevel::None);
        for text in [
            "record.lodging.name",
            "permit().may_work",
            "days(7)",
            "#{ a: [1, 2] }",
            "[\"a]\", `b${c(\"}\")}]`]",
            "`x ${a.b} \\ `` y`",
            "\"a\\\"b\"",
            "a.b >= c(d)",
            "a && b.c(1)",
            "-x",
            "x in [1, 2]",
            "a[1]",
            "12.5",
            "contains(a.b, \"c\")",
            "a.contains(\"c\")",
            "!(a == b)",
            "!((a == b) || c)",
        ] {
            let ast = engine.compile(format!("f({text} )")).unwrap();
            let whole = format!("f({text} )");
            let call = match ast.statements() {
                [Stmt::FnCall(call, _)] => call,
                [Stmt::Expr(expr)] => match expr.as_ref() {
                    Expr::FnCall(call, _) => call,
                    _ => panic!("{text}"),
                },
                _ => panic!("{text}"),
            };
            assert_eq!(&whole[Place::Whole(&call.args[0]).span(&whole)], text);
        }
    }
}
