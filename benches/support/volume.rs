//! Records of many fictitious travellers over a year, in the order in which they happen: most of them in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, TimeDelta, Utc};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Records per traveller, on average.
const PER_TRAVELLER: usize = 8;
const KECAMATAN: [(&str, &str); 6] = [
    ("16.01", "16.01.14"),
    ("16.01", "16.01.13"),
    ("16.08", "16.08.01"),
    ("16.08", "16.08.02"),
    ("16.09", "16.09.01"),
    ("16.09", "16.09.02"),
];

/// The next event of one traveller.
struct Traveller {
    number: u64,
    lodgings: u64,
    stays: u64,
    visits: u64,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Entry,
    Permit,
    CheckIn(u64),
    CheckOut(u64),
    Exit,
}

/// Lines of about as many records as asked for, always the same ones for a seed.
pub struct Volume {
    random: ChaCha8Rng,
    due: BinaryHeap<(Reverse<(DateTime<Utc>, u64)>, usize)>,
    travellers: Vec<Option<Traveller>>,
    next: u64,
    written: usize,
    count: usize,
    lodgings: u64,
    begins: DateTime<Utc>,
    gap: TimeDelta,
}

impl Volume {
    /// For so many records over 2024.
    pub fn new(count: usize, seed: u64) -> Self {
        let travellers = (count / PER_TRAVELLER).max(1);
        let begins =
            DateTime::parse_from_rfc3339("2024-01-01T00:00:00+07:00").map(|at| at.to_utc()).unwrap_or_default();
        let gap = TimeDelta::seconds(330 * 86_400) / i32::try_from(travellers).unwrap_or(i32::MAX);
        Volume {
            random: ChaCha8Rng::seed_from_u64(seed),
            due: BinaryHeap::new(),
            travellers: Vec::new(),
            next: 0,
            written: 0,
            count,
            // a lodging of twenty foreign guests a week
            lodgings: (travellers as u64 / 400).max(20),
            begins,
            gap,
        }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    fn arrive(&mut self) {
        let at = self.begins + self.gap * i32::try_from(self.next).unwrap_or(i32::MAX);
        let (lodgings, visits) = (self.lodgings, 1 + self.below(3));
        let traveller = Traveller { number: self.next, lodgings, stays: 0, visits, step: Step::Entry };
        self.next += 1;
        self.travellers.push(Some(traveller));
        self.due.push((Reverse((at, self.next)), self.travellers.len() - 1));
    }
}

impl Iterator for Volume {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.written == self.count {
            return None;
        }
        // those who come next are known before anything later happens
        loop {
            let arrival = self.begins + self.gap * i32::try_from(self.next).unwrap_or(i32::MAX);
            match self.due.peek() {
                Some((Reverse((at, _)), _)) if *at < arrival => break,
                _ => self.arrive(),
            }
        }
        let (Reverse((at, tie)), place) = self.due.pop()?;
        let mut traveller = self.travellers.get_mut(place)?.take()?;
        let line = traveller.line(at, self.written);
        let nights = 1 + self.below(4);
        let hours = self.below(8) as i64;
        let (next, after) = match traveller.step {
            Step::Entry => (Some(Step::Permit), TimeDelta::minutes(20)),
            Step::Permit => (Some(Step::CheckIn(self.below(self.lodgings))), TimeDelta::hours(3 + hours)),
            Step::CheckIn(lodging) => (Some(Step::CheckOut(lodging)), TimeDelta::hours(24 * nights as i64 - 6)),
            Step::CheckOut(_) => {
                traveller.stays += 1;
                let next = if traveller.stays > traveller.visits {
                    Step::Exit
                } else {
                    Step::CheckIn(self.below(self.lodgings))
                };
                (Some(next), TimeDelta::hours(2 + hours))
            }
            Step::Exit => (None, TimeDelta::zero()),
        };
        if let Some(step) = next {
            traveller.step = step;
            self.due.push((Reverse((at + after, tie)), place));
            if let Some(slot) = self.travellers.get_mut(place) {
                *slot = Some(traveller);
            }
        }
        self.written += 1;
        Some(line)
    }
}

impl Traveller {
    fn line(&self, at: DateTime<Utc>, written: usize) -> String {
        let when = |at: DateTime<Utc>| {
            at.with_timezone(&chrono_tz::Asia::Jakarta).format("%Y-%m-%dT%H:%M:%S+07:00").to_string()
        };
        let day = |days: i64| (at + TimeDelta::days(days)).format("%Y-%m-%d").to_string();
        let person = format!(
            r#""person":{{"passport":{{"number":"U{:07}","issuer":"UTO","expires_on":"2029-01-31"}},"name":"CONTOH {}","nationality":"UTO","sex":"{}","born_on":"19{:02}-08-12"}}"#,
            self.number,
            self.number,
            if self.number % 2 == 0 { "F" } else { "M" },
            50 + self.number % 50,
        );
        let (source, kind, rest) = match self.step {
            Step::Entry => (
                "perlintasan",
                "crossing.entry",
                r#""crossing":{"checkpoint":"TPI Contoh 1","carrier":"Kapal Contoh"}"#.to_owned(),
            ),
            Step::Exit => (
                "perlintasan",
                "crossing.exit",
                r#""crossing":{"checkpoint":"TPI Contoh 2","carrier":"Kapal Contoh"}"#.to_owned(),
            ),
            Step::Permit => (
                "kanim-muaraenim",
                "permit.issued",
                format!(
                    r#""permit":{{"kind":"{}","index":"B1","number":"V-{:07}","valid_from":"{}","valid_until":"{}","sponsor_id":"pt-contoh-{}","sponsor_name":"PT Contoh {}","may_work":false}}"#,
                    ["voa", "visit", "itas"][(self.number % 3) as usize],
                    self.number,
                    day(0),
                    day(30 + (self.number % 30) as i64),
                    self.number % (self.lodgings * 2),
                    self.number % (self.lodgings * 2),
                ),
            ),
            Step::CheckIn(lodging) => ("apoa", "lodging.check_in", self.stay(lodging, at, &when)),
            Step::CheckOut(lodging) => ("apoa", "lodging.check_out", self.stay(lodging, at, &when)),
        };
        format!(
            r#"{{"id":"{source}-{written:08}","source":"{source}","kind":"{kind}","occurred_at":"{}",{person},{rest}}}"#,
            when(at)
        )
    }

    fn stay(&self, lodging: u64, at: DateTime<Utc>, when: &dyn Fn(DateTime<Utc>) -> String) -> String {
        let (kabupaten, kecamatan) = KECAMATAN[(lodging % 6) as usize];
        format!(
            r#""place":{{"kabupaten":"{kabupaten}","kecamatan":"{kecamatan}","address":"Jalan Contoh {lodging}","lat":-4.13,"lon":104.17}},"lodging":{{"id":"hotel-contoh-{lodging}","name":"Hotel Contoh {lodging}","room":"{}","planned_check_out":"{}"}}"#,
            100 + self.number % 80,
            when(at + TimeDelta::days(2)),
        )
    }
}
