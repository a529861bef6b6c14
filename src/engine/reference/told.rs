//! What people are told of a rule that holds: evidence and messages, from the rule's text and the values that rhai yields.

use std::sync::Arc;

use chrono_tz::Tz;
use rhai::{AST, Dynamic, Expr, ImmutableString, Map, Scope, Stmt};

use crate::pack::Pack;
use crate::pack::conjunct::{guarded, parts};
use crate::pack::script::{Script, statement_expression};
use crate::record::schema::{Schema, Type};
use crate::record::shown::{Naming, Shown};

use super::operators::{Missing, Span, Time, WorkingDays};
use super::{Interpreted, Outcome, View};

/// What a finding says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The phase by its word, in the finding's kabupaten.
    pub phase: String,
    /// The kabupaten that the finding belongs to.
    pub kabupaten: Option<String>,
    /// What each conjunct saw.
    pub evidence: Vec<Seen>,
    /// Role and message.
    pub messages: Vec<(String, String)>,
}

/// What one conjunct saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The value, in words.
    pub value: String,
    /// What it was held against, in words.
    pub bound: Option<String>,
}

/// The parts of a rule file that say what people are told.
pub(super) struct Telling {
    values: Vec<(String, Expr)>,
    conjuncts: Vec<Expr>,
    messages: Vec<(String, Expr)>,
    helpers: Vec<(String, Vec<String>, Expr)>,
    functions: AST,
}

/// What stands behind a name within a helper.
struct Argument {
    name: String,
    /// The part of a record that it is, as far as it is one.
    path: Option<String>,
    is_text: bool,
}

/// A helper's body among its arguments; the expression itself outside of one.
struct Unfolded<'a> {
    expr: &'a Expr,
    arguments: Vec<Argument>,
}

impl Telling {
    pub fn new(script: &Script<'_>, functions: &AST) -> Self {
        let key = |name: &str| script.key(name).map(|key| key.value.as_ref());
        let entries = |name: &str| match key(name) {
            Some(Expr::Map(map, _)) => map.0.iter().map(|(name, expr)| (name.name.to_string(), expr.clone())).collect(),
            _ => Vec::new(),
        };
        let mut messages: Vec<(String, Expr)> = entries("notify");
        if let (Some(Expr::Array(roles, _)), Some(message)) = (key("notify"), key("message")) {
            messages.extend(roles.iter().filter_map(|role| match role {
                Expr::StringConstant(role, _) => Some((role.to_string(), message.clone())),
                _ => None,
            }));
        }
        let conjuncts = key("when").map(parts).unwrap_or_default();
        let conjuncts = conjuncts.into_iter().map(|part| guarded(part).0.clone()).collect();
        let helpers = script
            .helpers
            .iter()
            .filter_map(|((name, _), helper)| Some((name.clone(), helper.params.clone(), helper.expression.clone()?)));
        Telling {
            values: entries("values"),
            conjuncts,
            messages,
            helpers: helpers.collect(),
            functions: functions.clone(),
        }
    }
}

impl Interpreted {
    /// What people are told at a trigger at which the rule was just seen to hold.
    pub(super) fn tell(&self, view: &mut View) -> Outcome<Told> {
        let kabupaten = self.kabupaten(&view.sight, &mut view.scope)?;
        let phase = self.sit(&view.sight, kabupaten.clone());
        let (pack, scope) = (view.sight.pack.as_ref(), &mut view.scope);
        let evidence = self.telling.conjuncts.iter().map(|conjunct| self.seen(conjunct, pack, scope));
        let evidence = evidence.collect::<Outcome<_>>()?;
        let messages = self.telling.messages.iter();
        let messages = messages.map(|(role, text)| Ok((role.clone(), self.message(text, pack, scope)?)));
        Ok(Told {
            phase: view.sight.pack.timeline.phase_word(phase).to_owned(),
            kabupaten: kabupaten.map(|code| code.to_string()),
            messages: messages.collect::<Outcome<_>>()?,
            evidence,
        })
    }

    /// What a conjunct compared, where it compares two values and both can be told.
    pub(super) fn compared(&self, index: usize, view: &mut View) -> Option<Seen> {
        let conjunct = self.telling.conjuncts.get(index)?;
        let seen = self.seen(conjunct, view.sight.pack.clone().as_ref(), &mut view.scope);
        seen.ok().filter(|seen| seen.bound.is_some())
    }

    fn seen(&self, conjunct: &Expr, pack: &Pack, scope: &mut Scope<'static>) -> Outcome<Seen> {
        let depth = scope.len();
        let unfolded = self.unfold(conjunct, scope);
        let seen = self.seen_of(&unfolded, pack, scope);
        scope.rewind(depth);
        seen
    }

    fn seen_of(&self, unfolded: &Unfolded<'_>, pack: &Pack, scope: &mut Scope<'static>) -> Outcome<Seen> {
        let zone = pack.timeline.zone;
        let words = |words: &str| Seen { value: words.to_owned(), bound: None };
        let Expr::FnCall(call, _) = unfolded.expr else { return Ok(words("ya")) };
        let sign = sign(&call.name).filter(|_| call.op_token.is_some());
        Ok(match (call.name.as_str(), call.args.as_slice()) {
            ("contains", [Expr::Array(choices, _), value]) => {
                let naming = self.naming(value, &unfolded.arguments, &pack.schema);
                let choices = choices.iter().map(|choice| Ok(words_of(&self.ask(choice, scope)?, naming, zone)));
                let choices = choices.collect::<Outcome<Vec<String>>>()?.join(", ");
                let value = words_of(&self.ask(value, scope)?, naming, zone);
                Seen { value, bound: Some(format!("salah satu dari {choices}")) }
            }
            (_, [left, right]) if sign.is_some() => {
                let about = if is_text(left, &unfolded.arguments) { right } else { left };
                let naming = self.naming(about, &unfolded.arguments, &pack.schema);
                let bound = words_of(&self.ask(right, scope)?, naming, zone);
                Seen {
                    value: words_of(&self.ask(left, scope)?, naming, zone),
                    bound: sign.map(|sign| format!("{sign} {bound}")),
                }
            }
            ("seen" | "in_force" | "has", _) => words("ada"),
            ("!", [inner]) => match self.unfold(inner, scope).expr {
                Expr::FnCall(call, _) if matches!(call.name.as_str(), "seen" | "in_force" | "has") => {
                    words("tidak ada")
                }
                _ => words("ya"),
            },
            _ => words("ya"),
        })
    }

    fn message(&self, text: &Expr, pack: &Pack, scope: &mut Scope<'static>) -> Outcome<String> {
        let zone = pack.timeline.zone;
        match text {
            Expr::InterpolatedString(parts, _) => {
                let parts = parts.iter().map(|part| {
                    let naming = self.naming(part, &[], &pack.schema);
                    Ok(words_of(&self.ask(part, scope)?, naming, zone))
                });
                parts.collect()
            }
            other => Ok(words_of(&self.ask(other, scope)?, None, zone)),
        }
    }

    fn ask(&self, expr: &Expr, scope: &mut Scope<'static>) -> Outcome<Dynamic> {
        let ast = AST::new([Stmt::Expr(Box::new(expr.clone()))], self.telling.functions.shared_lib().clone());
        self.interpreter.engine.eval_ast_with_scope(scope, &ast)
    }

    /// Enters the helpers that an expression is; their arguments come into the scope.
    fn unfold<'a>(&'a self, expr: &'a Expr, scope: &mut Scope<'static>) -> Unfolded<'a> {
        let mut unfolded = Unfolded { expr, arguments: Vec::new() };
        while let Some((params, body, given)) = self.helper(unfolded.expr) {
            let arguments = self.arguments(params, given, &unfolded.arguments);
            let values: Vec<Outcome<Dynamic>> = given.iter().map(|argument| self.ask(argument, scope)).collect();
            // one that fails stays unknown: what reads it fails too
            for (name, value) in params.iter().zip(values) {
                if let Ok(value) = value {
                    scope.push_constant_dynamic(name.clone(), value);
                }
            }
            unfolded = Unfolded { expr: body, arguments };
        }
        unfolded
    }

    fn helper<'a>(&'a self, expr: &'a Expr) -> Option<(&'a [String], &'a Expr, &'a [Expr])> {
        let Expr::FnCall(call, _) = expr else { return None };
        let is_called = |name: &str, params: &[String]| name == call.name.as_str() && params.len() == call.args.len();
        let known = self.telling.helpers.iter().find(|(name, params, _)| is_called(name, params));
        known.map(|(_, params, body)| (params.as_slice(), body, call.args.as_slice()))
    }

    fn arguments(&self, params: &[String], given: &[Expr], outer: &[Argument]) -> Vec<Argument> {
        let argument = |(name, expr): (&String, &Expr)| Argument {
            name: name.clone(),
            path: self.path(expr, outer),
            is_text: is_text(expr, outer),
        };
        params.iter().zip(given).map(argument).collect()
    }

    /// What names the values of an expression that is a field of a record.
    fn naming(&self, expr: &Expr, arguments: &[Argument], schema: &Schema) -> Option<Naming> {
        match self.path(expr, arguments)?.as_str() {
            "place.kabupaten" => Some(Naming::Kabupaten),
            "place.kecamatan" => Some(Naming::Kecamatan),
            path => {
                let field = schema.fields().iter().find(|field| field.path == path)?;
                matches!(field.ty, Type::Choice(_)).then_some(Naming::Choice)
            }
        }
    }

    /// The part of a record that an expression is: `place.kabupaten`, `place`, nothing for all of it.
    fn path(&self, expr: &Expr, arguments: &[Argument]) -> Option<String> {
        if let Some((params, body, given)) = self.helper(expr) {
            return self.path(body, &self.arguments(params, given, arguments));
        }
        match expr {
            Expr::Variable(variable, _, _) => {
                let name = variable.1.as_str();
                if let Some(argument) = arguments.iter().find(|argument| argument.name == name) {
                    return argument.path.clone();
                }
                let value = self.telling.values.iter().find(|(known, _)| known == name);
                match value {
                    Some((_, value)) => self.path(value, &[]),
                    None => (name == "record").then(String::new),
                }
            }
            Expr::FnCall(call, _) => match call.name.as_str() {
                "first" | "last" => Some(String::new()),
                "permit" => Some("permit".to_owned()),
                _ => None,
            },
            Expr::Dot(pair, _, _) => joined(self.path(&pair.lhs, arguments)?, &pair.rhs),
            Expr::Stmt(block) => match block.statements() {
                [stmt] => self.path(&statement_expression(stmt)?, arguments),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A path with the properties of a chain behind it.
fn joined(path: String, chain: &Expr) -> Option<String> {
    match chain {
        Expr::Property(property, _) if path.is_empty() => Some(property.2.to_string()),
        Expr::Property(property, _) => Some(format!("{path}.{}", property.2)),
        Expr::Dot(pair, _, _) => joined(joined(path, &pair.lhs)?, &pair.rhs),
        _ => None,
    }
}

/// Whether it is a text written out.
fn is_text(expr: &Expr, arguments: &[Argument]) -> bool {
    match expr {
        Expr::StringConstant(..) => true,
        Expr::Variable(variable, _, _) => {
            arguments.iter().any(|argument| argument.name == variable.1.as_str() && argument.is_text)
        }
        _ => false,
    }
}

fn sign(operator: &str) -> Option<&'static str> {
    const SIGNS: [(&str, &str); 6] = [("==", "="), ("!=", "≠"), ("<", "<"), ("<=", "≤"), (">", ">"), (">=", "≥")];
    SIGNS.iter().find(|(known, _)| *known == operator).map(|(_, sign)| *sign)
}

/// A value as people read it.
fn words_of(value: &Dynamic, naming: Option<Naming>, zone: Tz) -> String {
    let shown = if value.is::<Missing>() || value.is::<Map>() {
        Shown::Missing
    } else if let Some(Time(time)) = value.clone().try_cast() {
        Shown::Time(time, zone)
    } else if let Some(Span(span)) = value.clone().try_cast() {
        Shown::Span(span)
    } else if let Some(WorkingDays(days)) = value.clone().try_cast() {
        Shown::WorkingDays(days)
    } else if let Some(text) = value.clone().try_cast::<ImmutableString>() {
        match naming {
            Some(naming) => Shown::Named(naming, Arc::from(text.as_str())),
            None => Shown::from(text.as_str()),
        }
    } else if let Ok(yes) = value.as_bool() {
        Shown::Bool(yes)
    } else if let Ok(n) = value.as_int() {
        Shown::Int(n)
    } else {
        value.as_float().map_or(Shown::Missing, Shown::Number)
    };
    shown.to_string()
}
