//! From an alert to notices: which agencies are told, and which fields each may see.

use std::sync::Arc;

use crate::alert::{Alert, Evidence, Finding, Message};
use crate::notice::{EvidenceLine, Notice, Occasion};
use crate::pack::Pack;
use crate::pack::tables::{Agency, Citation};
use crate::record::groups::Groups;
use crate::record::region;
use crate::record::schema::Group;

/// The agencies that a finding's rule asks, where it belongs to.
pub fn responsible<'a>(pack: &'a Pack, finding: &'a Finding) -> impl Iterator<Item = &'a Agency> {
    let asked = Asked::of(finding);
    pack.agencies.iter().filter(move |agency| asked.part(agency) == Part::Asked)
}

/// What a finding is to an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The rule asks one of its roles, and it happened where the agency is responsible.
    Asked,
    /// The rule asks none of its roles.
    NotItsRole,
    /// It happened where other agencies are responsible.
    NotItsKabupaten,
}

/// What a finding is to an agency.
pub fn part(finding: &Finding, agency: &Agency) -> Part {
    Asked::of(finding).part(agency)
}

/// Whom a finding's rule asks, and where: looked up once for all agencies.
struct Asked<'a> {
    roles: Vec<&'a Arc<str>>,
    kabupaten: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn of(finding: &'a Finding) -> Self {
        Asked { roles: finding.roles().collect(), kabupaten: finding.about.kabupaten.as_deref() }
    }

    fn part(&self, agency: &Agency) -> Part {
        let is_here = || self.kabupaten.is_none_or(|code| agency.kabupaten.iter().any(|own| own == code));
        match self.roles.iter().any(|role| agency.roles.contains(role)) {
            false => Part::NotItsRole,
            true if !is_here() => Part::NotItsKabupaten,
            true => Part::Asked,
        }
    }
}

/// The groups behind an agency's message that it may not see: then it reads the rule's title in its place.
pub fn unseen(finding: &Finding, agency: &Agency) -> Vec<Group> {
    let groups = role_message(finding, agency).map(|message| message.groups).unwrap_or_default();
    groups.iter().filter(|group| !agency.sees.contains(group)).collect()
}

/// The agencies that are told: those told before and, unless it is over, those of the rule's roles where it happened.
pub fn recipients<'a>(pack: &'a Pack, alert: &Alert, finding: &Finding, occasion: &Occasion) -> Vec<&'a Agency> {
    let was_told = |agency: &Agency| alert.told.contains(&agency.id);
    let only_told = matches!(occasion, Occasion::Resolved { .. });
    let asked = Asked::of(finding);
    let is_asked = |agency: &Agency| !only_told && asked.part(agency) == Part::Asked;
    pack.agencies.iter().filter(|agency| was_told(agency) || is_asked(agency)).collect()
}

/// The alert as one agency may see it; `None` where it has no part in it.
pub fn notice(pack: &Pack, alert: &Alert, finding: &Finding, agency: &Agency, occasion: Occasion) -> Option<Notice> {
    let rule = pack.rule(finding.rule())?;
    let message = role_message(finding, agency)?;
    let (seen, hidden): (Vec<Evidence>, Vec<Evidence>) =
        finding.evidence().into_iter().partition(|evidence| may_see(agency, evidence.groups));
    let text = if may_see(agency, message.groups) { message.text } else { rule.title.as_str().into() };
    Some(Notice {
        alert: alert.id.clone(),
        revision: alert.revision,
        agency: agency.id.clone(),
        agency_name: agency.name.clone(),
        occasion,
        rule: rule.id.clone(),
        title: rule.title.clone(),
        severity: alert.severity,
        phase: pack
            .timeline
            .phase_id(&finding.about.phase)
            .and_then(|id| pack.timeline.phase(id))
            .map_or_else(|| finding.about.phase.to_string(), |phase| phase.name.clone()),
        kabupaten: match finding.about.kabupaten.as_deref() {
            Some(code) => region::kabupaten_name(code).map_or_else(|| code.to_owned(), str::to_owned),
            None => pack.area_name.clone(),
        },
        occurred_at: finding.about.occurred_at,
        opened_at: alert.opened_at,
        at: finding.about.at,
        findings: alert.findings.len(),
        message: text,
        action: rule.action.clone(),
        why: rule.why.clone(),
        false_positives: rule.false_positives.clone(),
        evidence: seen.iter().map(EvidenceLine::from).collect(),
        evidence_hidden: hidden.len(),
        basis: finding.basis().iter().filter_map(|id| pack.citation(id)).map(Citation::words).collect(),
    })
}

/// Whether an agency is told other words than before, or of another place, where others are responsible.
pub fn reads_otherwise(before: &Finding, now: &Finding, agency: &Agency) -> bool {
    let words = |finding| role_message(finding, agency).filter(|message| may_see(agency, message.groups));
    before.about.kabupaten != now.about.kabupaten || words(before).map(|m| m.text) != words(now).map(|m| m.text)
}

fn may_see(agency: &Agency, groups: Groups) -> bool {
    groups.iter().all(|group| agency.sees.contains(&group))
}

fn role_message(finding: &Finding, agency: &Agency) -> Option<Message> {
    finding.message(|role| agency.roles.contains(role))
}
