//! Why an agency was or was not told of a finding, from what routing decides.

use crate::alert::{Alert, Finding, HoldReason};
use crate::notice::Occasion;
use crate::pack::Pack;
use crate::pack::tables::Agency;
use crate::record::region;
use crate::record::schema::Group;
use crate::record::shown::Shown;
use crate::route::{self, Part};
use crate::words::{Text, say};

/// Whether an agency was told, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was told.
    Told,
    /// The rule asks none of its roles.
    NotItsRole,
    /// It happened where other agencies are responsible.
    NotItsKabupaten,
    /// The alert is kept from everybody.
    Held(HoldReason),
    /// The finding joined an alert that had been sent before, to others.
    NotSent,
}

/// What an agency has to do with a finding.
pub struct Told<'a> {
    pack: &'a Pack,
    agency: &'a Agency,
    finding: &'a Finding,
    /// Whether it was told, and why.
    pub why: Why,
    /// The groups for which it reads the title in place of the message.
    pub unseen: Vec<Group>,
    /// What it reads; none where it reads nothing.
    pub message: Option<Shown>,
    /// How many lines of evidence it does not read.
    pub hidden: usize,
}

impl Why {
    /// The word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Why::Told => "told",
            Why::NotItsRole => "not-its-role",
            Why::NotItsKabupaten => "not-its-kabupaten",
            Why::Held(_) => "held",
            Why::NotSent => "not-sent",
        }
    }
}

impl<'a> Told<'a> {
    /// Of a finding and its alert.
    pub fn of(pack: &'a Pack, alert: &'a Alert, finding: &'a Finding, agency: &'a Agency) -> Self {
        let why = match route::part(finding, agency) {
            _ if alert.told.contains(&agency.id) => Why::Told,
            Part::NotItsRole => Why::NotItsRole,
            Part::NotItsKabupaten => Why::NotItsKabupaten,
            Part::Asked => alert.held.clone().map_or(Why::NotSent, Why::Held),
        };
        let notice = (why == Why::Told).then(|| route::notice(pack, alert, finding, agency, Occasion::Opened));
        let notice = notice.flatten();
        Told {
            pack,
            agency,
            finding,
            unseen: if notice.is_some() { route::unseen(finding, agency) } else { Vec::new() },
            hidden: notice.as_ref().map_or(0, |notice| notice.evidence_hidden),
            message: notice.map(|notice| notice.message),
            why,
        }
    }

    /// The same in a sentence.
    pub fn said(&self) -> Text {
        let said = match &self.why {
            Why::Told if self.unseen.is_empty() => say("explain-told"),
            Why::Told => {
                let groups: Vec<&str> = self.unseen.iter().map(|group| group.word()).collect();
                say("explain-told-title").with("groups", groups.join(", "))
            }
            Why::NotItsRole => {
                let asked: Vec<&str> = self.finding.roles().map(AsRef::as_ref).collect();
                say("explain-not-its-role").with("asked", asked.join(", ")).with("roles", self.agency.roles.join(", "))
            }
            Why::NotItsKabupaten => say("explain-not-its-kabupaten")
                .with("kabupaten", kabupaten(self.finding.about.kabupaten.as_deref().unwrap_or("")))
                .with("own", self.agency.kabupaten.iter().map(|code| kabupaten(code)).collect::<Vec<_>>().join(", ")),
            Why::Held(reason) => say("explain-not-told-held").with("reason", reason.said(self.pack.timeline.zone)),
            Why::NotSent => say("explain-not-sent"),
        };
        said.with("agency", self.agency.id.as_ref())
    }
}

fn kabupaten(code: &str) -> &str {
    region::kabupaten_name(code).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::alert::finding::Written;
    use crate::alert::{FindingKey, Message, Severity, Status};
    use crate::pack::files::Files;
    use crate::record::RecordKey;
    use crate::subject::{Subject, SubjectKind};
    use crate::words::Language;

    fn finding(pack: &Pack) -> Finding {
        let rule = pack.rules.first().unwrap();
        let groups = [Group::Identity].into_iter().collect();
        let message = Message { text: "Nama orangnya.".into(), groups };
        Written {
            key: FindingKey {
                rule: rule.id.clone(),
                trigger: RecordKey { source: Arc::from("uji"), id: Arc::from("1") },
                firing: 0,
            },
            subject: Subject { kind: SubjectKind::Source, key: Arc::from("uji") },
            occurred_at: crate::clock::now(),
            at: crate::clock::now(),
            phase: Arc::from("tenang"),
            kabupaten: Some(Arc::from("16.01")),
            severity: Severity::Siaga2,
            notify: [(Arc::from("bawaslu"), message)].into(),
            basis: [].into(),
            evidence: [].into(),
            exempt: false,
        }
        .into()
    }

    fn alert(finding: &Finding, held: Option<HoldReason>, told: &[&str]) -> Alert {
        Alert {
            id: Arc::from("A-uji"),
            rule: finding.rule().clone(),
            subject: finding.about.subject.clone(),
            occasion: String::new(),
            status: Status::Baru,
            severity: finding.severity,
            held,
            opened_at: finding.about.at,
            updated_at: finding.about.at,
            findings: Vec::new(),
            revision: 1,
            told: told.iter().map(|id| Arc::from(*id)).collect(),
        }
    }

    #[test]
    fn each_reason_has_its_words() {
        let mut pack = crate::pack::build(Files::built_in()).pack.unwrap();
        let place = pack.agencies.iter().position(|agency| agency.id.as_ref() == "bawaslu-oku").unwrap();
        pack.agencies[place].sees.clear();
        let finding = finding(&pack);
        let agency = pack.agency("bawaslu-oku").unwrap();
        let said = |held, told: &[&str]| {
            let alert = alert(&finding, held, told);
            let told = Told::of(&pack, &alert, &finding, agency);
            (told.why.word(), told.message.as_ref().map(ToString::to_string), told.said().render(Language::English))
        };
        let title = Some(pack.rules.first().unwrap().title.clone());
        let words = "bawaslu-oku was told, with the title in place of the message: it may not see identity";
        assert_eq!(said(None, &["bawaslu-oku"]), ("told", title, words.to_owned()));
        let words = "bawaslu-oku was not told, nor was anybody: the person is exempt (exempt)";
        assert_eq!(said(Some(HoldReason::Exempt), &[]), ("held", None, words.to_owned()));
        let words = "bawaslu-oku was not told: the finding joined an alert that had been sent to others before";
        assert_eq!(said(None, &["kpu-oku"]), ("not-sent", None, words.to_owned()));
    }
}
