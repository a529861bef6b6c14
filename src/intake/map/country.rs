//! Countries and nationalities as people write them, to the three letters of ISO 3166-1 and of passports.

use std::collections::HashMap;
use std::sync::LazyLock;

use isocountry::CountryCode;
use serde::Deserialize;

use super::fault::Doubt;
use crate::pack::profile::bare;
use crate::record::reject::RejectCode;
use crate::words::say;

/// How close a name is to one that is known before it is offered as a guess.
const CLOSE: f64 = 0.88;
/// What stands before a name and says nothing.
const BEFORE: [&str; 8] =
    ["warganegara", "kewarganegaraan", "wna", "wn", "orang", "bangsa", "negara", "republikrakyat"];
/// Names that several countries answer to, with the one that is meant most often.
const SHARED: [(&str, &str); 3] = [("korea", "KOR"), ("kongo", "COD"), ("congo", "COD")];

#[derive(Deserialize)]
struct Named {
    code: String,
    names: String,
}

static COUNTRIES: LazyLock<Vec<Named>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("countries.csv").as_bytes()).deserialize().flatten().collect()
});

static NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let ours = COUNTRIES.iter().flat_map(|country| {
        country
            .names
            .split(';')
            .map(|name| (bare(name), country.code.as_str()))
            .chain([(bare(&country.code), country.code.as_str())])
    });
    let listed = CountryCode::iter()
        .flat_map(|country| [country.name(), country.alpha3()].map(|name| (bare(name), country.alpha3())));
    // a name of ours stands before one of the list
    let mut names: HashMap<String, &'static str> = listed.collect();
    names.extend(ours);
    names
});

/// The code of a country or nationality.
///
/// # Errors
/// Nobody is sure which is meant.
pub fn read(text: &str) -> Result<String, Doubt> {
    let word = bare(text);
    // `WN Amerika` begins with `WNA` too: every beginning is tried
    let rests = || BEFORE.iter().filter_map(|before| word.strip_prefix(before)).filter(|rest| rest.len() > 2);
    if let Some(code) = std::iter::once(word.as_str()).chain(rests()).find_map(|name| NAMES.get(name)) {
        return Ok((*code).to_owned());
    }
    if word.len() == 2
        && let Ok(country) = CountryCode::for_alpha2_caseless(&word)
    {
        return Ok(country.alpha3().to_owned());
    }
    let doubt = Doubt::new(RejectCode::Identity, say("cell-country"));
    let name = rests().next().unwrap_or(&word);
    let shared = SHARED.iter().find(|(shared, _)| *shared == name).map(|(_, code)| *code);
    match shared.or_else(|| closest(name)) {
        Some(code) => Err(doubt.guess(display(code), code)),
        None => Err(doubt),
    }
}

/// The countries by the names by which people here know them.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = COUNTRIES.iter().filter_map(|country| country.names.split(';').next()).collect();
    names.sort_unstable();
    names
}

/// The name by which people here know a country.
fn display(code: &str) -> String {
    let ours =
        COUNTRIES.iter().find(|country| country.code == code).and_then(|country| country.names.split(';').next());
    ours.unwrap_or(code).to_owned()
}

fn closest(name: &str) -> Option<&'static str> {
    let scored = NAMES.iter().filter(|(known, _)| known.len() > 3).map(|(known, code)| {
        // of equals the one that is first in the alphabet, so that a guess is the same every time
        (strsim::jaro_winkler(name, known), known, *code)
    });
    scored
        .filter(|(score, ..)| *score >= CLOSE)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(.., code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_demonyms_and_codes_come_to_one_code() {
        for (text, code) in [
            ("Tiongkok", "CHN"),
            ("RRT", "CHN"),
            ("cina", "CHN"),
            ("China", "CHN"),
            ("Perancis", "FRA"),
            ("Prancis", "FRA"),
            ("Belanda", "NLD"),
            ("warga negara Jerman", "DEU"),
            ("WN Amerika Serikat", "USA"),
            ("WNA Inggris", "GBR"),
            ("Korea Selatan", "KOR"),
            ("de", "DEU"),
            ("nld", "NLD"),
            ("UTO", "UTO"),
            ("Utopia", "UTO"),
            ("Viet Nam", "VNM"),
            ("D", "DEU"),
        ] {
            assert_eq!(read(text).ok().as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn a_slip_is_a_guess_and_no_answer() {
        for (text, guess) in
            [("Tiogkok", Some("CHN")), ("Prncis", Some("FRA")), ("Korea", Some("KOR")), ("Wakanda", None), ("12", None)]
        {
            let doubt = read(text).unwrap_err();
            assert_eq!(doubt.value.as_deref(), guess, "{text}");
        }
    }

    #[test]
    fn every_code_of_the_table_is_one_of_the_list_or_of_passports() {
        for country in COUNTRIES.iter() {
            let special = ["UTO", "GBD", "GBN", "GBO", "GBP", "GBS", "RKS", "UNO", "UNA", "XXA", "XXB", "XXC", "XXX"];
            let code = country.code.as_str();
            assert!(special.contains(&code) || CountryCode::for_alpha3(code).is_ok(), "{code}");
        }
    }
}
