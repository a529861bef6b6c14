//! The host functions that a rule may call, each lowered to its own node.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use rhai::{Expr, FnCallExpr, Position};

use crate::record::value::Value;
use crate::subject::SubjectKind;
use crate::words::say;

use super::diagnostic::{Code, did_you_mean, meant_or_all, meant_or_declare};
use super::expr::{ListId, MatchKey, Node, Pick, Query, SpanUnit, TextTest};
use super::lower::{Lowerer, Outcome, bool_node, unknown_field};
use super::place::Place;
use super::typing::{Base, Lowered, Ty, Typed};

/// Every host function with its form, for messages and the guide.
pub const FUNCTIONS: [(&str, &str); 30] = [
    ("seen", "seen(kind[, window][, #{...}]): whether such a record is in the dossier"),
    ("count", "count(kind[, window][, #{...}]): how many"),
    ("first", "first(kind[, window][, #{...}]): the earliest of them"),
    ("last", "last(kind[, window][, #{...}]): the latest of them"),
    ("distinct", "distinct(field, kind[, window][, #{...}]): how many distinct values"),
    ("overlaps", "overlaps(field, kind, at_least[, window]): distinct values over stays that overlap the trigger's"),
    ("median_count", "median_count(kind, window, over): the subject's own usual count in a window"),
    ("usual_gap", "usual_gap(): the subject's own usual gap between records"),
    ("in_force", "in_force(kind[, #{...}]): whether such a record is valid"),
    ("permit", "permit(): the permit valid at the trigger"),
    ("phase", "phase(): the phase in which the record happened"),
    ("phase_now", "phase_now(): the phase as of now"),
    ("days_to_voting", "days_to_voting(): days to the next voting day where it happened"),
    ("is_voting_day", "is_voting_day(): whether people voted when and where it happened"),
    ("stage", "stage(id): a stage, with `.starts` and `.ends`"),
    ("threshold", "threshold(name): a tunable number"),
    ("listed", "listed(list, key): whether a list holds the key"),
    ("days", "days(n): n times 24 hours"),
    ("hours", "hours(n)"),
    ("minutes", "minutes(n)"),
    ("working_days", "working_days(n): for adding to a time"),
    ("time", "time(text): an instant, RFC 3339"),
    ("min", "min(a, b, ...)"),
    ("max", "max(a, b, ...)"),
    ("has", "has(field): whether it is stated"),
    ("starts_with", "starts_with(text, other)"),
    ("ends_with", "ends_with(text, other)"),
    ("contains", "contains(text, other)"),
    ("in", "value in [a, b]"),
    ("guard", "guard(condition): marks a conjunct that tests need not show both true and false"),
];

impl Lowerer<'_> {
    /// Lowers a call of a host function.
    pub fn host_call(&mut self, call: &FnCallExpr, at: Position) -> Outcome<Lowered> {
        let args = call.args.as_slice();
        let name = call.name.as_str();
        let typed = |typed: Typed| Some(Lowered::Typed(typed));
        match (name, args) {
            ("seen", [kind, rest @ ..]) => self.query(kind, rest).map(|query| bool_node(Node::Seen(query))),
            ("count", [kind, rest @ ..]) => self.query(kind, rest).and_then(|query| typed(int(Node::Count(query)))),
            ("first", [kind, rest @ ..]) => self.picked(Pick::First, kind, rest),
            ("last", [kind, rest @ ..]) => self.picked(Pick::Last, kind, rest),
            ("in_force", [kind, rest @ ..]) => self.query(kind, rest).map(|query| bool_node(Node::InForce(query))),
            ("permit", []) => self.permit(),
            ("distinct", [key, kind, rest @ ..]) => {
                let key = self.match_key(key);
                let query = self.query(kind, rest);
                typed(int(Node::Distinct(key?, query?)))
            }
            ("overlaps", [field, kind, at_least, rest @ ..]) if rest.len() <= 1 => {
                self.overlaps(field, kind, at_least, rest)
            }
            ("median_count", [kind, window, over]) => self.median_count(kind, window, over),
            ("usual_gap", []) => typed(Typed { node: Node::UsualGap, ty: Ty::Span, optional: true }),
            ("phase", []) => typed(Typed { node: Node::Phase, ty: Ty::Phase, optional: false }),
            ("phase_now", []) => typed(Typed { node: Node::PhaseNow, ty: Ty::Phase, optional: false }),
            ("days_to_voting", []) => typed(int(Node::DaysToVoting)),
            ("is_voting_day", []) => Some(bool_node(Node::IsVotingDay)),
            ("threshold", [Expr::StringConstant(name, at)]) => self.threshold(name, *at).map(Lowered::Typed),
            ("listed", [Expr::StringConstant(list, at), key]) => self.listed(list, *at, key).map(bool_node),
            ("days", [n]) => self.span(SpanUnit::Days, n).map(Lowered::Typed),
            ("hours", [n]) => self.span(SpanUnit::Hours, n).map(Lowered::Typed),
            ("minutes", [n]) => self.span(SpanUnit::Minutes, n).map(Lowered::Typed),
            ("working_days", [n]) => self.span(SpanUnit::WorkingDays, n).map(Lowered::Typed),
            ("time", [Expr::StringConstant(text, at)]) => self.time(text, *at).map(Lowered::Typed),
            ("stage", [Expr::StringConstant(..)]) => {
                self.wrong(Code::Type, at, say("type-stage"), say("type-stage-help"))
            }
            ("min" | "max", [_, _, ..]) => self.extreme(name, args).map(Lowered::Typed),
            ("has", [inner]) => self.has(inner).map(bool_node),
            ("starts_with" | "ends_with" | "contains", [text, other]) => {
                let receiver = self.typed(text)?;
                self.text_test(name, receiver, other, text).map(bool_node)
            }
            ("guard", [_]) => self.wrong(Code::Function, at, say("function-guard"), say("function-guard-help")),
            _ => self.unknown_function(name, args.len(), at),
        }
    }

    /// Lowers a method call on a value.
    pub fn method(&mut self, receiver: Typed, call: &FnCallExpr, at: Position) -> Outcome<Lowered> {
        match (call.name.as_str(), call.args.as_slice()) {
            (name @ ("starts_with" | "ends_with" | "contains"), [other]) => {
                self.text_test(name, receiver, other, at).map(bool_node)
            }
            (name, args) => self.unknown_function(name, args.len() + 1, at),
        }
    }

    fn unknown_function<T>(&mut self, name: &str, arguments: usize, at: Position) -> Outcome<T> {
        if let Some((_, form)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
            let message = say("function-arguments").with("name", name).with("arguments", arguments);
            return self.wrong(Code::Function, at, message, say("function-form").with("form", *form));
        }
        let helpers: Vec<String> = self.script.helpers.keys().map(|(helper, _)| helper.clone()).collect();
        let known = FUNCTIONS.iter().map(|(known, _)| *known).chain(helpers.iter().map(String::as_str));
        let help = did_you_mean(name, known).unwrap_or_else(|| say("function-table"));
        let message = say("unknown").with("thing", say("thing-function")).with("word", name);
        self.wrong(Code::Function, at, message, help)
    }

    fn query(&mut self, kind: &Expr, rest: &[Expr]) -> Outcome<Arc<Query>> {
        let kind = self.kind(kind);
        let mut query = Query { kind: kind?, window: None, equal: Vec::new() };
        for argument in rest {
            match argument {
                Expr::Map(map, _) if query.equal.is_empty() => {
                    let equal: Vec<_> =
                        map.0.iter().map(|(key, value)| self.equal(&key.name, key.pos, value)).collect();
                    query.equal = equal.into_iter().collect::<Option<_>>()?;
                }
                Expr::Map(..) => {
                    return self.wrong(Code::Function, argument, say("function-second-map"), None);
                }
                window if query.window.is_none() => {
                    let window = self.of_type(window, &[Ty::Span], say("role-window"))?;
                    query.window = Some(Box::new(fold_span(window.node)));
                }
                extra => return self.wrong(Code::Function, extra, say("function-too-many"), None),
            }
        }
        Some(Arc::new(query))
    }

    fn equal(&mut self, name: &str, at: Position, value: &Expr) -> Outcome<(MatchKey, Node)> {
        let key = self.match_key_of(name, at);
        let typed = self.typed(value);
        let (key, typed) = (key?, typed?);
        if key == MatchKey::Subject(SubjectKind::Person) && typed.ty != Ty::Key {
            return self.wrong(Code::Protected, value, say("protected-person"), say("protected-person-help"));
        }
        if typed.node == Node::TriggerSubject(SubjectKind::Person) && matches!(key, MatchKey::Field(_)) {
            return self.wrong_key(value);
        }
        self.check_match(key, &typed, value)?;
        Some((key, typed.node))
    }

    /// What is matched must be able to equal: a field its own type, a subject the same kind of subject or its key.
    fn check_match(&mut self, key: MatchKey, typed: &Typed, at: &Expr) -> Outcome<()> {
        let wanted = match key {
            MatchKey::Subject(_) => Ty::Text,
            MatchKey::Field(field) => self.words.schema.field(field).map_or(Ty::Any, |known| Ty::of_field(known.ty)),
        };
        let fits = match (&typed.node, key) {
            (Node::TriggerSubject(kind), MatchKey::Subject(wanted)) => *kind == wanted,
            (Node::TriggerSubject(_), MatchKey::Field(_)) => wanted.is_text(),
            _ => typed.ty.compares_with(wanted),
        };
        if !fits {
            let message = say("type-match").with("type", typed.ty.words());
            return self.wrong(Code::Type, at, message, say("type-match-help"));
        }
        let field = Typed { node: Node::Constant(Value::Missing), ty: wanted, optional: true };
        self.check_word(&field, typed, at)
    }

    fn picked(&mut self, pick: Pick, kind: &Expr, rest: &[Expr]) -> Outcome<Lowered> {
        self.query(kind, rest).map(|query| Lowered::Section(Base::Picked(pick, query), String::new()))
    }

    fn permit(&mut self) -> Outcome<Lowered> {
        let kind = self.words.schema.kind_id("permit.issued")?;
        let query = Arc::new(Query { kind, window: None, equal: Vec::new() });
        Some(Lowered::Section(Base::Picked(Pick::Permit, query), "permit".to_owned()))
    }

    fn match_key(&mut self, expr: &Expr) -> Outcome<MatchKey> {
        match expr {
            Expr::StringConstant(path, at) => self.match_key_of(path, *at),
            _ => self.wrong(Code::Type, expr, say("type-field-literal"), say("type-field-literal-help")),
        }
    }

    fn match_key_of(&mut self, path: &str, at: Position) -> Outcome<MatchKey> {
        if let Some(kind) = SubjectKind::from_word(path) {
            return Some(MatchKey::Subject(kind));
        }
        if let Some(field) = self.words.schema.field_id(path) {
            self.check_protected(field, at)?;
            return Some(MatchKey::Field(field));
        }
        let fields = self.words.schema.fields().iter().map(|field| field.path.as_str());
        let help = did_you_mean(path, fields.chain(SubjectKind::ALL.iter().map(|(_, word)| *word)));
        self.wrong(Code::Field, at, unknown_field(path), help)
    }

    fn overlaps(&mut self, field: &Expr, kind: &Expr, at_least: &Expr, rest: &[Expr]) -> Outcome<Lowered> {
        let key = self.match_key(field)?;
        let MatchKey::Field(id) = key else {
            return self.wrong(Code::Type, field, say("type-overlaps"), None);
        };
        let at_least = self.of_type(at_least, &[Ty::Span], say("role-at-least"))?;
        let query = self.query(kind, rest)?;
        Some(Lowered::Typed(int(Node::Overlaps(id, Box::new(fold_span(at_least.node)), query))))
    }

    fn median_count(&mut self, kind: &Expr, window: &Expr, over: &Expr) -> Outcome<Lowered> {
        let window = self.of_type(window, &[Ty::Span], say("role-window"))?;
        let query = self.query(kind, std::slice::from_ref(over))?;
        let node = Node::MedianCount(Box::new(fold_span(window.node)), query);
        Some(Lowered::Typed(Typed { node, ty: Ty::Number, optional: false }))
    }

    fn threshold(&mut self, name: &str, at: Position) -> Outcome<Typed> {
        let Some(id) = self.words.thresholds.id(name) else {
            let known = self.words.thresholds.all().iter().map(|threshold| threshold.name.as_str());
            let help = meant_or_declare(name, known, "thresholds.toml");
            let message = say("unknown").with("thing", say("thing-threshold")).with("word", name);
            return self.wrong(Code::Name, at, message, help);
        };
        let whole = self.words.thresholds.get(id).is_some_and(|threshold| threshold.whole);
        Some(Typed { node: Node::Threshold(id), ty: if whole { Ty::Int } else { Ty::Number }, optional: false })
    }

    fn listed(&mut self, name: &str, at: Position, key: &Expr) -> Outcome<Node> {
        let lists = self.words.lists;
        let Some((index, list)) = lists.iter().enumerate().find(|(_, list)| list.name == name) else {
            let known: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
            let help = meant_or_declare(name, known, "pack.toml");
            let message = say("unknown").with("thing", say("thing-list")).with("word", name);
            return self.wrong(Code::Name, at, message, help);
        };
        if list.protected {
            return self.wrong(
                Code::Protected,
                at,
                say("protected-list").with("list", name),
                say("protected-list-help"),
            );
        }
        let key = self.of_type(key, &[Ty::Text], say("role-list-key"))?;
        Some(Node::Listed(ListId(index), Box::new(key.node)))
    }

    fn span(&mut self, unit: SpanUnit, n: &Expr) -> Outcome<Typed> {
        let n = self.of_type(n, &[Ty::Int], say("role-span"))?;
        let ty = if unit == SpanUnit::WorkingDays { Ty::WorkingDays } else { Ty::Span };
        Some(Typed { node: fold_span(Node::Span(unit, Box::new(n.node))), ty, optional: n.optional })
    }

    fn time(&mut self, text: &str, at: Position) -> Outcome<Typed> {
        match DateTime::parse_from_rfc3339(text) {
            Ok(time) => Some(Typed { node: Node::Constant(Value::Time(time.to_utc())), ty: Ty::Time, optional: false }),
            Err(_) => self.wrong(Code::Type, at, say("type-no-time").with("text", text), say("type-no-time-help")),
        }
    }

    fn extreme(&mut self, name: &str, args: &[Expr]) -> Outcome<Typed> {
        let typed: Vec<Option<Typed>> = args.iter().map(|argument| self.typed(argument)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        let first = typed.first().map_or(Ty::Any, |typed| typed.ty);
        let ordered = |ty: Ty| ty.is_number() || matches!(ty, Ty::Time | Ty::Span);
        if let Some((_, argument)) =
            typed.iter().zip(args).find(|(typed, _)| !typed.ty.compares_with(first) || !ordered(typed.ty))
        {
            return self.wrong(Code::Type, argument, say("type-extreme").with("name", name), None);
        }
        let ty = if typed.iter().all(|typed| typed.ty == first) { first } else { Ty::Number };
        let optional = typed.iter().any(|typed| typed.optional);
        let nodes = typed.into_iter().map(|typed| typed.node).collect();
        let node = if name == "min" { Node::Min(nodes) } else { Node::Max(nodes) };
        Some(Typed { node, ty, optional })
    }

    fn has(&mut self, inner: &Expr) -> Outcome<Node> {
        let node = match self.lower(inner)? {
            Lowered::Typed(typed) => typed.node,
            Lowered::Section(Base::Trigger, path) => match SubjectKind::from_word(&path) {
                Some(kind) => Node::TriggerSubject(kind),
                None => return self.not_a_field(inner),
            },
            Lowered::Section(..) => return self.not_a_field(inner),
        };
        Some(Node::Has(Box::new(node)))
    }

    fn not_a_field<T>(&mut self, expr: &Expr) -> Outcome<T> {
        let message = say("type-has").with("expression", self.script.written(expr));
        self.wrong(Code::Type, expr, message, say("type-section-help"))
    }

    fn text_test<'e>(&mut self, name: &str, receiver: Typed, other: &Expr, at: impl Into<Place<'e>>) -> Outcome<Node> {
        if !receiver.ty.is_text() {
            let message = say("type-text-test").with("name", name).with("type", receiver.ty.words());
            return self.wrong(Code::Type, at, message, None);
        }
        let other = self.of_type(other, &[Ty::Text], say("role-text-test"))?;
        let test = match name {
            "starts_with" => TextTest::StartsWith,
            "ends_with" => TextTest::EndsWith,
            _ => TextTest::Contains,
        };
        Some(Node::Text(test, Box::new(receiver.node), Box::new(other.node)))
    }

    /// A stage's first or last instant.
    pub fn stage_time(&mut self, name: &str, name_at: Position, end: &str, end_at: Position) -> Outcome<Typed> {
        let timeline = self.words.timeline;
        let Some(stage) = timeline.stage(name) else {
            let help = meant_or_all(name, timeline.stages.iter().map(|stage| stage.id.as_str()));
            let is_phase = timeline.phases.iter().any(|phase| phase.id.as_ref() == name);
            let message =
                if is_phase { say("name-phase-no-stage") } else { say("unknown").with("thing", say("thing-stage")) };
            return self.wrong(Code::Name, name_at, message.with("word", name), help);
        };
        let time = match end {
            "starts" => stage.starts,
            "ends" => stage.ends,
            _ => {
                return self.wrong(Code::Field, end_at, say("field-stage").with("end", end), say("field-stage-help"));
            }
        };
        match time {
            Some(time) => Some(Typed { node: Node::Constant(Value::Time(time)), ty: Ty::Time, optional: false }),
            None => {
                let message = say("name-stage-end").with("stage", name).with("end", end);
                self.wrong(Code::Name, end_at, message, say("name-stage-end-help"))
            }
        }
    }
}

fn int(node: Node) -> Typed {
    Typed { node, ty: Ty::Int, optional: false }
}

/// A span of a constant number is a constant.
fn fold_span(node: Node) -> Node {
    let Node::Span(unit, inner) = &node else { return node };
    let Node::Constant(Value::Int(n)) = inner.as_ref() else { return node };
    let span = match unit {
        SpanUnit::Days => TimeDelta::try_days(*n),
        SpanUnit::Hours => TimeDelta::try_hours(*n),
        SpanUnit::Minutes => TimeDelta::try_minutes(*n),
        SpanUnit::WorkingDays => return Node::Constant(Value::WorkingDays(*n)),
    };
    span.map_or(node, |span| Node::Constant(Value::Span(span)))
}
