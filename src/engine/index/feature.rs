//! What of a record the index tells rules apart by, and what each conjunct asks of it.

use std::collections::BTreeSet;

use crate::pack::expr::{Comparison, Node, Part, TextTest};
use crate::pack::lists::List;
use crate::pack::rule::Rule;
use crate::pack::thresholds::Thresholds;
use crate::record::schema::FieldId;
use crate::record::value::{Value, nanoseconds};

use super::axis::{Axis, Holds, MISSING, Point, after_prefix};
use super::classes::Classes;

/// The keys of a list that the index takes in; a longer one is asked at each judgement.
const MAX_LIST_KEYS: usize = 10_000;

/// Something of a record, or of when and where it happened, that conditions ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// A field.
    Field(FieldId),
    /// A field's text, in order.
    Ordered(FieldId),
    /// The kind of record.
    Kind,
    /// Who sent it.
    Source,
    /// When it happened.
    OccurredAt,
    /// The phase when and where it happened.
    Phase,
    /// Days from then to the next voting day there.
    DaysToVoting,
    /// Whether people voted then and there.
    IsVotingDay,
}

/// What conditions are read with.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The rule, for its values.
    pub rule: &'a Rule,
    /// Tunable numbers with what was set over them.
    pub thresholds: &'a Thresholds,
    /// Reference lists.
    pub lists: &'a [List],
    /// The words of the phases, by place.
    pub phases: &'a [&'a str],
}

impl Reader<'_> {
    /// The one feature that a condition asks about; `None` where there are more, none, or things that no index holds.
    pub fn feature(&self, node: &Node) -> Option<Feature> {
        let mut found = BTreeSet::new();
        let mut orders = false;
        self.gather(node, &mut found, &mut orders)?;
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(Feature::Field(field)), None) if orders => Some(Feature::Ordered(field)),
            (only, None) => only,
            _ => None,
        }
    }

    fn gather(&self, node: &Node, found: &mut BTreeSet<Feature>, orders: &mut bool) -> Option<()> {
        match node {
            Node::Constant(Value::Bool(_)) => {}
            Node::Has(inner) | Node::Not(inner) | Node::Listed(_, inner) => self.gather(inner, found, orders)?,
            Node::And(nodes) | Node::Or(nodes) => {
                nodes.iter().try_for_each(|node| self.gather(node, found, orders))?;
            }
            Node::Compare(comparison, left, right) => {
                let (atom, bound, _) = self.sides(*comparison, left, right)?;
                found.insert(atom);
                let is_order = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                *orders |= is_order && matches!(bound.0, Point::Text(_));
            }
            Node::In(value, choices) => {
                found.insert(self.atom(value)?);
                choices.iter().try_for_each(|choice| self.bound(choice).map(drop))?;
            }
            Node::Text(TextTest::StartsWith, text, prefix) => {
                found.insert(self.atom(text)?);
                matches!(self.bound(prefix)?.0, Point::Text(_)).then_some(())?;
                *orders = true;
            }
            Node::Value(index) => self.gather(&self.rule.values.get(*index)?.1, found, orders)?,
            other => {
                found.insert(self.atom(other)?);
            }
        }
        Some(())
    }

    fn atom(&self, node: &Node) -> Option<Feature> {
        Some(match node {
            Node::Trigger(Part::Field(field)) => Feature::Field(*field),
            Node::Trigger(Part::Source) => Feature::Source,
            Node::Trigger(Part::OccurredAt) => Feature::OccurredAt,
            // at a trigger both are as of when it happened
            Node::Phase | Node::PhaseNow => Feature::Phase,
            Node::DaysToVoting => Feature::DaysToVoting,
            Node::IsVotingDay => Feature::IsVotingDay,
            Node::Value(index) => return self.atom(&self.rule.values.get(*index)?.1),
            _ => return None,
        })
    }

    /// What a feature is held against: a constant, or the least and greatest value that a threshold can have.
    fn bound(&self, node: &Node) -> Option<(Point, Point)> {
        let point = match node {
            Node::Constant(Value::Bool(yes)) => Point::Flag(*yes),
            Node::Constant(Value::Int(n)) => Point::Whole(*n),
            Node::Constant(Value::Number(n)) => Point::Decimal(*n),
            Node::Constant(Value::Text(text)) => Point::Text(text.as_ref().into()),
            Node::Constant(Value::Time(time)) => Point::Whole(nanoseconds(*time)),
            Node::Value(index) => return self.bound(&self.rule.values.get(*index)?.1),
            Node::Threshold(id) => {
                let whole = self.thresholds.get(*id)?.whole;
                let (low, high) = self.thresholds.range(*id)?;
                #[expect(clippy::cast_possible_truncation, reason = "whole thresholds lie within their min and max")]
                let point = |n: f64| if whole { Point::Whole(n as i64) } else { Point::Decimal(n) };
                return Some((point(low), point(high)));
            }
            _ => return None,
        };
        Some((point.clone(), point))
    }

    /// The feature, its bound, and the comparison with the feature on its left.
    fn sides(
        &self,
        comparison: Comparison,
        left: &Node,
        right: &Node,
    ) -> Option<(Feature, (Point, Point), Comparison)> {
        if let Some(atom) = self.atom(left) {
            return Some((atom, self.bound(right)?, comparison));
        }
        Some((self.atom(right)?, self.bound(left)?, comparison.turned()))
    }

    /// The constants that a condition holds its feature against.
    pub fn points(&self, node: &Node) -> Vec<Point> {
        let mut points = Vec::new();
        self.note(node, &mut points);
        points
    }

    fn note(&self, node: &Node, points: &mut Vec<Point>) {
        match node {
            Node::Has(inner) | Node::Not(inner) => self.note(inner, points),
            Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| self.note(node, points)),
            Node::Compare(comparison, left, right) => {
                if let Some((_, (low, high), _)) = self.sides(*comparison, left, right) {
                    points.extend([low, high]);
                }
            }
            Node::In(_, choices) => points.extend(choices.iter().filter_map(|choice| self.bound(choice)).map(|b| b.0)),
            Node::Text(_, _, prefix) => points.extend(self.bound(prefix).map(|bound| bound.0)),
            Node::Listed(list, _) => {
                let keys = self.lists.get(list.0).into_iter().flat_map(|list| &list.keys).take(MAX_LIST_KEYS + 1);
                points.extend(keys.map(|key| Point::Text(key.as_str().into())));
            }
            Node::Value(index) => {
                if let Some((_, node)) = self.rule.values.get(*index) {
                    self.note(node, points);
                }
            }
            _ => {}
        }
    }

    /// Where on its feature's axis a condition holds; `None` where the axis cannot tell.
    pub fn holds(&self, axis: &Axis, node: &Node) -> Option<Holds> {
        let sure = |classes: Classes| Holds { may: classes.clone(), must: classes };
        let all = Classes::between(MISSING, axis.count() - 1);
        Some(match node {
            Node::Constant(Value::Bool(true)) => sure(all),
            Node::Constant(Value::Bool(false)) => sure(Classes::none()),
            Node::Has(_) => sure(axis.stated()),
            Node::Not(inner) => {
                let Holds { may, must } = self.holds(axis, inner)?;
                Holds { may: must.complement(axis.count()), must: may.complement(axis.count()) }
            }
            Node::And(nodes) => nodes.iter().try_fold(sure(all), |so_far, node| {
                let next = self.holds(axis, node)?;
                Some(Holds { may: so_far.may.and(&next.may), must: so_far.must.and(&next.must) })
            })?,
            Node::Or(nodes) => either(nodes.iter().map(|node| self.holds(axis, node)))?,
            Node::Compare(comparison, left, right) => {
                let (_, (low, high), comparison) = self.sides(*comparison, left, right)?;
                self.compare(axis, comparison, &low, &high)?
            }
            Node::In(_, choices) => {
                let equal = |choice: &Node| {
                    let (low, high) = self.bound(choice)?;
                    self.compare(axis, Comparison::Equal, &low, &high)
                };
                either(choices.iter().map(equal))?
            }
            Node::Text(_, _, prefix) => match self.bound(prefix)?.0 {
                Point::Text(prefix) => axis.starts_with(&prefix)?,
                _ => return None,
            },
            Node::Listed(list, _) => {
                let keys = &self.lists.get(list.0)?.keys;
                if keys.len() > MAX_LIST_KEYS {
                    return None;
                }
                let equal = |key: &str| {
                    let point = Point::Text(key.into());
                    axis.compare(Comparison::Equal, &point, &point)
                };
                either(keys.iter().map(|key| equal(key)))?
            }
            Node::Value(index) => self.holds(axis, &self.rule.values.get(*index)?.1)?,
            // a bare condition: it holds where it is true
            _ => axis.compare(Comparison::Equal, &Point::Flag(true), &Point::Flag(true))?,
        })
    }

    fn compare(&self, axis: &Axis, comparison: Comparison, low: &Point, high: &Point) -> Option<Holds> {
        let Axis::Places(_) = axis else { return axis.compare(comparison, low, high) };
        let Point::Text(word) = low else { return None };
        let place = self.phases.iter().position(|phase| **phase == **word);
        let same = place.map_or_else(Classes::none, |place| Classes::one(Axis::place(place)));
        let classes = match comparison {
            Comparison::Equal => same,
            Comparison::NotEqual => same.complement(axis.count()).and(&axis.stated()),
            _ => return None,
        };
        Some(Holds { may: classes.clone(), must: classes })
    }
}

fn either(mut each: impl Iterator<Item = Option<Holds>>) -> Option<Holds> {
    let nothing = Holds { may: Classes::none(), must: Classes::none() };
    each.try_fold(nothing, |so_far, next| {
        let next = next?;
        Some(Holds { may: so_far.may.or(&next.may), must: so_far.must.or(&next.must) })
    })
}

/// The axis on which a feature's points lie; `None` where they are of several types. `places` is how many phases or
/// kinds there are, `is_decimal` whether the feature is a decimal number.
pub fn axis(feature: Feature, is_decimal: bool, points: Vec<Point>, places: usize) -> Option<Axis> {
    let is_text = |point: &Point| matches!(point, Point::Text(_));
    Some(match feature {
        Feature::Phase | Feature::Kind => Axis::Places(u32::try_from(places).ok()?),
        Feature::IsVotingDay => Axis::Flags,
        Feature::Ordered(_) => {
            points.iter().all(is_text).then_some(())?;
            let texts = points.iter().filter_map(|point| match point {
                Point::Text(text) => Some(text),
                _ => None,
            });
            Axis::texts(texts.flat_map(|text| [Some(text.as_bytes().into()), after_prefix(text)]).flatten())
        }
        Feature::Field(_) | Feature::Source | Feature::OccurredAt | Feature::DaysToVoting => {
            if !is_decimal && points.iter().all(is_text) {
                Axis::words(points.into_iter().filter_map(|point| match point {
                    Point::Text(text) => Some(text),
                    _ => None,
                }))
            } else if points.iter().all(|point| matches!(point, Point::Flag(_))) && !is_decimal {
                Axis::Flags
            } else if !is_decimal && points.iter().all(|point| matches!(point, Point::Whole(_))) {
                Axis::whole(points.iter().filter_map(|point| match point {
                    Point::Whole(n) => Some(*n),
                    _ => None,
                }))
            } else {
                let decimals: Option<Vec<f64>> = points.iter().map(Point::decimal).collect();
                Axis::decimal(decimals?)
            }
        }
    })
}
