//! Operators: which types they take, and the words that a field can never hold.

use rhai::{Expr, Position};

use crate::record::value::Value;

use super::diagnostic::{Code, did_you_mean};
use super::expr::{Arithmetic, Comparison, Node};
use super::lower::{Lowerer, Outcome};
use super::typing::{Ty, Typed};

impl Lowerer<'_> {
    pub(super) fn negate(&mut self, inner: &Expr) -> Outcome<Typed> {
        let typed = self.of_type(inner, &[Ty::Int, Ty::Number, Ty::Span], "`-`")?;
        Some(Typed { node: Node::Negate(Box::new(typed.node)), ..typed })
    }

    pub(super) fn membership(&mut self, value: &Expr, list: &Expr) -> Outcome<Node> {
        let Expr::Array(items, _) = list else { return self.unsupported(list) };
        let value_typed = self.typed(value)?;
        let mut nodes = Vec::new();
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
            return self.wrong(Code::Type, at, "true and false have no order", Some("use `==` or `!=`".to_owned()));
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
                (Ty::Time, Ty::Text) | (Ty::Text, Ty::Time) => {
                    Some("write the time as `time(\"2024-11-24T00:00:00+07:00\")`".to_owned())
                }
                (Ty::Span, Ty::Int) | (Ty::Int, Ty::Span) => {
                    Some("write the number as `hours(n)` or `days(n)`".to_owned())
                }
                _ => Some("both sides of a comparison are of one type".to_owned()),
            };
            let message = format!("{} cannot be compared with {}", left.ty.words(), right.ty.words());
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
        let help =
            did_you_mean(word, known.iter().copied()).unwrap_or_else(|| format!("it is one of {}", known.join(", ")));
        self.wrong(code, at, format!("it is never `{word}`"), Some(help))
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
            let message = format!("{} and {} do not go together here", left.ty.words(), right.ty.words());
            let help = match (left.ty, right.ty) {
                (Ty::Time, Ty::Int) => {
                    Some("write the number as `hours(n)`, `days(n)` or `working_days(n)`".to_owned())
                }
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
