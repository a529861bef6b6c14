//! The places that a record's members can have: those of the schema, and those that were met.

use std::collections::HashMap;

use crate::record::fingerprint::{self, text_hash};
use crate::record::parse::{MAX_MEMBERS, field, place, scan};
use crate::record::schema::{KindId, Schema, Type};

/// The place of a member. The fields of the schema come first, in its order.
pub type NodeId = u16;

/// Places that are remembered beside those of the schema: what a few dozen senders add of their own.
const MAX_MET: usize = 256;

/// How deep a member may lie to be remembered: as deep as those of the schema. What is stated marks the two objects
/// around it.
const MAX_DEPTH_MET: u8 = 3;

/// What may stand at a place, and the one way in which it is spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The record itself.
    Root,
    /// Members of the schema lie below.
    Section,
    /// The schema does not know it.
    Unknown,
    /// The sender's own number.
    Id,
    /// Who sends it.
    Source,
    /// What happened.
    Kind,
    /// When.
    OccurredAt,
    /// When it came in.
    ReceivedAt,
    /// True where the record is taken back.
    Withdrawn,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// A date or an instant.
    Time,
    /// One of a few words.
    Choice,
    /// Text on one line.
    Line,
    /// Text on several lines.
    Lines,
    /// Letters and digits in upper case.
    PassportNumber,
    /// Three letters in upper case.
    Country,
    /// The machine readable zone.
    Zone,
    /// Hexadecimal digits in lower case.
    NikHash,
    /// `16.01`
    Kabupaten,
    /// `16.01.14`
    Kecamatan,
}

impl Form {
    /// Whether nothing need be stated there.
    pub fn is_field(self) -> bool {
        use Form::{Id, Kind, OccurredAt, ReceivedAt, Root, Section, Source, Unknown, Withdrawn};
        !matches!(self, Root | Section | Unknown | Id | Source | Kind | OccurredAt | ReceivedAt | Withdrawn)
    }

    /// Whether it is a date or an instant.
    pub fn is_time(self) -> bool {
        matches!(self, Form::Time | Form::OccurredAt | Form::ReceivedAt)
    }
}

/// What reading a value needs of its place.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// The place for the fingerprint.
    pub seed: u64,
    /// The largest number that it takes, and the negative of the smallest.
    pub bound: f64,
    /// Its words among those of all choices.
    words: (u16, u16),
    /// The object it lies in, and the one around that.
    pub above: [NodeId; 2],
    /// What may stand there.
    pub form: Form,
    /// It is a member that the schema does not know, in an object that it knows.
    pub is_counted: bool,
    /// Its name says that text in it is a picture.
    pub is_picture: bool,
}

/// The names around a place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name and a colon, as canonical JSON has them.
    pub name: Box<str>,
    /// What was met below it, by name in the order of RFC 8785.
    pub children: Vec<(Box<str>, NodeId)>,
    depth: u8,
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
    spots: Vec<Spot>,
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
    words: Vec<(u64, &'static str)>,
}

impl Layout {
    /// The places of a schema.
    pub fn new(schema: &Schema) -> Option<Self> {
        let root = NodeId::try_from(schema.fields().len()).ok()?;
        let mut layout = Layout {
            spots: vec![Spot::new(Form::Unknown, fingerprint::root(), [root; 2]); usize::from(root) + 1],
            nodes: vec![Node::new("", 0); usize::from(root) + 1],
            known: 0,
            most: 0,
            root,
            id: 0,
            source: 0,
            kind: 0,
            kinds: HashMap::default(),
            words: Vec::new(),
        };
        layout.spots.get_mut(usize::from(root))?.form = Form::Root;
        layout.id = layout.add(root, "id", Form::Id)?;
        layout.source = layout.add(root, "source", Form::Source)?;
        layout.kind = layout.add(root, "kind", Form::Kind)?;
        layout.add(root, "occurred_at", Form::OccurredAt)?;
        layout.add(root, "withdrawn", Form::Withdrawn)?;
        layout.add(root, "received_at", Form::ReceivedAt)?;
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
        if path.split('.').count() > usize::from(MAX_DEPTH_MET) {
            return None;
        }
        let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut parent = self.root;
        for name in section.split('.').filter(|name| !name.is_empty()) {
            parent = match self.child(parent, name) {
                Some(known) if self.spot(known)?.form == Form::Section => known,
                // a field or a member of the envelope has nothing below it
                Some(_) => return Some(()),
                None => self.add(parent, name, Form::Section)?,
            };
        }
        if self.child(parent, name).is_some() || schema.is_section(path) {
            // two readings of one place: leave it to who reads it thoroughly
            return None;
        }
        let (mut spot, node) = self.below(parent, name, form(path, ty)?)?;
        spot.bound = place::bound(path);
        if let Type::Choice(words) = ty {
            let start = u16::try_from(self.words.len()).ok()?;
            self.words.extend(words.iter().map(|word| (text_hash(word), *word)));
            spot.words = (start, u16::try_from(self.words.len()).ok()?);
        }
        *self.spots.get_mut(usize::from(id))? = spot;
        *self.nodes.get_mut(usize::from(id))? = node;
        self.adopt(parent, name, id)
    }

    fn below(&self, parent: NodeId, name: &str, form: Form) -> Option<(Spot, Node)> {
        let above = self.spot(parent)?;
        let [around, _] = above.above;
        let mut spot = Spot::new(form, fingerprint::member(above.seed, name), [parent, around]);
        spot.is_counted = form == Form::Unknown && matches!(above.form, Form::Section | Form::Root);
        spot.is_picture = scan::is_picture_name(name);
        Some((spot, Node::new(name, self.node(parent)?.depth + 1)))
    }

    fn add(&mut self, parent: NodeId, name: &str, form: Form) -> Option<NodeId> {
        let id = NodeId::try_from(self.nodes.len()).ok()?;
        let (spot, node) = self.below(parent, name, form)?;
        self.spots.push(spot);
        self.nodes.push(node);
        self.adopt(parent, name, id)?;
        Some(id)
    }

    fn adopt(&mut self, parent: NodeId, name: &str, id: NodeId) -> Option<()> {
        let above = self.nodes.get_mut(usize::from(parent))?;
        let place = above.place(name).err()?;
        above.children.insert(place, (name.into(), id));
        Some(())
    }

    /// One place.
    #[inline]
    pub fn spot(&self, id: NodeId) -> Option<&Spot> {
        self.spots.get(usize::from(id))
    }

    /// The names around one place.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::from(id))
    }

    /// Whether a choice has a word, by the word's hash.
    #[inline]
    pub fn has_word(&self, spot: &Spot, hash: u64, text: &str) -> bool {
        let words = self.words.get(usize::from(spot.words.0)..usize::from(spot.words.1));
        words.is_some_and(|words| words.iter().any(|(known, word)| *known == hash && *word == text))
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
        let above = self.node(parent)?;
        above.children.get(above.place(name).ok()?).map(|(_, id)| *id)
    }

    /// Remembers a member that the schema does not know; `None` where its name must not be, or too many are known.
    pub fn meet(&mut self, parent: NodeId, name: &str) -> Option<NodeId> {
        let fits = self.node(parent)?.depth < MAX_DEPTH_MET && !self.is_full();
        (fits && scan::is_name(name)).then(|| self.add(parent, name, Form::Unknown)).flatten()
    }

    /// Whether no more members can be remembered.
    pub fn is_full(&self) -> bool {
        self.nodes.len() >= self.most
    }

    /// Forgets every member that the schema does not know.
    pub fn forget(&mut self) {
        let known = self.known;
        self.spots.truncate(known);
        self.nodes.truncate(known);
        for node in &mut self.nodes {
            node.children.retain(|(_, id)| usize::from(*id) < known);
        }
    }

    fn find(&self, path: &str) -> Option<NodeId> {
        let found = path.split('.').try_fold(self.root, |at, name| self.child(at, name))?;
        let form = self.spot(found)?.form;
        (form == Form::Section || form.is_field()).then_some(found)
    }
}

impl Spot {
    fn new(form: Form, seed: u64, above: [NodeId; 2]) -> Self {
        Spot { seed, bound: f64::INFINITY, words: (0, 0), above, form, is_counted: false, is_picture: false }
    }
}

impl Node {
    fn new(name: &str, depth: u8) -> Self {
        Node { name: format!("{}:", serde_json::Value::from(name)).into(), children: Vec::new(), depth }
    }

    /// Where a member is among the children, or belongs.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.children.binary_search_by(|(known, _)| known.encode_utf16().cmp(name.encode_utf16()))
    }
}

/// `None` where a field is spelt as one of its type is not.
fn form(path: &str, ty: Type) -> Option<Form> {
    let spelling = match path {
        "person.passport.number" => Form::PassportNumber,
        "person.passport.issuer" | "person.nationality" => Form::Country,
        "person.passport.mrz" => Form::Zone,
        "person.nik_hash" | "voter.nik_hash" => Form::NikHash,
        "place.kabupaten" => Form::Kabupaten,
        "place.kecamatan" => Form::Kecamatan,
        _ if field::LINES.contains(&path) => Form::Lines,
        _ => Form::Line,
    };
    match ty {
        Type::Text => Some(spelling),
        _ if spelling != Form::Line => None,
        Type::Bool => Some(Form::Bool),
        Type::Int => Some(Form::Int),
        Type::Number => Some(Form::Number),
        Type::Time => Some(Form::Time),
        Type::Choice(_) => Some(Form::Choice),
    }
}
