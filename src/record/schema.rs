//! The schema: every field and kind that a record can have, as tables; a pack may extend them.

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

/// The fields that the program itself reads.
pub mod core {
    use super::{FIELDS, FieldId, KINDS, KindId};

    const fn kind(name: &str) -> KindId {
        let mut index = 0;
        while index < KINDS.len() {
            #[expect(clippy::indexing_slicing, reason = "evaluated at compile time, bounded by the loop")]
            if same(KINDS[index].0.as_bytes(), name.as_bytes()) {
                return KindId(index as u16);
            }
            index += 1;
        }
        #[expect(clippy::panic, reason = "evaluated at compile time: a wrong name does not build")]
        {
            panic!("no such kind")
        }
    }

    /// `lodging.check_in`.
    pub const LODGING_CHECK_IN: KindId = kind("lodging.check_in");
    /// `lodging.check_out`.
    pub const LODGING_CHECK_OUT: KindId = kind("lodging.check_out");
    /// `permit.issued`.
    pub const PERMIT_ISSUED: KindId = kind("permit.issued");
    /// `permit.extended`.
    pub const PERMIT_EXTENDED: KindId = kind("permit.extended");
    /// `permit.revoked`.
    pub const PERMIT_REVOKED: KindId = kind("permit.revoked");
    /// `crossing.entry`.
    pub const CROSSING_ENTRY: KindId = kind("crossing.entry");
    /// `crossing.exit`.
    pub const CROSSING_EXIT: KindId = kind("crossing.exit");
    /// The kinds that say which permit is in force: an entry can bring one, and a departure ends that.
    pub const PERMIT_KINDS: [KindId; 5] =
        [PERMIT_ISSUED, PERMIT_EXTENDED, PERMIT_REVOKED, CROSSING_ENTRY, CROSSING_EXIT];

    const fn field(path: &str) -> FieldId {
        let mut index = 0;
        while index < FIELDS.len() {
            #[expect(clippy::indexing_slicing, reason = "evaluated at compile time, bounded by the loop")]
            if same(FIELDS[index].0.as_bytes(), path.as_bytes()) {
                return FieldId(index as u16);
            }
            index += 1;
        }
        #[expect(clippy::panic, reason = "evaluated at compile time: a wrong path does not build")]
        {
            panic!("no such field")
        }
    }

    #[expect(clippy::indexing_slicing, reason = "evaluated at compile time, bounded by the loop")]
    const fn same(a: &[u8], b: &[u8]) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let mut index = 0;
        while index < a.len() {
            if a[index] != b[index] {
                return false;
            }
            index += 1;
        }
        true
    }

    /// `person.passport.number`.
    pub const PASSPORT_NUMBER: FieldId = field("person.passport.number");
    /// `person.passport.issuer`.
    pub const PASSPORT_ISSUER: FieldId = field("person.passport.issuer");
    /// `person.passport.expires_on`.
    pub const PASSPORT_EXPIRES_ON: FieldId = field("person.passport.expires_on");
    /// `person.passport.mrz`.
    pub const PASSPORT_MRZ: FieldId = field("person.passport.mrz");
    /// `person.nationality`.
    pub const NATIONALITY: FieldId = field("person.nationality");
    /// `person.passport.inconsistent`: intake sets it.
    pub const PASSPORT_INCONSISTENT: FieldId = field("person.passport.inconsistent");
    /// `person.born_on`.
    pub const BORN_ON: FieldId = field("person.born_on");
    /// `person.nik_hash`.
    pub const NIK_HASH: FieldId = field("person.nik_hash");
    /// `voter.nik_hash`.
    pub const VOTER_NIK_HASH: FieldId = field("voter.nik_hash");
    /// `place.kabupaten`.
    pub const KABUPATEN: FieldId = field("place.kabupaten");
    /// `place.kecamatan`.
    pub const KECAMATAN: FieldId = field("place.kecamatan");
    /// `place.tps`.
    pub const TPS: FieldId = field("place.tps");
    /// `voter.tps`.
    pub const VOTER_TPS: FieldId = field("voter.tps");
    /// `lodging.id`.
    pub const LODGING_ID: FieldId = field("lodging.id");
    /// `lodging.check_in`.
    pub const CHECK_IN: FieldId = field("lodging.check_in");
    /// `lodging.planned_check_out`.
    pub const PLANNED_CHECK_OUT: FieldId = field("lodging.planned_check_out");
    /// `lodging.check_out`.
    pub const CHECK_OUT: FieldId = field("lodging.check_out");
    /// `plan.lodging_id`.
    pub const PLAN_LODGING_ID: FieldId = field("plan.lodging_id");
    /// `permit.sponsor_id`.
    pub const SPONSOR_ID: FieldId = field("permit.sponsor_id");
    /// `work.employer_id`.
    pub const EMPLOYER_ID: FieldId = field("work.employer_id");
    /// `plan.sponsor_id`.
    pub const PLAN_SPONSOR_ID: FieldId = field("plan.sponsor_id");
    /// `activity.event_id`.
    pub const EVENT_ID: FieldId = field("activity.event_id");
    /// `permit.kind`.
    pub const PERMIT_KIND: FieldId = field("permit.kind");
    /// `permit.index`.
    pub const PERMIT_INDEX: FieldId = field("permit.index");
    /// `permit.may_work`.
    pub const PERMIT_MAY_WORK: FieldId = field("permit.may_work");
    /// `permit.may_report`.
    pub const PERMIT_MAY_REPORT: FieldId = field("permit.may_report");
    /// `permit.derived`: intake sets it on the permit that follows from an entry.
    pub const PERMIT_DERIVED: FieldId = field("permit.derived");
    /// `permit.number`.
    pub const PERMIT_NUMBER: FieldId = field("permit.number");
    /// `permit.valid_from`.
    pub const PERMIT_VALID_FROM: FieldId = field("permit.valid_from");
    /// `permit.valid_until`.
    pub const PERMIT_VALID_UNTIL: FieldId = field("permit.valid_until");
    /// `residence.valid_until`.
    pub const RESIDENCE_VALID_UNTIL: FieldId = field("residence.valid_until");
    /// `work.valid_until`.
    pub const WORK_VALID_UNTIL: FieldId = field("work.valid_until");
    /// `accreditation.valid_until`.
    pub const ACCREDITATION_VALID_UNTIL: FieldId = field("accreditation.valid_until");

    /// All that the program itself reads when it judges, whatever the rules are: subjects, places, stays, validity.
    pub const READ: [FieldId; 22] = [
        PASSPORT_NUMBER,
        PASSPORT_ISSUER,
        NIK_HASH,
        VOTER_NIK_HASH,
        KABUPATEN,
        KECAMATAN,
        TPS,
        LODGING_ID,
        CHECK_IN,
        PLANNED_CHECK_OUT,
        CHECK_OUT,
        PLAN_LODGING_ID,
        SPONSOR_ID,
        EMPLOYER_ID,
        PLAN_SPONSOR_ID,
        EVENT_ID,
        PERMIT_NUMBER,
        PERMIT_VALID_FROM,
        PERMIT_VALID_UNTIL,
        RESIDENCE_VALID_UNTIL,
        WORK_VALID_UNTIL,
        ACCREDITATION_VALID_UNTIL,
    ];
}
