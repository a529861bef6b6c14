//! A rule file as rhai parses it: helpers and one `rule(id, #{...})`, never executed as a script.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use rhai::{AST, ASTNode, Engine, Expr, OptimizationLevel, Position, Stmt};

use super::diagnostic::{Code, Diagnostic};

/// The deepest nesting of an expression; an `&&` chain spends one for each conjunct.
const MAX_EXPRESSION_DEPTH: usize = 64;
/// The deepest nesting inside a helper.
const MAX_HELPER_DEPTH: usize = 32;
/// The longest rule file, in lines: rhai's positions end at 65,535.
const MAX_LINES: usize = 20_000;

/// What scripts may not even name.
pub const DISABLED_SYMBOLS: [&str; 10] =
    ["eval", "import", "export", "print", "debug", "Fn", "call", "curry", "is_def_var", "is_def_fn"];

/// Functions of rhai's own that a helper with statements may call.
const HELPER_FUNCTIONS: [&str; 24] = [
    "abs",
    "sign",
    "min",
    "max",
    "floor",
    "ceiling",
    "round",
    "sqrt",
    "to_int",
    "to_float",
    "to_string",
    "len",
    "is_empty",
    "contains",
    "starts_with",
    "ends_with",
    "split",
    "trim",
    "to_lower",
    "to_upper",
    "sub_string",
    "push",
    "parse_int",
    "range",
];

/// A rule file, parsed.
#[derive(Debug)]
pub struct Script {
    /// Path within the pack.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The first argument of `rule`.
    pub id: String,
    /// Where that stands.
    pub id_at: Position,
    /// The keys of the second argument, in order.
    pub keys: Vec<Key>,
    /// Helpers by name and number of parameters.
    pub helpers: BTreeMap<(String, usize), Helper>,
    /// The helpers alone, for the interpreter.
    pub functions: Arc<AST>,
}

/// One key of a rule.
#[derive(Debug)]
pub struct Key {
    /// Its word.
    pub name: String,
    /// Where the word stands.
    pub at: Position,
    /// What was written for it.
    pub value: Expr,
}

/// One helper.
#[derive(Debug)]
pub struct Helper {
    /// Its parameters.
    pub params: Vec<String>,
    /// The expression that it is, where it is only that: such helpers are inlined.
    pub expression: Option<Expr>,
}

static PARSER: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(MAX_EXPRESSION_DEPTH, MAX_HELPER_DEPTH);
    engine.set_max_functions(64);
    engine.set_max_string_size(65_536);
    for symbol in DISABLED_SYMBOLS {
        engine.disable_symbol(symbol);
    }
    engine
});

/// Parses a rule file.
pub fn parse(path: &str, text: &str, problems: &mut Vec<Diagnostic>) -> Option<Script> {
    if text.lines().count() > MAX_LINES {
        problems.push(Diagnostic::file(Code::Shape, path, format!("has more than {MAX_LINES} lines")));
        return None;
    }
    let ast = match PARSER.compile(text) {
        Ok(ast) => ast,
        Err(error) => {
            let span = span_at(text, error.position());
            problems.push(
                Diagnostic::error(Code::Syntax, path, text, span, error.err_type().to_string())
                    .help("a rule file is rhai: check commas, quotes and brackets just before this place"),
            );
            return None;
        }
    };
    let helpers = helpers(&ast, path, text, problems);
    let (id, id_at, keys) = rule_call(&ast, path, text, problems)?;
    let mut functions = ast;
    functions.clear_statements();
    Some(Script {
        path: path.to_owned(),
        text: text.to_owned(),
        id,
        id_at,
        keys,
        helpers,
        functions: Arc::new(functions),
    })
}

impl Script {
    /// An error at a position of this file.
    pub fn error(&self, code: Code, at: Position, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, &self.path, &self.text, span_at(&self.text, at), message)
    }

    /// The key of a name.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The text of one conjunct: from its start to the `&&`, comma or bracket that ends it.
    pub fn conjunct_text(&self, expr: &Expr) -> String {
        let start = open_brackets(&self.text, offset(&self.text, start_of(expr)));
        let rest = self.text.get(start..).unwrap_or("");
        let end = conjunct_end(rest);
        rest.get(..end).unwrap_or(rest).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn rule_call(
    ast: &AST,
    path: &str,
    text: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<(String, Position, Vec<Key>)> {
    const WANTED: &str = "a rule file holds helpers (`fn ...`) and then one `rule(\"id\", #{ ... });`";
    let mut wrong = |at: Position, message: &str| {
        problems.push(Diagnostic::error(Code::Shape, path, text, span_at(text, at), message).help(WANTED));
    };
    let mut rule = None;
    for stmt in ast.statements() {
        let call = match stmt {
            Stmt::Noop(_) => continue,
            Stmt::FnCall(call, at) => Some((call.as_ref(), *at)),
            Stmt::Expr(expr) => match expr.as_ref() {
                Expr::FnCall(call, at) => Some((call.as_ref(), *at)),
                _ => None,
            },
            _ => None,
        };
        match call {
            Some((call, at)) if call.name == "rule" && rule.is_none() => rule = Some((call, at)),
            Some((call, at)) if call.name == "rule" => wrong(at, "a second `rule` in one file"),
            _ => wrong(stmt.position(), "something else than `fn` and `rule(...)`"),
        }
    }
    let Some((call, at)) = rule else {
        problems.push(Diagnostic::file(Code::Shape, path, "has no `rule(...)`").help(WANTED));
        return None;
    };
    match call.args.as_slice() {
        [Expr::StringConstant(id, id_at), Expr::Map(map, _)] => {
            let keys = map
                .0
                .iter()
                .map(|(ident, value)| Key { name: ident.name.to_string(), at: ident.pos, value: value.clone() })
                .collect();
            Some((id.to_string(), *id_at, keys))
        }
        _ => {
            wrong(at, "`rule` takes a text and a map");
            None
        }
    }
}

fn helpers(ast: &AST, path: &str, text: &str, problems: &mut Vec<Diagnostic>) -> BTreeMap<(String, usize), Helper> {
    let mut helpers = BTreeMap::new();
    let names: Vec<(String, Vec<String>)> =
        ast.iter_functions().map(|f| (f.name.to_owned(), f.params.iter().map(|&p| p.to_owned()).collect())).collect();
    for (name, params) in &names {
        let mut alone = ast.clone();
        alone.clear_statements();
        alone.retain_functions(|_, _, other, arity| other == name && arity == params.len());
        let expression = single_expression(&alone);
        if expression.is_none() {
            check_statements(&alone, &names, path, text, problems);
        }
        helpers.insert((name.clone(), params.len()), Helper { params: params.clone(), expression });
    }
    helpers
}

fn single_expression(function: &AST) -> Option<Expr> {
    let mut body = Vec::new();
    function.walk(&mut |nodes| {
        if let [ASTNode::Stmt(stmt)] = nodes {
            body.push((*stmt).clone());
        }
        true
    });
    match body.as_slice() {
        [stmt] => statement_expression(stmt),
        _ => None,
    }
}

/// The expression that a statement is, where it is only that.
pub fn statement_expression(stmt: &Stmt) -> Option<Expr> {
    match stmt {
        Stmt::Expr(expr) => Some((**expr).clone()),
        Stmt::FnCall(call, at) => Some(Expr::FnCall(call.clone(), *at)),
        Stmt::Return(Some(expr), flags, _) if flags.is_empty() => Some((**expr).clone()),
        _ => None,
    }
}

fn check_statements(
    function: &AST,
    helpers: &[(String, Vec<String>)],
    path: &str,
    text: &str,
    problems: &mut Vec<Diagnostic>,
) {
    function.walk(&mut |nodes| {
        let call = match nodes.last() {
            Some(
                ASTNode::Expr(Expr::FnCall(call, at) | Expr::MethodCall(call, at))
                | ASTNode::Stmt(Stmt::FnCall(call, at)),
            ) => (call, *at),
            _ => return true,
        };
        let (call, at) = call;
        let name = call.name.as_str();
        let known = call.op_token.is_some()
            || matches!(name, "!" | "-" | "+" | "!contains")
            || HELPER_FUNCTIONS.contains(&name)
            || helpers.iter().any(|(helper, params)| helper == name && params.len() == call.args.len());
        if !known {
            let span = span_at(text, at);
            problems.push(
                Diagnostic::error(
                    Code::Helper,
                    path,
                    text,
                    span,
                    format!("a helper with statements cannot call `{name}`"),
                )
                .help("it takes plain numbers, texts and times; read records in the rule and pass what it needs"),
            );
        }
        true
    });
}

/// Where an expression begins, operators included.
pub fn start_of(expr: &Expr) -> Position {
    match expr {
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => {
            parts.first().map_or_else(|| expr.start_position(), start_of)
        }
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => start_of(&pair.lhs),
        Expr::FnCall(call, at) if call.op_token.is_some() || call.name == "contains" || call.name == "!contains" => {
            call.args.iter().map(start_of).chain([*at]).filter(|at| !at.is_none()).min().unwrap_or(*at)
        }
        _ => expr.start_position(),
    }
}

/// The byte offset of a position.
pub fn offset(text: &str, at: Position) -> usize {
    let Some(line) = at.line() else { return 0 };
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let column = at.position().unwrap_or(1).saturating_sub(1);
    let rest = text.get(start..).unwrap_or("");
    start
        + rest.char_indices().nth(column).map_or(rest.trim_end_matches('\n').len().min(rest.len()), |(index, _)| index)
}

/// The bytes of the word, text or operator at a position.
pub fn span_at(text: &str, at: Position) -> Range<usize> {
    let start = offset(text, at);
    let rest = text.get(start..).unwrap_or("");
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '`' | '\'')) => rest
            .get(1..)
            .and_then(|inner| inner.find([quote, '\n']))
            .map_or(1, |end| end + 2)
            .min(rest.lines().next().map_or(1, str::len)),
        Some(c) if c.is_alphanumeric() || c == '_' => {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len())
        }
        Some(c) if "<>=!&|+-*/%".contains(c) => rest.find(|c: char| !"<>=!&|+-*/%".contains(c)).unwrap_or(1),
        Some(c) => c.len_utf8(),
        None => 0,
    };
    start..start + length
}

/// Moves a start back over the brackets that only group: `(a || b) && c` begins at its bracket.
fn open_brackets(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or("").trim_end();
    let Some(outside) = before.strip_suffix('(') else { return start };
    let is_call = outside.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    if is_call { start } else { open_brackets(text, outside.len()) }
}

fn conjunct_end(text: &str) -> usize {
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
        assert_eq!(&text[span_at(text, Position::new(2, 3))], "record.x");
        assert_eq!(&text[span_at(text, Position::new(2, 12))], ">=");
        assert_eq!(&text[span_at(text, Position::new(2, 15))], "\"k\"");
    }
}
