//! Shows the ways in a record of which they are not known yet.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::layout::{Form, Layout, NodeId};
use super::walk::{Way, Ways};

/// Adds the ways of a line; `None` where it is no record that could be read by them.
pub fn learn(layout: &mut Layout, ways: &mut Ways, line: &str) -> Option<()> {
    if layout.is_full() {
        layout.forget();
        ways.forget();
    }
    let mut outline = Outline { line, layout, opens: Vec::new(), found: Vec::new() };
    let members = serde_json::from_str(line).ok()?;
    let root = outline.layout.root;
    outline.object(root, members)?;
    let Outline { opens, found, .. } = outline;
    let (mut from, mut at) = (root, 0);
    for leaf in found {
        let way = Way::new(line.as_bytes().get(at..leaf.start)?, &leaf.opens, Some(leaf.node));
        ways.add(from, way)?;
        (from, at) = (leaf.node, leaf.end);
    }
    ways.add(from, Way::new(line.as_bytes().get(at..)?, &opens, None))
}

/// The members of a record that are no objects, in their order.
struct Outline<'a> {
    line: &'a str,
    layout: &'a mut Layout,
    /// Objects begun since the last of them.
    opens: Vec<NodeId>,
    found: Vec<Found>,
}

struct Found {
    node: NodeId,
    opens: Vec<NodeId>,
    start: usize,
    end: usize,
}

impl Outline<'_> {
    fn object(&mut self, parent: NodeId, members: Members<'_>) -> Option<()> {
        for (name, value) in members.0 {
            let node = match self.layout.child(parent, name) {
                Some(known) => known,
                None => self.layout.meet(parent, name)?,
            };
            match value.as_bytes().first()? {
                b'{' => self.nested(node, value)?,
                // the schema has no lists
                b'[' => return None,
                _ => {
                    // both are parts of one text
                    let start = (value.as_ptr() as usize).checked_sub(self.line.as_ptr() as usize)?;
                    let opens = std::mem::take(&mut self.opens);
                    self.found.push(Found { node, opens, start, end: start + value.len() });
                }
            }
        }
        Some(())
    }

    fn nested(&mut self, node: NodeId, value: &str) -> Option<()> {
        let place = self.layout.node(node)?;
        let is_unknown = matches!(place.form, Form::Unknown);
        if place.is_picture || !(is_unknown || matches!(place.form, Form::Section)) {
            return None;
        }
        let members: Members<'_> = serde_json::from_str(value).ok()?;
        // it would be a value of its own
        if is_unknown && members.0.is_empty() {
            return None;
        }
        self.opens.push(node);
        self.object(node, members)
    }
}

/// Names and values of one object as they stand in the text; names with escapes are no names of the schema's.
struct Members<'a>(Vec<(&'a str, &'a str)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Each)
    }
}

struct Each;

impl<'de> Visitor<'de> for Each {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Members<'de>, A::Error> {
        let mut all = Vec::new();
        while let Some((name, value)) = members.next_entry::<&str, &RawValue>()? {
            all.push((name, value.get()));
        }
        Ok(Members(all))
    }
}
