//! From rhai's expressions to typed ones: names, fields, operators and helpers.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rhai::{Expr, FnCallExpr, Position};

use crate::record::schema::{FieldId, KindId, Schema};
use crate::record::value::Value;
use crate::subject::SubjectKind;
use crate::timeline::Timeline;
use crate::words::{Text, say};

use super::diagnostic::{Code, Diagnostic, did_you_mean};
use super::expr::{Arithmetic, Comparison, Node, Part};
use super::lists::List;
use super::place::Place;
use super::script::{self, Script};
use super::texts::Texts;
use super::thresholds::Thresholds;
use super::typing::{Base, Lowered, Ty, Typed};

/// What an expression is for: a message may show what no condition may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It takes part in deciding.
    Decision,
    /// It is shown to people.
    Message,
}

/// What expressions can refer to.
#[derive(Clone, Copy)]
pub struct Vocabulary<'a> {
    /// Fields and kinds.
    pub schema: &'a Schema,
    /// Phases and stages.
    pub timeline: &'a Timeline,
    /// Tunable numbers.
    pub thresholds: &'a Thresholds,
    /// Reference lists.
    pub lists: &'a [List],
}

/// The most parts that the helpers of a rule may put into its expressions: written out they can double with each call,
/// and every look at a rule recurs into all of them. Rules that people write have a few dozen.
const MAX_INLINED: usize = 2_000;

/// Lowers the expressions of one rule file.
pub struct Lowerer<'a> {
    /// What expressions can refer to.
    pub words: Vocabulary<'a>,
    /// Texts that rules share.
    pub texts: &'a mut Texts,
    /// The file.
    pub script: &'a Script<'a>,
    /// The rule's `values` so far, by name.
    pub values: Vec<(String, Typed)>,
    /// What is wrong so far.
    pub problems: Vec<Diagnostic>,
    /// Whether this is for a decision or a message.
    pub purpose: Purpose,
    /// Values that have a mistake in them, which is noted where they are defined.
    pub broken_values: BTreeSet<String>,
    pub(super) params: Vec<HashMap<String, Lowered>>,
    inlined: BTreeSet<(String, usize)>,
    /// How many more parts helpers may put in; none once it was said that they are too many.
    room: Option<usize>,
    calls: Vec<(usize, usize)>,
}

/// The result of lowering; `None` where what is wrong has been noted.
pub type Outcome<T> = Option<T>;

impl<'a> Lowerer<'a> {
    /// For one file.
    pub fn new(words: Vocabulary<'a>, texts: &'a mut Texts, script: &'a Script<'a>) -> Self {
        Lowerer {
            words,
            texts,
            script,
            values: Vec::new(),
            problems: Vec::new(),
            purpose: Purpose::Decision,
            broken_values: BTreeSet::new(),
            params: Vec::new(),
            inlined: BTreeSet::new(),
            room: Some(MAX_INLINED),
            calls: Vec::new(),
        }
    }

    /// Notes an error.
    pub fn wrong<'e, T>(
        &mut self,
        code: Code,
        at: impl Into<Place<'e>>,
        message: Text,
        help: impl Into<Option<Text>>,
    ) -> Outcome<T> {
        let diagnostic = self.script.error(code, at, message).help(help);
        self.note(diagnostic);
        None
    }

    /// Notes a diagnostic, with the calls of helpers that led to it.
    fn note(&mut self, mut diagnostic: Diagnostic) {
        diagnostic.calls.clone_from(&self.calls);
        self.problems.push(diagnostic);
    }

    /// Lowers an expression that must be true or false and never missing.
    pub fn condition(&mut self, expr: &Expr) -> Outcome<Node> {
        let typed = self.typed(expr)?;
        match typed.ty {
            Ty::Bool if typed.optional => {
                let message = say("type-may-be-missing").with("expression", self.script.written(expr));
                self.wrong(Code::Type, expr, message, say("type-may-be-missing-help"))
            }
            Ty::Bool | Ty::Any => Some(typed.node),
            other => {
                let message = say("type-condition").with("type", other.words());
                self.wrong(Code::Type, expr, message, say("type-condition-help"))
            }
        }
    }

    /// Lowers an expression of one type.
    pub fn of_type(&mut self, expr: &Expr, wanted: &[Ty], what: Text) -> Outcome<Typed> {
        let typed = self.typed(expr)?;
        if typed.ty == Ty::Any || wanted.iter().any(|ty| *ty == typed.ty || (ty.is_text() && typed.ty.is_text())) {
            return Some(typed);
        }
        let help = match typed.ty {
            Ty::Int if wanted.contains(&Ty::Span) => Some(say("type-span-help")),
            Ty::Span if wanted.contains(&Ty::Time) => Some(say("type-time-help")),
            _ if wanted.contains(&Ty::Text) => Some(say("type-text-help")),
            _ => None,
        };
        let wanted = wanted.iter().map(|ty| ty.words());
        let wanted = wanted.reduce(|first, second| say("type-or").with("first", first).with("second", second));
        let message = say("type-takes")
            .with("what", what)
            .with("wanted", wanted.unwrap_or_else(|| Ty::Any.words()))
            .with("type", typed.ty.words());
        self.wrong(Code::Type, expr, message, help)
    }

    /// Lowers an expression to a value.
    pub fn typed(&mut self, expr: &Expr) -> Outcome<Typed> {
        match self.lower(expr)? {
            Lowered::Typed(typed) => Some(typed),
            Lowered::Section(Base::Trigger, path) => match SubjectKind::from_word(&path) {
                Some(kind) => Some(Typed { node: Node::TriggerSubject(kind), ty: Ty::Key, optional: true }),
                None => self.wrong_section(expr),
            },
            Lowered::Section(..) => self.wrong_section(expr),
        }
    }

    fn wrong_section<T>(&mut self, expr: &Expr) -> Outcome<T> {
        let message = say("type-section").with("expression", self.script.written(expr));
        self.wrong(Code::Type, expr, message, say("type-section-help"))
    }

    /// Lowers any expression.
    pub fn lower(&mut self, expr: &Expr) -> Outcome<Lowered> {
        let constant =
            |value: Value, ty: Ty| Some(Lowered::Typed(Typed { node: Node::Constant(value), ty, optional: false }));
        match expr {
            Expr::BoolConstant(value, _) => constant(Value::Bool(*value), Ty::Bool),
            Expr::IntegerConstant(value, _) => constant(Value::Int(*value), Ty::Int),
            Expr::FloatConstant(value, _) => constant(Value::Number(**value), Ty::Number),
            Expr::StringConstant(value, _) => constant(Value::Text(self.texts.share(value)), Ty::Text),
            Expr::InterpolatedString(parts, _) => self.template(parts).map(Lowered::Typed),
            Expr::Variable(variable, _, at) => self.name(&variable.1, *at),
            Expr::Dot(pair, flags, _) => self.dotted(&pair.lhs, &pair.rhs, *flags),
            Expr::And(parts, _) => self.all(parts).map(|nodes| bool_node(Node::And(nodes))),
            Expr::Or(parts, _) => self.all(parts).map(|nodes| bool_node(Node::Or(nodes))),
            Expr::FnCall(call, at) => self.call(call, *at),
            Expr::Stmt(block) => match block.statements() {
                [stmt] => match script::statement_expression(stmt) {
                    Some(inner) => self.lower(&inner),
                    None => self.unsupported(expr),
                },
                _ => self.unsupported(expr),
            },
            _ => self.unsupported(expr),
        }
    }

    pub(super) fn unsupported<T>(&mut self, expr: &Expr) -> Outcome<T> {
        self.wrong(Code::Function, expr, say("function-unsupported"), say("function-unsupported-help"))
    }

    fn all(&mut self, parts: &[Expr]) -> Outcome<Vec<Node>> {
        let nodes: Vec<Option<Node>> = parts.iter().map(|part| self.condition(part)).collect();
        nodes.into_iter().collect()
    }

    fn template(&mut self, parts: &[Expr]) -> Outcome<Typed> {
        let nodes: Vec<Option<Node>> = parts.iter().map(|part| self.shown(part).map(|typed| typed.node)).collect();
        let nodes = nodes.into_iter().collect::<Option<_>>()?;
        Some(Typed { node: Node::Template(nodes), ty: Ty::Text, optional: false })
    }

    /// A part of a text for people.
    fn shown(&mut self, part: &Expr) -> Outcome<Typed> {
        let typed = self.typed(part)?;
        if typed.ty == Ty::Key {
            return self.wrong_key(part);
        }
        Some(typed)
    }

    pub(super) fn wrong_key<T>(&mut self, at: &Expr) -> Outcome<T> {
        self.wrong(Code::Protected, at, say("protected-subject"), say("protected-subject-help"))
    }

    fn name(&mut self, name: &str, at: Position) -> Outcome<Lowered> {
        if let Some(frame) = self.params.last() {
            return match frame.get(name).cloned() {
                Some(lowered) => self.inline(&lowered, at).map(|()| lowered),
                None => {
                    let message = say("function-parameter").with("name", name);
                    self.wrong(Code::Function, at, message, say("function-parameter-help"))
                }
            };
        }
        if name == "record" {
            return Some(Lowered::Section(Base::Trigger, String::new()));
        }
        if let Some((index, (_, typed))) = self.values.iter().enumerate().find(|(_, (known, _))| known == name) {
            let typed = Typed { node: Node::Value(index), ty: typed.ty, optional: typed.optional };
            return Some(Lowered::Typed(typed));
        }
        if self.broken_values.contains(name) {
            return None;
        }
        let known: Vec<&str> = self.values.iter().map(|(known, _)| known.as_str()).chain(["record"]).collect();
        let help = did_you_mean(name, known).unwrap_or_else(|| say("function-name-help"));
        self.wrong(Code::Function, at, say("function-name").with("name", name), help)
    }

    fn dotted(&mut self, left: &Expr, right: &Expr, flags: rhai::ASTFlags) -> Outcome<Lowered> {
        if !flags.is_empty() && flags.intersects(rhai::ASTFlags::NEGATED) {
            return self.wrong(Code::Function, left, say("function-question-dot"), say("function-question-dot-help"));
        }
        if let (Expr::FnCall(call, _), Expr::Property(property, at)) = (left, right)
            && let ("stage", [Expr::StringConstant(name, name_at)]) = (call.name.as_str(), call.args.as_slice())
        {
            return self.stage_time(name, *name_at, &property.2, *at).map(Lowered::Typed);
        }
        let base = self.lower(left)?;
        self.member(base, right)
    }

    fn member(&mut self, base: Lowered, right: &Expr) -> Outcome<Lowered> {
        match right {
            Expr::Property(property, at) => self.property(base, &property.2, *at),
            Expr::Dot(pair, _, _) => {
                let inner = self.member(base, &pair.lhs)?;
                self.member(inner, &pair.rhs)
            }
            Expr::MethodCall(call, at) => match base {
                Lowered::Typed(receiver) => self.method(receiver, call, *at),
                Lowered::Section(..) => self.wrong(Code::Function, *at, say("function-record-method"), None),
            },
            _ => self.unsupported(right),
        }
    }

    fn property(&mut self, base: Lowered, name: &str, at: Position) -> Outcome<Lowered> {
        let Lowered::Section(base, section) = base else {
            return self.wrong(Code::Field, at, say("field-of-value").with("field", name), None);
        };
        if section.is_empty() {
            let envelope = match name {
                "kind" => Some((Part::Kind, Ty::Kind)),
                "source" => Some((Part::Source, Ty::Text)),
                "id" => Some((Part::Id, Ty::Text)),
                "occurred_at" => Some((Part::OccurredAt, Ty::Time)),
                _ => None,
            };
            if let Some((part, ty)) = envelope {
                return Some(Lowered::Typed(read(&base, part, ty)));
            }
        }
        let path = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
        if let Some(field) = self.words.schema.field_id(&path) {
            self.check_protected(field, at)?;
            let ty = self.words.schema.field(field).map_or(Ty::Any, |known| Ty::of_field(known.ty));
            return Some(Lowered::Typed(read(&base, Part::Field(field), ty)));
        }
        let is_subject = section.is_empty() && SubjectKind::from_word(name).is_some();
        if self.words.schema.is_section(&path) || is_subject {
            return Some(Lowered::Section(base, path));
        }
        let help = self.nearest_field(&path, &section);
        self.wrong(Code::Field, at, unknown_field(&path), help)
    }

    fn nearest_field(&self, path: &str, section: &str) -> Text {
        let fields = self.words.schema.fields();
        let siblings: Vec<&str> = fields
            .iter()
            .filter_map(|field| field.path.rsplit_once('.').filter(|(s, _)| *s == section).map(|(_, name)| name))
            .collect();
        did_you_mean(path, fields.iter().map(|field| field.path.as_str())).unwrap_or_else(|| {
            if siblings.is_empty() {
                say("field-table")
            } else {
                say("field-siblings").with("section", section).with("known", siblings.join(", "))
            }
        })
    }

    /// Refuses a field that no condition may read.
    pub fn check_protected(&mut self, field: FieldId, at: Position) -> Outcome<()> {
        let known = self.words.schema.field(field)?;
        if !known.protected || self.purpose == Purpose::Message {
            return Some(());
        }
        let message = say("protected-field").with("field", known.path.as_str());
        let diagnostic = self.script.error(Code::Protected, at, message);
        self.note(diagnostic.label(say("protected-label")).help(say("protected-help")));
        None
    }

    fn call(&mut self, call: &FnCallExpr, at: Position) -> Outcome<Lowered> {
        let name = call.name.as_str();
        match (name, call.args.as_slice()) {
            ("!", [inner]) => self.condition(inner).map(|node| bool_node(Node::Not(Box::new(node)))),
            ("-", [inner]) if call.op_token.is_some() => self.negate(inner).map(Lowered::Typed),
            ("contains", [list @ Expr::Array(..), value]) => self.membership(value, list).map(bool_node),
            ("!contains", [list @ Expr::Array(..), value]) => {
                self.membership(value, list).map(|node| bool_node(Node::Not(Box::new(node))))
            }
            (_, [left, right]) if call.op_token.is_some() => {
                if let Some(comparison) = Comparison::from_word(name) {
                    return self.compare(comparison, left, right, at).map(bool_node);
                }
                match Arithmetic::from_word(name) {
                    Some(operator) => self.arithmetic(operator, left, right, at).map(Lowered::Typed),
                    None => self.wrong(Code::Function, at, say("function-operator").with("name", name), None),
                }
            }
            _ if self.script.helpers.contains_key(&(name.to_owned(), call.args.len())) => self.helper(call, at),
            _ => self.host_call(call, at),
        }
    }

    /// Takes the room that a part of a helper needs.
    fn inline(&mut self, part: &Lowered, at: Position) -> Outcome<()> {
        let mut parts = 1;
        if let Lowered::Typed(typed) = part {
            typed.node.walk(&mut |_| parts += 1);
        }
        // one message: every further call would say the same
        self.room = self.room?.checked_sub(parts);
        if self.room.is_some() {
            return Some(());
        }
        self.wrong(Code::Helper, at, say("helper-parts").with("most", MAX_INLINED), say("helper-parts-help"))
    }

    fn helper(&mut self, call: &FnCallExpr, at: Position) -> Outcome<Lowered> {
        let key = (call.name.to_string(), call.args.len());
        let script = self.script;
        let Some(helper) = script.helpers.get(&key) else { return self.unsupported(&Expr::Unit(at)) };
        let Some(body) = &helper.expression else { return self.script_call(call).map(Lowered::Typed) };
        // before the helper is entered: `f(f(x))` is no recursion
        let arguments: Vec<Option<Lowered>> = call.args.iter().map(|argument| self.lower(argument)).collect();
        let arguments = arguments.into_iter().collect::<Option<Vec<Lowered>>>()?;
        if !self.inlined.insert(key.clone()) {
            let message = say("helper-recursion").with("name", call.name.as_str());
            return self.wrong(Code::Helper, at, message, say("helper-recursion-help"));
        }
        if self.room.is_none() {
            self.inlined.remove(&key);
            return None;
        }
        let span = script.call_span(at);
        self.calls.push((span.start, span.end));
        self.params.push(helper.params.iter().cloned().zip(arguments).collect());
        let lowered = self.lower(body);
        self.params.pop();
        self.calls.pop();
        self.inlined.remove(&key);
        lowered
    }

    fn script_call(&mut self, call: &FnCallExpr) -> Outcome<Typed> {
        let mut arguments = Vec::new();
        for argument in &call.args {
            let typed = self.typed(argument)?;
            if typed.ty == Ty::Key {
                return self.wrong_key(argument);
            }
            arguments.push(typed);
        }
        let optional = arguments.iter().any(|typed| typed.optional);
        let nodes = arguments.into_iter().map(|typed| typed.node).collect();
        Some(Typed { node: Node::Script(Arc::from(call.name.as_str()), nodes), ty: Ty::Any, optional })
    }

    /// The kind that a literal names.
    pub fn kind(&mut self, expr: &Expr) -> Outcome<KindId> {
        let Expr::StringConstant(name, at) = expr else {
            return self.wrong(Code::Type, expr, say("type-kind-literal"), say("type-kind-literal-help"));
        };
        match self.words.schema.kind_id(name) {
            Some(kind) => Some(kind),
            None => {
                let help = did_you_mean(name, self.words.schema.kinds().iter().map(|kind| kind.name.as_ref()));
                let message = say("unknown").with("thing", say("thing-kind")).with("word", name.as_str());
                self.wrong(Code::Field, *at, message, help)
            }
        }
    }
}

/// That the schema has no such field.
pub fn unknown_field(path: &str) -> Text {
    say("unknown").with("thing", say("thing-field")).with("word", path)
}

/// A condition as a lowered value.
pub fn bool_node(node: Node) -> Lowered {
    Lowered::Typed(Typed { node, ty: Ty::Bool, optional: false })
}

fn read(base: &Base, part: Part, ty: Ty) -> Typed {
    match base {
        Base::Trigger => Typed { node: Node::Trigger(part), ty, optional: matches!(part, Part::Field(_)) },
        Base::Picked(pick, query) => Typed { node: Node::Picked(*pick, query.clone(), part), ty, optional: true },
    }
}
