//! A rule file as rhai parses it: helpers and one `rule(id, #{...})`, never executed as a script.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, OptimizationLevel, Position, Stmt};

use crate::words::{Text, say};

use super::diagnostic::{Code, Diagnostic};
use super::lift::{self, LiftedValue, MapWords};
use super::literal::{Literal, Written};
use super::place::{Place, call_at, conjunct_end, offset, open_brackets, span_at, start_of};
use super::syntax::syntax_error;

/// The deepest nesting of an expression; an `&&` chain spends one for each conjunct.
const MAX_EXPRESSION_DEPTH: usize = 64;
/// The deepest nesting inside a helper.
const MAX_HELPER_DEPTH: usize = 32;
/// Helpers of one rule.
const MAX_FUNCTIONS: usize = 64;
/// The longest text in a rule, in bytes.
const MAX_TEXT_BYTES: usize = 65_536;
/// The most elements of an array or a map: each choice of an `in` is a class of the index, and more of them belong into a
/// list of the pack.
const MAX_ELEMENTS: usize = 256;
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
pub struct Script<'a> {
    /// Path within the pack.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The first argument of `rule`.
    pub id: String,
    /// Where that stands.
    pub id_at: Position,
    /// The keys of the second argument, in order.
    pub keys: Vec<Key<'a>>,
    /// Helpers by name and number of parameters.
    pub helpers: BTreeMap<(String, usize), Helper>,
    /// The helpers alone, for the interpreter.
    pub functions: Arc<AST>,
    /// The rule's tests, where they were read without rhai; the value of their key stands for them.
    pub lifted_tests: Option<Literal<'a>>,
}

/// One key of a rule.
#[derive(Debug)]
pub struct Key<'a> {
    /// Its word.
    pub name: Cow<'a, str>,
    /// Where the word stands.
    pub at: Position,
    /// What was written for it.
    pub value: Cow<'a, Expr>,
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
    engine.set_max_functions(MAX_FUNCTIONS);
    engine.set_max_modules(0);
    engine.set_max_string_size(MAX_TEXT_BYTES);
    engine.set_max_array_size(MAX_ELEMENTS);
    engine.set_max_map_size(MAX_ELEMENTS);
    // it would be one table behind one lock for all threads
    engine.set_max_strings_interned(0);
    engine.set_allow_anonymous_fn(false);
    for symbol in DISABLED_SYMBOLS {
        engine.disable_symbol(symbol);
    }
    engine
});

/// The functions of a rule that has none.
static NO_FUNCTIONS: LazyLock<Arc<AST>> = LazyLock::new(|| Arc::new(AST::empty()));

/// Parses a rule file of the usual form without a mistake, which is most of them, and hands it on; `None` for all
/// others, which are for [`parse`].
pub fn with_usual<T>(
    path: &str,
    text: &str,
    words: &mut MapWords,
    then: impl FnOnce(&Script<'_>) -> Option<T>,
) -> Option<T> {
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    if lines >= MAX_LINES {
        return None;
    }
    let lifted = lift::lift(text, words, |word| PARSER.compile(format!("#{{{word}: ()}}")).is_ok())?;
    let ast = PARSER.compile(&lifted.rest).ok()?;
    let mut problems = Vec::new();
    let helpers = helpers(&ast, path, text, &mut problems);
    let (id, id_at, rest) = rule_call(&ast, path, text, &mut problems)?;
    if !problems.is_empty() {
        return None;
    }
    let mut rest = rest.into_iter();
    let mut lifted_tests = None;
    let mut keys = Vec::with_capacity(lifted.keys.len());
    for key in lifted.keys {
        let value = match key.value {
            LiftedValue::Rest => rest.next().filter(|parsed| parsed.name == key.name && parsed.at == key.at)?.value,
            LiftedValue::Words(expr) => Cow::Owned(expr),
            LiftedValue::Tests(tests) => {
                lifted_tests = Some(tests);
                Cow::Owned(Expr::Unit(key.at))
            }
        };
        keys.push(Key { name: Cow::Borrowed(key.name), at: key.at, value });
    }
    if rest.next().is_some() {
        return None;
    }
    let functions = if helpers.is_empty() { NO_FUNCTIONS.clone() } else { Arc::new(ast.clone_functions_only()) };
    then(&Script { path, text, id: id.to_owned(), id_at, keys, helpers, functions, lifted_tests })
}

/// Parses a rule file.
pub fn parse<'a>(path: &'a str, text: &'a str, problems: &mut Vec<Diagnostic>) -> Option<Script<'a>> {
    if text.lines().count() > MAX_LINES {
        problems.push(Diagnostic::file(Code::Shape, path, say("shape-lines").with("most", MAX_LINES)));
        return None;
    }
    let ast = match PARSER.compile(text) {
        Ok(ast) => ast,
        Err(error) => {
            problems.push(syntax_error(path, text, error.err_type(), error.position()));
            return None;
        }
    };
    let helpers = helpers(&ast, path, text, problems);
    let (id, id_at, keys) = rule_call(&ast, path, text, problems)?;
    let owned = |key: Key<'_>| Key {
        name: Cow::Owned(key.name.into_owned()),
        at: key.at,
        value: Cow::Owned(key.value.into_owned()),
    };
    let (id, keys) = (id.to_owned(), keys.into_iter().map(owned).collect());
    let functions = if helpers.is_empty() { NO_FUNCTIONS.clone() } else { Arc::new(ast.clone_functions_only()) };
    Some(Script { path, text, id, id_at, keys, helpers, functions, lifted_tests: None })
}

impl Script<'_> {
    /// An error at a place in this file.
    pub fn error<'e>(&self, code: Code, at: impl Into<Place<'e>>, message: Text) -> Diagnostic {
        Diagnostic::error(code, self.path, self.text, at.into().span(self.text), message)
    }

    /// The bytes of a call whose name stands at a position.
    pub fn call_span(&self, at: Position) -> std::ops::Range<usize> {
        call_at(self.text, at)
    }

    /// An expression as it is written.
    pub fn written(&self, expr: &Expr) -> &str {
        self.text.get(Place::Whole(expr).span(self.text)).unwrap_or("")
    }

    /// The key of a name.
    pub fn key(&self, name: &str) -> Option<&Key<'_>> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// What was written for the rule's tests.
    pub fn tests(&self) -> Option<Written<'_>> {
        let lifted = self.lifted_tests.as_ref().map(Written::Lifted);
        lifted.or_else(|| self.key("tests").map(|key| Written::Parsed(&key.value)))
    }

    /// The text of one conjunct: from its start to the `&&`, comma or bracket that ends it.
    pub fn conjunct_text(&self, expr: &Expr) -> String {
        let start = open_brackets(self.text, offset(self.text, start_of(expr)));
        let rest = self.text.get(start..).unwrap_or("");
        let end = conjunct_end(rest);
        let mut written = String::with_capacity(end);
        for word in rest.get(..end).unwrap_or(rest).split_whitespace() {
            written.push_str(if written.is_empty() { "" } else { " " });
            written.push_str(word);
        }
        written
    }
}

fn rule_call<'a>(
    ast: &'a AST,
    path: &str,
    text: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<(&'a str, Position, Vec<Key<'a>>)> {
    let mut wrong = |at: Position, message: Text| {
        let problem = Diagnostic::error(Code::Shape, path, text, span_at(text, at), message);
        problems.push(problem.help(say("shape-help")));
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
            Some((call, at)) if call.name == "rule" => wrong(at, say("shape-second")),
            _ => wrong(stmt.position(), say("shape-else")),
        }
    }
    let Some((call, at)) = rule else {
        problems.push(Diagnostic::file(Code::Shape, path, say("shape-none")).help(say("shape-help")));
        return None;
    };
    match call.args.as_slice() {
        [Expr::StringConstant(id, id_at), Expr::Map(map, _)] => {
            let keys = map
                .0
                .iter()
                .map(|(ident, value)| Key {
                    name: Cow::Borrowed(ident.name.as_str()),
                    at: ident.pos,
                    value: Cow::Borrowed(value),
                })
                .collect();
            Some((id.as_str(), *id_at, keys))
        }
        _ => {
            wrong(at, say("shape-arguments"));
            None
        }
    }
}

fn helpers(ast: &AST, path: &str, text: &str, problems: &mut Vec<Diagnostic>) -> BTreeMap<(String, usize), Helper> {
    let mut helpers = BTreeMap::new();
    let mut bodies = BTreeMap::new();
    for function in ast.iter_functions() {
        let (name, params) = (function.name, &function.params);
        let mut alone = ast.clone();
        alone.clear_statements();
        alone.retain_functions(|_, _, other, arity| other == name && arity == params.len());
        let params: Vec<String> = params.iter().map(|&param| param.to_owned()).collect();
        let key = (name.to_owned(), params.len());
        helpers.insert(key.clone(), Helper { expression: single_expression(&alone), params });
        bodies.insert(key, alone);
    }
    let mut interpreted: Vec<&(String, usize)> =
        helpers.iter().filter(|(_, helper)| helper.expression.is_none()).map(|(key, _)| key).collect();
    let mut next = 0;
    while let Some(&key) = interpreted.get(next) {
        next += 1;
        let Some((body, helper)) = bodies.get(key).zip(helpers.get(key)) else { continue };
        let called = Interpreted { helpers: &helpers, params: &helper.params, path, text }.check(body, problems);
        for key in called {
            if let Some((known, _)) = helpers.get_key_value(&key).filter(|(key, _)| !interpreted.contains(key)) {
                interpreted.push(known);
            }
        }
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

/// A helper that the interpreter runs, or that such a helper calls: it sees its parameters and nothing else.
struct Interpreted<'a> {
    helpers: &'a BTreeMap<(String, usize), Helper>,
    params: &'a [String],
    path: &'a str,
    text: &'a str,
}

impl Interpreted<'_> {
    /// Checks calls and names; the helpers that it calls.
    fn check(&self, function: &AST, problems: &mut Vec<Diagnostic>) -> BTreeSet<(String, usize)> {
        let mut known: BTreeSet<String> = self.params.iter().cloned().collect();
        function.walk(&mut |nodes| {
            match nodes.last() {
                Some(ASTNode::Stmt(Stmt::Var(declared, ..))) => known.extend([declared.0.name.to_string()]),
                Some(ASTNode::Stmt(Stmt::For(header, _))) => {
                    known.extend([header.0.name.to_string()]);
                    known.extend(header.1.as_ref().map(|counter| counter.name.to_string()));
                }
                _ => {}
            }
            true
        });
        let mut called = BTreeSet::new();
        function.walk(&mut |nodes| {
            match nodes.last() {
                Some(
                    ASTNode::Expr(Expr::FnCall(call, at) | Expr::MethodCall(call, at))
                    | ASTNode::Stmt(Stmt::FnCall(call, at)),
                ) => {
                    let key = (call.name.to_string(), call.args.len());
                    if self.helpers.contains_key(&key) {
                        called.insert(key);
                    } else if !is_plain(call) {
                        let message = say("helper-call").with("name", call.name.as_str());
                        problems.push(self.wrong(*at, message));
                    }
                }
                Some(ASTNode::Expr(Expr::Variable(variable, _, at))) if !known.contains(variable.1.as_str()) => {
                    let message = say("helper-read").with("name", variable.1.as_str());
                    problems.push(self.wrong(*at, message));
                }
                Some(ASTNode::Expr(Expr::ThisPtr(at))) => {
                    problems.push(self.wrong(*at, say("helper-read").with("name", "this")));
                }
                _ => {}
            }
            true
        });
        called
    }

    fn wrong(&self, at: Position, message: Text) -> Diagnostic {
        Diagnostic::error(Code::Helper, self.path, self.text, span_at(self.text, at), message).help(say("helper-help"))
    }
}

fn is_plain(call: &FnCallExpr) -> bool {
    call.op_token.is_some()
        || matches!(call.name.as_str(), "!" | "-" | "+" | "!contains")
        || HELPER_FUNCTIONS.contains(&call.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::files::Files;

    /// A rule with each form of literal, and expressions that hold brackets, commas, quotes and comments.
    const RULE: &str = "// aturan\nfn g(x) { x.y[1] == \"{\" } // h\nrule(\"a\", #{ title: \"Satu é\", basis: [\"x\", \"y\"], // z\n per: \"record\",\n \
        severity: #{ otherwise: \"siaga-1\" },\n when: record.a in [\"p,q\", \"r\"] // s, t\n && f(1, -2) > 3 / 1,\n \
        message: `m ${record.a}, \"${g(\"}\")}\"`,\n tests: [ #{ n: \"b\", r: [ #{ i: -1, f: 2.5, b: true, u: () } ], z: [] }, ],\n});\n";

    /// What is put into a rule to make it another one, or none.
    const PUT: [&str; 24] = [
        "\"", "`", "'", "\\", "//", "/*", "///", "{", "}", "[", "]", "(", ")", ",", ":", "#", "$", "\n", "\r", "-",
        "0", ".5", " + \"t\"", "_",
    ];

    /// Whether a file is of the usual form; if so, rhai has read it alike.
    fn is_usual(text: &str) -> bool {
        let alike = with_usual("a.rhai", text, &mut MapWords::default(), |usual| {
            let mut problems = Vec::new();
            let parsed = parse("a.rhai", text, &mut problems).unwrap_or_else(|| panic!("{problems:?}\n{text}"));
            assert_eq!((&usual.id, usual.id_at, problems.len()), (&parsed.id, parsed.id_at, 0), "{text}");
            assert_eq!(format!("{:?}", usual.helpers), format!("{:?}", parsed.helpers), "{text}");
            assert_eq!(usual.keys.len(), parsed.keys.len(), "{text}");
            for (usual_key, key) in usual.keys.iter().zip(&parsed.keys) {
                assert_eq!((&usual_key.name, usual_key.at), (&key.name, key.at), "{text}");
                match &usual.lifted_tests {
                    Some(tests) if key.name == "tests" => {
                        assert_eq!(Some(tests), Literal::of(&key.value, &mut Vec::new()).as_ref(), "{text}");
                    }
                    _ => assert_eq!(format!("{:?}", usual_key.value), format!("{:?}", key.value), "{text}"),
                }
            }
            Some(())
        });
        alike.is_some()
    }

    #[test]
    fn shipped_rules_are_of_the_usual_form() {
        let files = Files::built_in();
        let rules = files.texts.iter().filter(|(path, _)| path.ends_with(".rhai"));
        let unusual: Vec<&String> = rules.filter(|(_, text)| !is_usual(text)).map(|(path, _)| path).collect();
        assert_eq!(unusual, [""; 0]);
    }

    #[test]
    fn what_is_read_without_rhai_is_what_rhai_reads() {
        assert!(is_usual(RULE));
        let mut usual = 0;
        for at in (0..RULE.len()).filter(|at| RULE.is_char_boundary(*at)) {
            let (before, after) = RULE.split_at(at);
            for put in PUT {
                usual += usize::from(is_usual(&format!("{before}{put}{after}")));
            }
            let shorter = after.chars().next().map_or("", |first| &after[first.len_utf8()..]);
            usual += usize::from(is_usual(&format!("{before}{shorter}")));
        }
        assert!(usual > 1_000, "{usual}");
    }
}
