//! The schema: every field and kind that a record can have, as tables; a pack may extend them.

pub mod core;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parse::Spare;
use super::parse::arrival::Arrival;

/// The type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// Text of at most [`super::parse::MAX_TEXT_BYTES`].
    Text,
    /// An RFC 3339 instant, or a date alone, which is its local 00:00.
    Time,
    /// One of a closed list of words.
    Choice(&'static [&'static str]),
}

/// What an agency may see is granted by group; each field is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Source, id, kind and time: visible to whoever gets the alert.
    Envelope,
    /// Name, sex, birth date, nationality.
    Identity,
    /// The travel document.
    Passport,
    /// The keyed hash of the NIK.
    Nik,
    /// Kabupaten, kecamatan, polling station, coordinates.
    Place,
    /// Free text that says where or adds notes.
    Address,
    /// Lodging and stay.
    Lodging,
    /// The stay permit.
    Permit,
    /// Who sponsors the stay and whether it allows work.
    Sponsorship,
    /// Border crossings.
    Crossing,
    /// SKTT and KTP-el.
    Residence,
    /// Employment.
    Work,
    /// Officers' reports of activities.
    Activity,
    /// Observers and press.
    Accreditation,
    /// Voter lists.
    Voter,
    /// Campaign finance.
    Donation,
    /// Announced groups.
    Plan,
}

impl Group {
    /// All groups, with the word that packs use.
    pub const ALL: [(Group, &'static str); 17] = [
        (Group::Envelope, "envelope"),
        (Group::Identity, "identity"),
        (Group::Passport, "passport"),
        (Group::Nik, "nik"),
        (Group::Place, "place"),
        (Group::Address, "address"),
        (Group::Lodging, "lodging"),
        (Group::Permit, "permit"),
        (Group::Sponsorship, "sponsorship"),
        (Group::Crossing, "crossing"),
        (Group::Residence, "residence"),
        (Group::Work, "work"),
        (Group::Activity, "activity"),
        (Group::Accreditation, "accreditation"),
        (Group::Voter, "voter"),
        (Group::Donation, "donation"),
        (Group::Plan, "plan"),
    ];

    /// The word of this group.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(group, _)| *group == self).map_or("", |(_, word)| word)
    }
}

/// A field's place in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// A kind's place in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u16);

/// One field of the schema.
#[derive(Clone, Debug)]
pub struct Field {
    /// Dotted path from the record's root, for example `lodging.id`.
    pub path: String,
    /// The type of its value.
    pub ty: Type,
    /// The group by which agencies may see it.
    pub group: Group,
    /// No condition may read it.
    pub protected: bool,
}

/// One kind of record.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name, for example `lodging.check_in`.
    pub name: Arc<str>,
    /// Field paths or sections that must be stated. `a|b` asks for one of the two.
    pub requires: Vec<String>,
}

/// All fields and kinds.
#[derive(Clone, Debug)]
pub struct Schema {
    fields: Vec<Field>,
    kinds: Vec<Kind>,
    field_ids: HashMap<String, FieldId>,
    kind_ids: HashMap<String, KindId>,
    /// What entries without a visa bring.
    arrivals: Vec<Arrival>,
    /// Readers that know these fields and kinds.
    spare: Spare,
}

impl Default for Schema {
    fn default() -> Self {
        let mut schema = Schema {
            fields: Vec::new(),
            kinds: Vec::new(),
            field_ids: HashMap::new(),
            kind_ids: HashMap::new(),
            arrivals: Vec::new(),
            spare: Spare::default(),
        };
        for (path, ty, group, sight) in FIELDS {
            schema.add_field(path, *ty, *group, matches!(sight, Sight::Protected));
        }
        for (name, requires) in KINDS {
            schema.add_kind(name, requires);
        }
        schema
    }
}

impl Schema {
    /// Adds a field; one that is known already is left as it is.
    pub fn add_field(&mut self, path: &str, ty: Type, group: Group, protected: bool) -> FieldId {
        if let Some(id) = self.field_ids.get(path) {
            return *id;
        }
        self.spare = Spare::default();
        let id = FieldId(u16::try_from(self.fields.len()).unwrap_or(u16::MAX));
        self.fields.push(Field { path: path.to_owned(), ty, group, protected });
        self.field_ids.insert(path.to_owned(), id);
        id
    }

    /// Adds a kind with what it requires.
    pub fn add_kind(&mut self, name: &str, requires: &[&str]) -> KindId {
        self.spare = Spare::default();
        let id = KindId(u16::try_from(self.kinds.len()).unwrap_or(u16::MAX));
        self.kinds.push(Kind { name: Arc::from(name), requires: requires.iter().map(|&r| r.to_owned()).collect() });
        self.kind_ids.insert(name.to_owned(), id);
        id
    }

    /// Says what entries without a visa bring.
    pub fn set_arrivals(&mut self, arrivals: Vec<Arrival>) {
        self.arrivals = arrivals;
    }

    /// What entries without a visa bring.
    pub fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }

    /// The field at a path.
    pub fn field_id(&self, path: &str) -> Option<FieldId> {
        self.field_ids.get(path).copied()
    }

    /// What is known of a field. Ids come from this schema, so one is always found.
    pub fn field(&self, id: FieldId) -> Option<&Field> {
        self.fields.get(usize::from(id.0))
    }

    /// Whether some field lies below a path.
    pub fn is_section(&self, path: &str) -> bool {
        self.fields.iter().any(|f| f.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }

    /// All fields in order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The kind of a name.
    pub fn kind_id(&self, name: &str) -> Option<KindId> {
        self.kind_ids.get(name).copied()
    }

    /// What is known of a kind.
    pub fn kind(&self, id: KindId) -> Option<&Kind> {
        self.kinds.get(usize::from(id.0))
    }

    /// The name of a kind.
    pub fn kind_name(&self, id: KindId) -> &str {
        self.kind(id).map_or("", |kind| &kind.name)
    }

    /// Readers of this schema that nobody uses now.
    pub fn spare_readers(&self) -> &Spare {
        &self.spare
    }

    /// All kinds in order.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }
}

enum Sight {
    Open,
    Protected,
}
use Sight::{Open, Protected};

const PERMIT_KINDS: &[&str] = &["visa-free", "voa", "visit", "itas", "itap"];
const EVENT_KINDS: &[&str] = &["campaign", "voting", "press", "religious", "social", "other"];
const ROLES: &[&str] =
    &["attends", "speaks", "wears-attributes", "organises", "funds", "reports", "observes", "at-tps"];
const DONORS: &[&str] =
    &["person", "company", "ngo", "state", "foreign-person", "foreign-company", "foreign-ngo", "foreign-state"];
const VOTER_LISTS: &[&str] = &["DPS", "DPT", "DPTb", "DPK"];
const SEXES: &[&str] = &["F", "M", "X"];

const FIELDS: &[(&str, Type, Group, Sight)] = &[
    ("person.passport.number", Type::Text, Group::Passport, Protected),
    ("person.passport.issuer", Type::Text, Group::Passport, Protected),
    ("person.passport.expires_on", Type::Time, Group::Passport, Open),
    ("person.passport.mrz", Type::Text, Group::Passport, Protected),
    ("person.passport.inconsistent", Type::Bool, Group::Passport, Open),
    ("person.name", Type::Text, Group::Identity, Protected),
    ("person.nationality", Type::Text, Group::Identity, Protected),
    ("person.sex", Type::Choice(SEXES), Group::Identity, Protected),
    ("person.born_on", Type::Time, Group::Identity, Open),
    ("person.nik_hash", Type::Text, Group::Nik, Open),
    ("place.kabupaten", Type::Text, Group::Place, Open),
    ("place.kecamatan", Type::Text, Group::Place, Open),
    ("place.address", Type::Text, Group::Address, Protected),
    ("place.tps", Type::Text, Group::Place, Open),
    ("place.lat", Type::Number, Group::Place, Open),
    ("place.lon", Type::Number, Group::Place, Open),
    ("notes", Type::Text, Group::Address, Protected),
    ("lodging.id", Type::Text, Group::Lodging, Open),
    ("lodging.name", Type::Text, Group::Lodging, Open),
    ("lodging.room", Type::Text, Group::Lodging, Open),
    ("lodging.check_in", Type::Time, Group::Lodging, Open),
    ("lodging.planned_check_out", Type::Time, Group::Lodging, Open),
    ("lodging.check_out", Type::Time, Group::Lodging, Open),
    ("permit.kind", Type::Choice(PERMIT_KINDS), Group::Permit, Open),
    ("permit.index", Type::Text, Group::Permit, Open),
    ("permit.number", Type::Text, Group::Permit, Open),
    ("permit.valid_from", Type::Time, Group::Permit, Open),
    ("permit.valid_until", Type::Time, Group::Permit, Open),
    ("permit.sponsor_id", Type::Text, Group::Sponsorship, Open),
    ("permit.sponsor_name", Type::Text, Group::Sponsorship, Protected),
    ("permit.may_work", Type::Bool, Group::Sponsorship, Open),
    ("permit.may_report", Type::Bool, Group::Permit, Open),
    ("permit.days", Type::Int, Group::Permit, Open),
    ("permit.derived", Type::Bool, Group::Permit, Open),
    ("crossing.checkpoint", Type::Text, Group::Crossing, Open),
    ("crossing.carrier", Type::Text, Group::Crossing, Open),
    ("residence.document", Type::Text, Group::Residence, Open),
    ("residence.valid_until", Type::Time, Group::Residence, Open),
    ("work.employer_id", Type::Text, Group::Work, Open),
    ("work.employer_name", Type::Text, Group::Work, Protected),
    ("work.position", Type::Text, Group::Work, Open),
    ("work.site", Type::Text, Group::Work, Open),
    ("work.valid_until", Type::Time, Group::Work, Open),
    ("work.hours", Type::Text, Group::Work, Open),
    ("activity.event_id", Type::Text, Group::Activity, Open),
    ("activity.event_kind", Type::Choice(EVENT_KINDS), Group::Activity, Open),
    ("activity.role", Type::Choice(ROLES), Group::Activity, Open),
    ("activity.officer", Type::Text, Group::Activity, Open),
    ("activity.agency", Type::Text, Group::Activity, Open),
    ("activity.evidence", Type::Text, Group::Activity, Open),
    ("accreditation.kind", Type::Text, Group::Accreditation, Open),
    ("accreditation.number", Type::Text, Group::Accreditation, Open),
    ("accreditation.valid_until", Type::Time, Group::Accreditation, Open),
    ("voter.nik_hash", Type::Text, Group::Nik, Open),
    ("voter.list", Type::Choice(VOTER_LISTS), Group::Voter, Open),
    ("voter.tps", Type::Text, Group::Voter, Open),
    ("donation.report", Type::Text, Group::Donation, Open),
    ("donation.donor_kind", Type::Choice(DONORS), Group::Donation, Open),
    ("donation.foreign_share", Type::Number, Group::Donation, Open),
    ("donation.amount", Type::Number, Group::Donation, Open),
    ("donation.returned_on", Type::Time, Group::Donation, Open),
    ("plan.lodging_id", Type::Text, Group::Plan, Open),
    ("plan.sponsor_id", Type::Text, Group::Plan, Open),
    ("plan.starts_on", Type::Time, Group::Plan, Open),
    ("plan.ends_on", Type::Time, Group::Plan, Open),
    ("plan.people", Type::Int, Group::Plan, Open),
];

const PERSON: &str = "person.passport.number|person.nik_hash";

const KINDS: &[(&str, &[&str])] = &[
    ("lodging.check_in", &["person", PERSON, "lodging.id"]),
    ("lodging.check_out", &["person", PERSON, "lodging.id"]),
    ("stay.hint", &["lodging.id|place"]),
    ("permit.issued", &["person", PERSON, "permit.kind"]),
    ("permit.extended", &["person", PERSON, "permit.valid_until"]),
    ("permit.applied", &["person", PERSON, "permit"]),
    ("permit.revoked", &["person", PERSON, "permit"]),
    ("crossing.entry", &["person", PERSON, "crossing.checkpoint"]),
    ("crossing.exit", &["person", PERSON, "crossing.checkpoint"]),
    ("residence.registered", &["person", PERSON, "residence.document"]),
    ("work.approved", &["work.employer_id"]),
    ("work.found", &["person", PERSON, "work.employer_id|work.employer_name"]),
    ("activity.reported", &["activity.event_kind", "activity.role"]),
    ("accreditation.applied", &["person", PERSON, "accreditation.kind"]),
    ("accreditation.granted", &["person", PERSON, "accreditation.kind", "accreditation.valid_until"]),
    ("voter_list.entry", &["voter.nik_hash", "voter.list"]),
    ("donation.reported", &["donation.donor_kind"]),
    ("plan.noticed", &["plan.lodging_id|plan.sponsor_id", "plan.starts_on"]),
    ("source.heartbeat", &[]),
];
