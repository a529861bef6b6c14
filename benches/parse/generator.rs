//! Records that state 46 members over all sections, in about 960 bytes; the same ones every time.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// So many records.
pub fn full_records(count: usize) -> Vec<String> {
    let mut random = ChaCha8Rng::seed_from_u64(20_241_127);
    (0..count).map(|index| full_record(&mut random, index)).collect()
}

fn below(random: &mut ChaCha8Rng, limit: u64) -> u64 {
    random.next_u64() % limit
}

fn one<'a>(random: &mut ChaCha8Rng, words: &[&'a str]) -> &'a str {
    let index = usize::try_from(below(random, words.len() as u64)).unwrap_or_default();
    words.get(index).unwrap_or(&"")
}

fn day(random: &mut ChaCha8Rng, year: u64, years: u64) -> String {
    format!("{}-{:02}-{:02}", year + below(random, years), 1 + below(random, 12), 1 + below(random, 28))
}

fn name(random: &mut ChaCha8Rng) -> String {
    const SYLLABLES: &[&str] = &["WIM", "LOM", "GAV", "NEX", "BRI", "TIL", "VO", "SE", "RU", "NO"];
    (0..3).map(|_| one(random, SYLLABLES)).collect()
}

fn full_record(random: &mut ChaCha8Rng, index: usize) -> String {
    let r = random;
    let (id, number) = (format!("a{index:06}"), 1_000_000 + below(r, 9_000_000));
    let time = format!("2024-11-{:02}T{:02}:{:02}:00+07:00", 1 + below(r, 20), below(r, 24), below(r, 60));
    let (family, given) = (name(r), name(r));
    let nationality = one(r, &["ARG", "AUS", "BRA", "CAN", "EGY", "FIN", "GHA", "IND", "JPN", "KEN", "MEX", "NZL"]);
    let (sex, born, expires) = (one(r, &["F", "M"]), day(r, 1950, 50), day(r, 2026, 8));
    let kecamatan = one(r, &["07", "08", "09", "13", "14", "20", "21", "22"]);
    let (street, lat, lon) = (below(r, 90), below(r, 10_000), below(r, 10_000));
    let (hotel, room) = (below(r, 60), below(r, 400));
    let (checked_in, leaves) = (day(r, 2024, 1), day(r, 2024, 2));
    let permit = one(r, &["visa-free", "voa", "visit", "itas", "itap"]);
    let (from, until, sponsor) = (day(r, 2023, 2), day(r, 2025, 2), below(r, 300));
    let (works, reports) = (one(r, &["true", "false"]), one(r, &["true", "false"]));
    let (kind, role) = (one(r, &["campaign", "press", "social"]), one(r, &["attends", "speaks", "funds"]));
    let (list, tps, amount, people) =
        (one(r, &["DPS", "DPT", "DPTb"]), below(r, 20), below(r, 90_000_000), below(r, 40));
    let donor = one(r, &["person", "company", "foreign-ngo"]);
    format!(
        concat!(
            r#"{{"id":"{}","source":"apoa","kind":"lodging.check_in","occurred_at":"{}","#,
            r#""person":{{"passport":{{"number":"X{}","issuer":"UTO","expires_on":"{}"}},"#,
            r#""name":"{} {}","nationality":"{}","sex":"{}","born_on":"{}"}},"#,
            r#""place":{{"kabupaten":"16.01","kecamatan":"16.01.{}","address":"Jl Contoh {}","lat":-4.{},"lon":104.{}}},"#,
            r#""lodging":{{"id":"h{}","name":"Contoh","room":"{}","check_in":"{}","planned_check_out":"{}"}},"#,
            r#""permit":{{"kind":"{}","index":"E23","number":"2C{}","valid_from":"{}","valid_until":"{}","#,
            r#""sponsor_id":"pt-{}","may_work":{},"may_report":{}}},"#,
            r#""crossing":{{"checkpoint":"PLM","carrier":"QZ{}"}},"residence":{{"document":"SKTT"}},"#,
            r#""work":{{"employer_id":"pt-{}","position":"ahli","site":"L{}","hours":"8"}},"#,
            r#""activity":{{"event_id":"a{}","event_kind":"{}","role":"{}"}},"#,
            r#""accreditation":{{"kind":"press","number":"{}"}},"#,
            r#""voter":{{"list":"{}","tps":"{}"}},"donation":{{"amount":{},"donor_kind":"{}"}},"plan":{{"people":{}}}}}"#,
        ),
        id,
        time,
        number,
        expires,
        family,
        given,
        nationality,
        sex,
        born,
        kecamatan,
        street,
        lat,
        lon,
        hotel,
        room,
        checked_in,
        leaves,
        permit,
        number,
        from,
        until,
        sponsor,
        works,
        reports,
        street,
        sponsor,
        street,
        hotel,
        kind,
        role,
        number,
        list,
        tps,
        amount,
        donor,
        people,
    )
}
