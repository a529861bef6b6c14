//! Operators: which types they take, and the words that a field can never hold.

use rhai::{Expr, Position};

use crate::record::value::Value;
use crate::words::say;

use super::diagnostic::{Code, meant_or_all};
use super::expr::{Arithmetic, Comparison, Node};
use super::lower::{Lowerer, Outcome};
use super::typing::{Ty, Typed};

impl Lowerer<'_> {
    pub(super) fn negate(&mut self, inner: &Expr) -> Outcome<Typed> {
        let typed = self.of_type(inner, &[Ty::Int, Ty::Number, Ty::Span], say("role-minus"))?;
        Some(Typed { node: Node::Negate(Box::new(typed.node)), ..typed })
    }

    pub(super) fn membership(&mut self, value: &Expr, list: &Expr) -> Outcome<Node> {
        let Expr::Array(items, _) = list else { return self.unsupported(list) };
        let value_typed = self.typed(value)?;
        let mut nodes = Vec::with_capacity(items.len());
        for item in items {
            let item_typed = self.typed(item)?;
            self.check_comparable((&value_typed, value), (&item_typed, item), item)?;
            nodes.push(item_typed.node);
        }
        Some(Node::In(Box::new(value_typed.node), nodes))
    }

    pub(super) fn compare(&mut self, comparison: Comparison, left: &Expr, right: &Expr, at: Position) -> Outcome<Node> {
        let left_typed = self.typed(left);
        let right_typed = self.typed(right);
        let (left_typed, right_typed) = (left_typed?, right_typed?);
        let literal_at = if matches!(left, Expr::StringConstant(..)) { left } else { right };
        self.check_comparable((&left_typed, left), (&right_typed, right), literal_at)?;
        if left_typed.ty == Ty::Bool && !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            return self.wrong(Code::Type, at, say("type-bool-order"), say("type-bool-order-help"));
        }
        Some(Node::Compare(comparison, Box::new(left_typed.node), Box::new(right_typed.node)))
    }

    pub(super) fn check_comparable(&mut self, left: (&Typed, &Expr), right: (&Typed, &Expr), at: &Expr) -> Outcome<()> {
        if let Some((_, key)) = [left, right].into_iter().find(|(typed, _)| typed.ty == Ty::Key) {
            return self.wrong_key(key);
        }
        let (left, right) = (left.0, right.0);
        if !left.ty.compares_with(right.ty) {
            let help = match (left.ty, right.ty) {
                (Ty::Time, Ty::Text) | (Ty::Text, Ty::Time) => say("type-time-literal-help"),
                (Ty::Span, Ty::Int) | (Ty::Int, Ty::Span) => say("type-span-help"),
                _ => say("type-compare-help"),
            };
            let message = say("type-compare").with("left", left.ty.words()).with("right", right.ty.words());
            return self.wrong(Code::Type, at, message, help);
        }
        self.check_word(left, right, at)?;
        self.check_word(right, left, at)
    }

    pub(super) fn check_word(&mut self, typed: &Typed, literal: &Typed, at: &Expr) -> Outcome<()> {
        let Node::Constant(Value::Text(word)) = &literal.node else { return Some(()) };
        let (known, code): (Vec<&str>, Code) = match typed.ty {
            Ty::Choice(words) => (words.to_vec(), Code::Type),
            Ty::Phase => (self.words.timeline.phases.iter().map(|phase| phase.id.as_ref()).collect(), Code::Name),
            Ty::Kind => (self.words.schema.kinds().iter().map(|kind| kind.name.as_ref()).collect(), Code::Field),
            _ => return Some(()),
        };
        if known.contains(&word.as_ref()) {
            return Some(());
        }
        self.wrong(code, at, say("type-never").with("word", &**word), meant_or_all(word, known))
    }

    pub(super) fn arithmetic(
        &mut self,
        operator: Arithmetic,
        left: &Expr,
        right: &Expr,
        at: Position,
    ) -> Outcome<Typed> {
        let left = self.typed(left);
        let right = self.typed(right);
        let (left, right) = (left?, right?);
        let Some(ty) = arithmetic_type(operator, left.ty, right.ty) else {
            let message = say("type-arithmetic").with("left", left.ty.words()).with("right", right.ty.words());
            let help = match (left.ty, right.ty) {
                (Ty::Time, Ty::Int) => Some(say("type-arithmetic-help")),
                _ => None,
            };
            return self.wrong(Code::Type, at, message, help);
        };
        let optional = left.optional || right.optional;
        Some(Typed { node: Node::Arithmetic(operator, Box::new(left.node), Box::new(right.node)), ty, optional })
    }
}

fn arithmetic_type(operator: Arithmetic, left: Ty, right: Ty) -> Option<Ty> {
    use Arithmetic::{Add, Divide, Multiply, Subtract};
    Some(match (left, operator, right) {
        (Ty::Int, _, Ty::Int) => Ty::Int,
        (Ty::Any, _, _) | (_, _, Ty::Any) => Ty::Any,
        (Ty::Int | Ty::Number, _, Ty::Int | Ty::Number) => Ty::Number,
        (Ty::Time, Subtract, Ty::Time) | (Ty::Span, Add | Subtract, Ty::Span) => Ty::Span,
        (Ty::Time, Add | Subtract, Ty::Span | Ty::WorkingDays) | (Ty::Span, Add, Ty::Time) => Ty::Time,
        (Ty::Span, Multiply | Divide, Ty::Int) | (Ty::Int, Multiply, Ty::Span) => Ty::Span,
        _ => return None,
    })
}
