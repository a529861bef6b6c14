//! The curve as one page that needs nothing else: plots and their tables, in Indonesian. It names no person.

mod plot;
mod words;

use askama::Template;

use super::curve::{Curve, Tally};
use super::limit::Limit;
use super::{History, Plan};
use plot::Plot;
use words::{Words, range};

#[derive(Template)]
#[template(path = "tune/templates/curve.html")]
struct Page {
    pack: String,
    name: String,
    meaning: String,
    present: String,
    part: String,
    records: String,
    kinds: Vec<[String; 3]>,
    triggers: Vec<(String, String)>,
    verdict: String,
    rules: Vec<(String, String)>,
    limit: String,
    plot: Plot,
    beyond: String,
    agencies: Vec<Plot>,
    phases: Vec<Plot>,
    kabupaten: Vec<Plot>,
    rows: Vec<Row>,
    columns: Vec<String>,
    agency_rows: Vec<AgencyRow>,
    near: Vec<Near>,
    near_words: String,
    method: String,
}

struct Row {
    value: String,
    is_present: bool,
    counts: [usize; 4],
    busiest: String,
}

struct AgencyRow {
    value: String,
    is_present: bool,
    counts: Vec<usize>,
}

struct Near {
    record: String,
    rule: String,
    at: String,
    operand: String,
    fires_at: String,
}

/// The page.
///
/// # Errors
/// The template cannot be filled.
pub fn page(plan: &Plan, history: &History, curve: &Curve, limit: Option<&Limit>) -> Result<String, askama::Error> {
    let words = Words { plan, curve };
    let agencies = curve.agencies(&plan.pack);
    let titles: Vec<String> = agencies.iter().map(|agency| agency.name.clone()).collect();
    let opened = |tally: &Tally| -> Vec<usize> {
        let by = curve.by_agency(tally, |_| true);
        agencies.iter().map(|agency| by.get(&agency.id).map_or(0, |counts| counts.open)).collect()
    };
    let by_point: Vec<Vec<usize>> = curve.points.iter().map(|point| opened(&point.tally)).collect();
    let agency_plots = agencies.iter().enumerate().map(|(place, agency)| {
        let counts = by_point.iter().map(|opened| opened.get(place).copied().unwrap_or_default()).collect();
        words.plot(agency.name.clone(), counts)
    });
    let stated = plan.stated();
    let page = Page {
        pack: plan.whole.title.clone(),
        name: stated.map(|threshold| threshold.name.clone()).unwrap_or_default(),
        meaning: stated.map(|threshold| threshold.meaning.clone()).unwrap_or_default(),
        present: words.present(),
        part: words.part(),
        records: words.records(history),
        kinds: words.kinds(history),
        triggers: words.triggers(),
        verdict: words.verdict(history),
        rules: plan.moved.iter().map(|rule| (rule.id.to_string(), rule.title.clone())).collect(),
        limit: limit.map(|limit| words.limit(limit)).unwrap_or_default(),
        plot: words.plot("Semua siaga baru".to_owned(), words.opened(|_| true)),
        agencies: agency_plots.filter(Plot::is_worth_it).collect(),
        phases: words.by_phase(),
        kabupaten: words.by_kabupaten(),
        rows: words.rows(),
        agency_rows: words
            .plateaus(opened)
            .into_iter()
            .map(|one| AgencyRow {
                value: range(one.first, one.last),
                is_present: words.is_present(one.first),
                counts: one.shown,
            })
            .collect(),
        beyond: words.beyond(),
        columns: titles,
        near: words.near(),
        near_words: words.near_words(),
        method: words.method(),
    };
    page.render()
}
