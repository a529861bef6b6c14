//! The places that a record's members can have: those of the schema, and those that were met.

use std::collections::HashMap;

use crate::record::fingerprint::{self, text_hash};
use crate::record::parse::{MAX_MEMBERS, place, scan};
use crate::record::schema::{KindId, Schema, Type};

/// The place of a member. The fields of the schema come first, in its order.
pub type NodeId = u16;

/// Places that are remembered beside those of the schema: what a few dozen senders add of their own.
const MAX_MET: usize = 256;

/// How deep a member may lie to be remembered; the schema needs three.
const MAX_NODE_DEPTH: u8 = 8;

/// What may stand at a place.
#[derive(Clone, Debug)]
pub enum Form {
    /// The record itself.
    Root,
    /// Text that every record has.
    Envelope(Envelope),
    /// True where the record is taken back.
    Withdrawn,
    /// When it came in.
    ReceivedAt,
    /// Members of the schema lie below.
    Section,
    /// A field of the schema.
    Field(Type, Spelling),
    /// One of a few words, with their hashes.
    Choice(Box<[(u64, &'static str)]>),
    /// The schema does not know it.
    Unknown,
}

/// The texts that every record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// The sender's own number.
    Id,
    /// Who sends it.
    Source,
    /// What happened.
    Kind,
    /// When.
    OccurredAt,
}

/// The one way in which a text of a field is spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// Letters and digits in upper case.
    PassportNumber,
    /// Three letters in upper case.
    Country,
    /// The machine readable zone.
    Mrz,
    /// Hexadecimal digits in lower case.
    NikHash,
    /// `16.01`
    Kabupaten,
    /// `16.01.14`
    Kecamatan,
}

/// One place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What may stand there.
    pub form: Form,
    /// The object it lies in.
    pub parent: NodeId,
    /// The place for the fingerprint.
    pub seed: u64,
    /// Its name and a colon, as canonical JSON has them.
    pub name: Box<str>,
    /// It is a member that the schema does not know, in an object that it knows.
    pub is_counted: bool,
    /// Its name says that text in it is a picture.
    pub is_picture: bool,
    /// The largest number that it takes, and the negative of the smallest.
    pub bound: f64,
    depth: u8,
    children: HashMap<Box<str>, NodeId>,
    /// The members below it in the order of RFC 8785.
    pub sorted: Vec<NodeId>,
}

/// What a kind of record must state: one of each group of places.
#[derive(Clone, Debug)]
pub struct KindNeeds {
    /// The kind's place in the schema.
    pub kind: KindId,
    /// `None` where it asks for what no record can state.
    pub groups: Option<Box<[Box<[NodeId]>]>>,
}

/// All places.
#[derive(Clone, Debug)]
pub struct Layout {
    nodes: Vec<Node>,
    known: usize,
    most: usize,
    /// The record itself.
    pub root: NodeId,
    /// Where its id stands.
    pub id: NodeId,
    /// Where its source stands.
    pub source: NodeId,
    /// Where its kind stands.
    pub kind: NodeId,
    kinds: HashMap<Box<str>, KindNeeds, foldhash::fast::FixedState>,
}

impl Layout {
    /// The places of a schema.
    pub fn new(schema: &Schema) -> Option<Self> {
        let known = NodeId::try_from(schema.fields().len()).ok()?;
        let unreached = Node::new(Form::Unknown, known, "", 0, 0);
        let root = Node::new(Form::Root, known, "", fingerprint::root(), 0);
        let mut nodes = vec![unreached; usize::from(known)];
        nodes.push(root);
        let kinds = HashMap::default();
        let mut layout = Layout { nodes, known: 0, most: 0, root: known, id: 0, source: 0, kind: 0, kinds };
        layout.id = layout.add(known, "id", Form::Envelope(Envelope::Id))?;
        layout.source = layout.add(known, "source", Form::Envelope(Envelope::Source))?;
        layout.kind = layout.add(known, "kind", Form::Envelope(Envelope::Kind))?;
        layout.add(known, "occurred_at", Form::Envelope(Envelope::OccurredAt))?;
        layout.add(known, "withdrawn", Form::Withdrawn)?;
        layout.add(known, "received_at", Form::ReceivedAt)?;
        for (index, field) in schema.fields().iter().enumerate() {
            layout.add_field(schema, NodeId::try_from(index).ok()?, &field.path, field.ty)?;
        }
        for kind in schema.kinds() {
            let groups = kind.requires.iter().map(|group| group.split('|').map(|path| layout.find(path)).collect());
            let needs = KindNeeds { kind: schema.kind_id(&kind.name)?, groups: groups.collect() };
            layout.kinds.insert(kind.name.as_ref().into(), needs);
        }
        layout.known = layout.nodes.len();
        // a record states no place twice, so it has not more members than there are places
        layout.most = MAX_MEMBERS.min(layout.known + MAX_MET);
        (layout.known <= layout.most).then_some(layout)
    }

    fn add_field(&mut self, schema: &Schema, id: NodeId, path: &str, ty: Type) -> Option<()> {
        let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut parent = self.root;
        for name in section.split('.').filter(|name| !name.is_empty()) {
            parent = match self.child(parent, name) {
                Some(known) if matches!(self.node(known)?.form, Form::Section) => known,
                // a field or a member of the envelope has nothing below it
                Some(_) => return Some(()),
                None => self.add(parent, name, Form::Section)?,
            };
        }
        if self.child(parent, name).is_some() || schema.is_section(path) {
            // two readings of one place: leave it to who reads it thoroughly
            return None;
        }
        let form = match ty {
            Type::Choice(words) => Form::Choice(words.iter().map(|word| (text_hash(word), *word)).collect()),
            ty => Form::Field(ty, spelling(path)),
        };
        let mut node = self.below(parent, name, form)?;
        node.bound = place::bound(path);
        *self.nodes.get_mut(usize::from(id))? = node;
        self.adopt(parent, name, id)
    }

    fn below(&self, parent: NodeId, name: &str, form: Form) -> Option<Node> {
        let above = self.node(parent)?;
        let seed = fingerprint::member(above.seed, name);
        let mut node = Node::new(form, parent, name, seed, above.depth + 1);
        node.is_counted = matches!(node.form, Form::Unknown) && matches!(above.form, Form::Section | Form::Root);
        Some(node)
    }

    fn add(&mut self, parent: NodeId, name: &str, form: Form) -> Option<NodeId> {
        let id = NodeId::try_from(self.nodes.len()).ok()?;
        let node = self.below(parent, name, form)?;
        self.nodes.push(node);
        self.adopt(parent, name, id)?;
        Some(id)
    }

    fn adopt(&mut self, parent: NodeId, name: &str, id: NodeId) -> Option<()> {
        let above = self.nodes.get_mut(usize::from(parent))?;
        above.children.insert(name.into(), id);
        let mut sorted: Vec<(&Box<str>, &NodeId)> = above.children.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        above.sorted = sorted.into_iter().map(|(_, id)| *id).collect();
        Some(())
    }

    /// One place.
    #[inline]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::from(id))
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// What a kind asks for.
    pub fn needs(&self, kind: &str) -> Option<&KindNeeds> {
        self.kinds.get(kind)
    }

    /// The member of an object, where it was met.
    pub fn child(&self, parent: NodeId, name: &str) -> Option<NodeId> {
        self.node(parent)?.children.get(name).copied()
    }

    /// Remembers a member that the schema does not know; `None` where its name must not be, or too many are known.
    pub fn meet(&mut self, parent: NodeId, name: &str) -> Option<NodeId> {
        let depth = self.node(parent)?.depth;
        let fits = depth < MAX_NODE_DEPTH && !self.is_full();
        (fits && scan::is_name(name)).then(|| self.add(parent, name, Form::Unknown)).flatten()
    }

    /// Whether no more members can be remembered.
    pub fn is_full(&self) -> bool {
        self.nodes.len() >= self.most
    }

    /// Forgets every member that the schema does not know.
    pub fn forget(&mut self) {
        self.nodes.truncate(self.known);
        let known = self.known;
        for node in &mut self.nodes {
            node.children.retain(|_, id| usize::from(*id) < known);
            node.sorted.retain(|id| usize::from(*id) < known);
        }
    }

    fn find(&self, path: &str) -> Option<NodeId> {
        let found = path.split('.').try_fold(self.root, |at, name| self.child(at, name))?;
        matches!(self.node(found)?.form, Form::Section | Form::Field(..) | Form::Choice(_)).then_some(found)
    }
}

impl Node {
    fn new(form: Form, parent: NodeId, name: &str, seed: u64, depth: u8) -> Self {
        Node {
            form,
            parent,
            seed,
            name: format!("{}:", serde_json::Value::from(name)).into(),
            is_counted: false,
            is_picture: scan::is_picture_name(name),
            bound: f64::INFINITY,
            depth,
            children: HashMap::new(),
            sorted: Vec::new(),
        }
    }
}

fn spelling(path: &str) -> Spelling {
    match path {
        "person.passport.number" => Spelling::PassportNumber,
        "person.passport.issuer" | "person.nationality" => Spelling::Country,
        "person.passport.mrz" => Spelling::Mrz,
        "person.nik_hash" | "voter.nik_hash" => Spelling::NikHash,
        "place.kabupaten" => Spelling::Kabupaten,
        "place.kecamatan" => Spelling::Kecamatan,
        _ if super::super::field::LINES.contains(&path) => Spelling::Lines,
        _ => Spelling::Line,
    }
}
