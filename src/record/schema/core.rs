//! The fields that the program itself reads.

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
pub const PERMIT_KINDS: [KindId; 5] = [PERMIT_ISSUED, PERMIT_EXTENDED, PERMIT_REVOKED, CROSSING_ENTRY, CROSSING_EXIT];

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
