//! Helpers with statements, run by rhai under limits, on plain values only.

use std::cell::Cell;
use std::sync::LazyLock;
use std::time::Duration;

use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Position, Scope as Variables};

use crate::clock::Effort;
use crate::pack::DISABLED_SYMBOLS;
use crate::record::value::Value;

use super::eval::Fault;

/// Steps of the interpreter in one call: hundreds of loop turns, far below a millisecond of real rules.
pub(super) const MAX_OPERATIONS: u64 = 20_000;
/// Calls within calls: a helper calls a helper that calls a third; recursion is no way to count.
const MAX_CALLS_DEEP: usize = 16;
/// Nesting of an expression at the top of a script, and in a helper: as the parser allows them.
const MAX_DEPTHS: (usize, usize) = (64, 32);
/// Variables in scope at once.
const MAX_VARIABLES: usize = 64;
/// Helpers of one rule.
const MAX_FUNCTIONS: usize = 64;
/// The longest text, in bytes, and the most elements of an array or a map. Operations count each alike: with these, the
/// dearest 20,000 of them take less than the time below, so that it is not the machine's load that decides.
const MAX_TEXT_BYTES: usize = 4_096;
const MAX_ELEMENTS: usize = 256;
/// Processor time for one call, where a function of rhai's own takes longer than was thought.
const MAX_TIME: Duration = Duration::from_millis(50);
/// How often the time is looked at, in operations.
const TIME_CHECK_EVERY: u64 = 64;

static ENGINE: LazyLock<Engine> = LazyLock::new(engine);

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_max_operations(MAX_OPERATIONS);
    engine.set_max_call_levels(MAX_CALLS_DEEP);
    engine.set_max_expr_depths(MAX_DEPTHS.0, MAX_DEPTHS.1);
    engine.set_max_variables(MAX_VARIABLES);
    engine.set_max_functions(MAX_FUNCTIONS);
    engine.set_max_modules(0);
    engine.set_max_string_size(MAX_TEXT_BYTES);
    engine.set_max_array_size(MAX_ELEMENTS);
    engine.set_max_map_size(MAX_ELEMENTS);
    for symbol in DISABLED_SYMBOLS {
        engine.disable_symbol(symbol);
    }
    engine.register_fn("sleep", |_: i64| refuse("sleep"));
    engine.register_fn("timestamp", || refuse("timestamp"));
    engine.on_progress(|operations| {
        let late = operations % TIME_CHECK_EVERY == 0 && STARTED.with(|started| started.get().spent() > MAX_TIME);
        late.then(|| Dynamic::from("took too long"))
    });
    engine
}

thread_local! {
    static STARTED: Cell<Effort> = Cell::new(Effort::start());
}

fn refuse(name: &str) -> Result<Dynamic, Box<EvalAltResult>> {
    Err(Box::new(EvalAltResult::ErrorFunctionNotFound(name.to_owned(), Position::NONE)))
}

/// Calls a helper. A panic inside is caught and becomes a fault.
pub fn call(functions: &AST, name: &str, arguments: &[Value]) -> Result<Value, Fault> {
    let arguments: Vec<Dynamic> = arguments.iter().map(dynamic).collect();
    STARTED.with(|started| started.set(Effort::start()));
    let run = || {
        let options = CallFnOptions::new().eval_ast(false);
        ENGINE.call_fn_with_options::<Dynamic>(options, &mut Variables::new(), functions, name, arguments)
    };
    let fault = |reason: String| Fault::Helper(Box::new((name.to_owned(), reason)));
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        Ok(Ok(result)) => plain(result).ok_or(Fault::WrongType),
        Ok(Err(error)) => Err(fault(reason(&error))),
        Err(_) => Err(fault("panicked".to_owned())),
    }
}

/// What went wrong, without the values that it went wrong with.
fn reason(error: &EvalAltResult) -> String {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => reason(inner),
        EvalAltResult::ErrorTooManyOperations(_) => "too many steps".to_owned(),
        EvalAltResult::ErrorTerminated(..) => "took too long".to_owned(),
        EvalAltResult::ErrorStackOverflow(_) => "too many calls within calls".to_owned(),
        EvalAltResult::ErrorDataTooLarge(what, _) => format!("{what} too large"),
        EvalAltResult::ErrorArithmetic(..) => "arithmetic overflow or division by zero".to_owned(),
        EvalAltResult::ErrorFunctionNotFound(..) => "calls a function that does not exist for these types".to_owned(),
        EvalAltResult::ErrorMismatchDataType(..) => "met a value of the wrong type".to_owned(),
        EvalAltResult::ErrorVariableNotFound(name, _) => format!("reads `{name}`, which does not exist"),
        _ => "failed".to_owned(),
    }
}

fn dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Missing => Dynamic::UNIT,
        Value::Bool(value) => Dynamic::from(*value),
        Value::Int(value) | Value::WorkingDays(value) => Dynamic::from(*value),
        Value::Number(value) => Dynamic::from(*value),
        Value::Text(value) => Dynamic::from(value.to_string()),
        Value::Time(value) => Dynamic::from(value.timestamp()),
        Value::Span(value) => Dynamic::from(value.num_seconds()),
    }
}

fn plain(result: Dynamic) -> Option<Value> {
    if result.is_unit() {
        return Some(Value::Missing);
    }
    if let Ok(value) = result.as_bool() {
        return Some(Value::Bool(value));
    }
    if let Ok(value) = result.as_int() {
        return Some(Value::Int(value));
    }
    if let Ok(value) = result.as_float() {
        return Some(Value::Number(value));
    }
    result.into_immutable_string().ok().map(|text| Value::text(&text))
}
