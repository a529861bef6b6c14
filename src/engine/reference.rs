//! The yardstick: rules' conditions interpreted by rhai itself, as naively as possible; for tests and benchmarks only.
//!
//! The rule file's own text is compiled by rhai, and each conjunct of `when` is evaluated by rhai over the record as a
//! map. Operators, short circuits, helpers and texts are rhai's. What rhai does not have is added here without looking
//! at `eval` and `lookup`: missing fields, times and spans as types of their own, and the host functions as loops over
//! all records of the dossier. Where the two disagree, one of them is wrong.
//!
//! On three points the language's definition goes before rhai: the conjuncts of `when` have no order (false where one
//! is false, else a failure where one failed); an inlined helper's argument is evaluated where the helper uses it, so
//! one that fails and is not used does not fail here alone; a helper with statements gets plain values only.

mod dossier;
mod host;
mod map;
mod operators;
mod told;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use rhai::packages::{Package, StandardPackage};
use rhai::{AST, Dynamic, Engine, EvalAltResult, Expr, Module, OptimizationLevel, Scope, Shared, Stmt};

use crate::entry::Position;
use crate::pack::DISABLED_SYMBOLS;
use crate::pack::Pack;
use crate::pack::conjunct::parts;
use crate::pack::files::Files;
use crate::pack::rule::Rule;
use crate::pack::script::{self, Script};
use crate::pack::thresholds::Thresholds;
use crate::record::Record;
use crate::record::schema::core;
use crate::timeline::{PhaseId, Place};

use super::interpreter::MAX_OPERATIONS;
use operators::{Missing, Span, Time, WorkingDays};
use told::Telling;

pub use told::{Seen, Told};

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// What a conjunct came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Whether it holds, or why that cannot be told.
    pub holds: Result<bool, String>,
    /// The value and the bound, where it compares two.
    pub seen: Option<Seen>,
}

/// The rules of a pack, interpreted one at a time.
pub struct Reference {
    rules: HashMap<Arc<str>, Interpreted>,
}

/// A trigger and all that is known of its subject.
pub struct View {
    sight: Arc<Sight>,
    scope: Scope<'static>,
}

/// What does not depend on the rule.
pub(super) struct Sight {
    pack: Arc<Pack>,
    thresholds: Arc<Thresholds>,
    records: Arc<Vec<Arc<Record>>>,
    trigger: Arc<Record>,
    as_of: Position,
}

/// A view as one rule has it.
pub(super) struct Seat {
    sight: Arc<Sight>,
    rule: Arc<Rule>,
    kabupaten: Option<Arc<str>>,
    phase: PhaseId,
}

/// Where host functions find the view that is being judged.
type Stage = Arc<RwLock<Option<Seat>>>;

/// rhai with the host functions, and where these look.
#[derive(Clone)]
struct Interpreter {
    engine: Arc<Engine>,
    stage: Stage,
}

impl Interpreter {
    /// With the helpers of a rule that have statements.
    fn new(script: Option<&Script<'_>>) -> Self {
        let stage = Stage::default();
        let mut engine = expression_engine();
        host::register(&mut engine, &stage);
        if let Some(script) = script {
            register_helpers(&mut engine, script);
        }
        Interpreter { engine: Arc::new(engine), stage }
    }
}

struct Interpreted {
    interpreter: Interpreter,
    rule: Arc<Rule>,
    area: Option<AST>,
    values: Vec<(String, AST)>,
    conjuncts: Vec<AST>,
    telling: Telling,
}

impl View {
    /// A trigger among the records of its subject, in any order, itself included; thresholds count up to `as_of`.
    pub fn new(
        pack: &Arc<Pack>,
        thresholds: &Arc<Thresholds>,
        records: &Arc<Vec<Arc<Record>>>,
        trigger: &Arc<Record>,
        as_of: Position,
    ) -> Self {
        let mut scope = Scope::new();
        scope.push_constant_dynamic("record", map::record_map(&pack.schema, Some(trigger)).into());
        let sight = Sight {
            pack: pack.clone(),
            thresholds: thresholds.clone(),
            records: records.clone(),
            trigger: trigger.clone(),
            as_of,
        };
        View { sight: Arc::new(sight), scope }
    }
}

impl Reference {
    /// Compiles the rules of a pack from its files.
    pub fn new(pack: &Pack, files: &Files) -> Self {
        // rules without helpers of their own share one
        let plain = Interpreter::new(None);
        let compiled = pack.rules.iter().filter_map(|rule| {
            let script = script::parse(&rule.file, files.text(&rule.file)?, &mut Vec::new())?;
            let interpreter = match script.helpers.values().any(|helper| helper.expression.is_none()) {
                true => Interpreter::new(Some(&script)),
                false => plain.clone(),
            };
            Some((rule.id.clone(), Interpreted::new(rule.clone(), &script, interpreter)))
        });
        Reference { rules: compiled.collect() }
    }

    /// Whether a rule holds at a trigger: true, false, or why it cannot be told.
    ///
    /// # Errors
    /// A conjunct failed and none is false, or the pack has no such rule.
    pub fn holds(&self, rule: &str, view: &mut View) -> Result<bool, String> {
        let interpreted = self.rules.get(rule).ok_or_else(|| format!("no rule `{rule}`"))?;
        interpreted.holds(view).map_err(|error| error.to_string())
    }

    /// Each conjunct of a rule at a trigger, without a short cut: whether it holds, and what it compared. Nothing where
    /// the rule does not judge.
    ///
    /// # Errors
    /// Where it belongs to cannot be told, or the pack has no such rule.
    pub fn asked(&self, rule: &str, view: &mut View) -> Result<Option<Vec<Answered>>, String> {
        let interpreted = self.rules.get(rule).ok_or_else(|| format!("no rule `{rule}`"))?;
        if !interpreted.enter(view).map_err(|error| error.to_string())? {
            return Ok(None);
        }
        let mut answered = Vec::with_capacity(interpreted.conjuncts.len());
        for (index, conjunct) in interpreted.conjuncts.iter().enumerate() {
            let holds = interpreted.conjunct_holds(conjunct, view).map_err(|error| error.to_string());
            let seen = holds.is_ok().then(|| interpreted.compared(index, view)).flatten();
            answered.push(Answered { holds, seen });
        }
        Ok(Some(answered))
    }

    /// What people are told of a rule at a trigger, where it holds; else nothing, or why it cannot be told.
    ///
    /// # Errors
    /// As [`Reference::holds`], and where a message fails.
    pub fn told(&self, rule: &str, view: &mut View) -> Result<Option<Told>, String> {
        let interpreted = self.rules.get(rule).ok_or_else(|| format!("no rule `{rule}`"))?;
        let told = match interpreted.holds(view) {
            Ok(holds) => holds.then(|| interpreted.tell(view)).transpose(),
            Err(error) => Err(error),
        };
        told.map_err(|error| error.to_string())
    }
}

impl Interpreted {
    fn new(rule: Arc<Rule>, script: &Script, interpreter: Interpreter) -> Self {
        let inlined = expression_helpers(script);
        let ast = |expr: &Expr| AST::new([Stmt::Expr(Box::new(expr.clone()))], inlined.shared_lib().clone());
        let key = |name: &str| script.key(name).map(|key| key.value.as_ref());
        let values = match key("values") {
            Some(Expr::Map(map, _)) => map.0.iter().map(|(name, expr)| (name.name.to_string(), ast(expr))).collect(),
            _ => Vec::new(),
        };
        let conjuncts = key("when").map(parts).unwrap_or_default().into_iter().map(&ast).collect();
        let area = key("area").map(ast);
        let telling = Telling::new(script, &inlined);
        Interpreted { interpreter, rule, area, values, conjuncts, telling }
    }

    fn holds(&self, view: &mut View) -> Outcome<bool> {
        if !self.enter(view)? {
            return Ok(false);
        }
        let mut failed = None;
        for conjunct in &self.conjuncts {
            match self.conjunct_holds(conjunct, view) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(true), Err)
    }

    fn conjunct_holds(&self, conjunct: &AST, view: &mut View) -> Outcome<bool> {
        self.interpreter.engine.eval_ast_with_scope::<Dynamic>(&mut view.scope, conjunct).and_then(truth)
    }

    /// Sits down before a view with the rule's values known; whether the rule judges there at all.
    fn enter(&self, view: &mut View) -> Outcome<bool> {
        let View { sight, scope } = view;
        scope.rewind(1);
        let kabupaten = self.kabupaten(sight, scope)?;
        if kabupaten.as_deref().is_some_and(|code| !sight.pack.area.iter().any(|area| area == code)) {
            return Ok(false);
        }
        if !self.rule.is_active_in(self.sit(sight, kabupaten)) {
            return Ok(false);
        }
        for (name, value) in &self.values {
            // one that fails stays unknown, so that whatever reads it fails too
            if let Ok(value) = self.interpreter.engine.eval_ast_with_scope::<Dynamic>(scope, value) {
                scope.push_constant_dynamic(name.clone(), value);
            }
        }
        Ok(true)
    }

    fn kabupaten(&self, sight: &Arc<Sight>, scope: &mut Scope<'static>) -> Outcome<Option<Arc<str>>> {
        let own = sight.trigger.value(core::KABUPATEN).as_text().map(Arc::from);
        let Some(area) = &self.area else { return Ok(own) };
        self.sit(sight, own);
        let value: Dynamic = self.interpreter.engine.eval_ast_with_scope(scope, area)?;
        Ok(value.into_immutable_string().ok().map(|text| Arc::from(text.as_str())))
    }

    /// Puts a view before the host functions; the phase that holds there.
    fn sit(&self, sight: &Arc<Sight>, kabupaten: Option<Arc<str>>) -> PhaseId {
        let phase =
            sight.pack.timeline.phase_at(place(&sight.trigger, kabupaten.as_deref()), sight.trigger.occurred_at);
        let seat = Seat { sight: sight.clone(), rule: self.rule.clone(), kabupaten, phase };
        if let Ok(mut stage) = self.interpreter.stage.write() {
            *stage = Some(seat);
        }
        phase
    }
}

fn place<'a>(record: &'a Record, kabupaten: Option<&'a str>) -> Place<'a> {
    let text = |field| record.value(field).as_text();
    Place {
        kabupaten: kabupaten.or_else(|| text(core::KABUPATEN)),
        kecamatan: text(core::KECAMATAN),
        tps: text(core::TPS),
    }
}

/// What a conjunct yielded; a helper's missing value does not hold.
fn truth(value: Dynamic) -> Outcome<bool> {
    if value.is::<Missing>() {
        return Ok(false);
    }
    value.as_bool().map_err(|other| format!("a condition yielded {other}").into())
}

/// rhai's own functions, shared by all interpreters.
static STANDARD: LazyLock<Shared<Module>> = LazyLock::new(|| StandardPackage::new().as_shared_module());

fn expression_engine() -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(STANDARD.clone());
    engine.set_optimization_level(OptimizationLevel::None);
    // the defaults of debug builds are lower than what rules may nest
    engine.set_max_expr_depths(0, 0);
    engine.set_max_call_levels(64);
    operators::register(&mut engine);
    engine
}

/// The helpers that are one expression: rhai calls them with whatever they are given.
fn expression_helpers(script: &Script) -> AST {
    let mut functions = script.functions.as_ref().clone();
    functions.retain_functions(|_, _, name, arity| {
        script.helpers.get(&(name.to_owned(), arity)).is_some_and(|helper| helper.expression.is_some())
    });
    functions
}

/// The helpers with statements: rhai calls them with plain values, under the limit that rules have.
fn register_helpers(engine: &mut Engine, script: &Script) {
    for ((name, arity), _) in script.helpers.iter().filter(|(_, helper)| helper.expression.is_none()) {
        let (functions, called) = (script.functions.clone(), name.clone());
        let types = vec![std::any::TypeId::of::<Dynamic>(); *arity];
        engine.register_raw_fn(name, types, move |_, args| {
            if args.iter().any(|argument| argument.is::<Missing>()) {
                return Ok(Dynamic::from(Missing));
            }
            let plain: Vec<Dynamic> = args.iter().map(|argument| plain(argument)).collect();
            let yielded: Dynamic = HELPERS.call_fn(&mut Scope::new(), &functions, &called, plain)?;
            Ok(if yielded.is_unit() { Dynamic::from(Missing) } else { yielded })
        });
    }
}

static HELPERS: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new();
    engine.set_max_operations(MAX_OPERATIONS);
    engine.set_max_expr_depths(64, 32);
    engine.set_max_call_levels(16);
    for symbol in DISABLED_SYMBOLS {
        engine.disable_symbol(symbol);
    }
    engine
});

/// A value as a helper with statements sees it: times and spans in seconds.
fn plain(value: &Dynamic) -> Dynamic {
    if let Some(time) = value.clone().try_cast::<Time>() {
        return Dynamic::from(time.0.timestamp());
    }
    if let Some(span) = value.clone().try_cast::<Span>() {
        return Dynamic::from(span.0.num_seconds());
    }
    match value.clone().try_cast::<WorkingDays>() {
        Some(days) => Dynamic::from(days.0),
        None => value.clone(),
    }
}
