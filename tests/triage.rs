//! What becomes of a finding: the table of decisions.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support {
    #[expect(dead_code, reason = "the table needs no log to drive")]
    pub mod drive;
}

use std::sync::Arc;

use chrono::TimeDelta;
use siaga::alert::finding::Written;
use siaga::alert::{Alert, CloseReason, Disposition, Finding, FindingKey, HoldReason, Severity, Status};
use siaga::pack::Pack;
use siaga::pack::rule::{self, OncePer, Rule};
use siaga::record::RecordKey;
use siaga::subject::{Subject, SubjectKind};
use siaga::triage::{Target, decide};
use support::drive::{at, pack_with};

const NOW: &str = "2024-11-20T12:00:00+07:00";

fn finding(rule: &str, trigger: &str, severity: Severity) -> Finding {
    Written {
        key: FindingKey {
            rule: Arc::from(rule),
            trigger: RecordKey { source: Arc::from("uji"), id: Arc::from(trigger) },
            firing: 0,
        },
        subject: Subject { kind: SubjectKind::Lodging, key: Arc::from("hotel-contoh-1") },
        occurred_at: at(NOW),
        at: at(NOW),
        phase: Arc::from("kampanye"),
        kabupaten: Some(Arc::from("16.01")),
        severity,
        notify: [].into(),
        basis: [].into(),
        evidence: [].into(),
        exempt: false,
    }
    .into()
}

fn is_exempt(finding: &mut Finding) {
    Arc::make_mut(&mut finding.about).exempt = true;
}

fn alert(rule: &str, occasion: &str, status: Status) -> Alert {
    let first = finding(rule, "t1", Severity::Siaga3);
    Alert {
        id: Arc::from(format!("A-{rule}-{occasion}")),
        rule: Arc::from(rule),
        subject: first.about.subject.clone(),
        occasion: occasion.to_owned(),
        status,
        severity: Severity::Siaga3,
        held: None,
        opened_at: at("2024-11-18T12:00:00+07:00"),
        updated_at: at("2024-11-18T12:00:00+07:00"),
        findings: vec![first],
        revision: 1,
        told: vec![Arc::from("kanim-muaraenim")],
    }
}

fn closed(reason: CloseReason, days_ago: i64) -> Status {
    Status::Ditutup { reason, at: at(NOW) - TimeDelta::days(days_ago) }
}

fn held(mut alert: Alert, why: HoldReason) -> Alert {
    (alert.held, alert.revision, alert.told) = (Some(why), 0, Vec::new());
    alert
}

/// The rule under test, with its occasion and status set; `sumber-senyap` suppresses it.
const RULE: &str = "inap-belum-lapor";

struct Row {
    what: &'static str,
    once_per: OncePer,
    status: rule::Status,
    finding: Finding,
    alerts: Vec<Alert>,
    disposition: &'static str,
    target: Target,
}

fn row(what: &'static str, once_per: OncePer, alerts: Vec<Alert>, disposition: &'static str, target: Target) -> Row {
    let finding = finding(RULE, "t2", Severity::Siaga3);
    Row { what, once_per, status: rule::Status::Stable, finding, alerts, disposition, target }
}

fn new(occasion: &str) -> Target {
    Target::New(occasion.to_owned())
}

fn table() -> Vec<Row> {
    use CloseReason::{AnsweredLate, Duplicate, EvidenceWithdrawn, FalseAlarm, Handled};
    use OncePer::{Case, Phase, Record, Span};
    use Target::Join;
    let open = || alert(RULE, "case", Status::Baru);
    let week = Span(TimeDelta::days(7));
    let since = "repeat since 2024-11-18T05:00:00+00:00";
    let mut rows = vec![
        row("the first of a case", Case, vec![], "open", new("case")),
        row("a second of an open case", Case, vec![open()], since, Join(0)),
        row("an open case of another rule", Case, vec![alert("lewat-izin", "case", Status::Baru)], "open", new("case")),
        row("a case that somebody took", Case, vec![alert(RULE, "case", Status::Diterima)], since, Join(0)),
        row("a case that somebody looked into", Case, vec![alert(RULE, "case", Status::Ditinjau)], since, Join(0)),
        row("a case that was handled", Case, vec![alert(RULE, "case", closed(Handled, 1))], "open", new("case")),
        row("a case that was a duplicate", Case, vec![alert(RULE, "case", closed(Duplicate, 1))], "open", new("case")),
        row("a case that was answered", Case, vec![alert(RULE, "case", closed(AnsweredLate, 1))], "open", new("case")),
        row(
            "a false alarm of yesterday",
            Case,
            vec![alert(RULE, "case", closed(FalseAlarm, 1))],
            "hold false-alarm",
            new("case"),
        ),
        row(
            "a false alarm of 14 days ago",
            Case,
            vec![alert(RULE, "case", closed(FalseAlarm, 14))],
            "open",
            new("case"),
        ),
        row(
            "another rule's false alarm",
            Case,
            vec![alert("lewat-izin", "case", closed(FalseAlarm, 1))],
            "open",
            new("case"),
        ),
        row(
            "the open one among closed ones",
            Case,
            vec![alert(RULE, "case", closed(Handled, 9)), open()],
            since,
            Join(1),
        ),
        row("the same phase", Phase, vec![alert(RULE, "phase:kampanye", Status::Baru)], since, Join(0)),
        row(
            "another phase",
            Phase,
            vec![alert(RULE, "phase:pendaftaran", Status::Baru)],
            "open",
            new("phase:kampanye"),
        ),
        row("the same phase, handled", Phase, vec![alert(RULE, "phase:kampanye", closed(Handled, 1))], since, Join(0)),
        row(
            "the same phase, withdrawn",
            Phase,
            vec![alert(RULE, "phase:kampanye", closed(EvidenceWithdrawn, 1))],
            "open",
            new("phase:kampanye"),
        ),
        row("the same record", Record, vec![alert(RULE, "record:uji/t2", Status::Baru)], since, Join(0)),
        row("another record", Record, vec![alert(RULE, "record:uji/t1", Status::Baru)], "open", new("record:uji/t2")),
        row("the same record, handled", Record, vec![alert(RULE, "record:uji/t2", closed(Handled, 1))], since, Join(0)),
        row(
            "the same record, answered by the program",
            Record,
            vec![alert(RULE, "record:uji/t2", closed(AnsweredLate, 1))],
            "open",
            new("record:uji/t2"),
        ),
        row("within the span", week, vec![alert(RULE, "span", Status::Baru)], since, Join(0)),
        row("within the span, handled", week, vec![alert(RULE, "span", closed(Handled, 1))], since, Join(0)),
        row("within the span, answered", week, vec![alert(RULE, "span", closed(AnsweredLate, 1))], "open", new("span")),
        row("after the span", Span(TimeDelta::days(2)), vec![alert(RULE, "span", Status::Baru)], "open", new("span")),
        row("one that was held", Case, vec![held(open(), HoldReason::SilentPhase)], "open", Join(0)),
        row(
            "while another rule's alert explains it",
            Case,
            vec![alert("sumber-senyap", "case", Status::Baru)],
            "hold suppressed by sumber-senyap",
            new("case"),
        ),
        row(
            "after that alert",
            Case,
            vec![alert("sumber-senyap", "case", closed(AnsweredLate, 1))],
            "open",
            new("case"),
        ),
        row(
            "while that alert is itself held",
            Case,
            vec![held(alert("sumber-senyap", "case", Status::Baru), HoldReason::Exempt)],
            "open",
            new("case"),
        ),
        row("beside one about exempt people", Case, vec![held(open(), HoldReason::Exempt)], "open", new("case")),
    ];
    let mut more = |what, change: fn(&mut Row), alerts, disposition, target| {
        let mut row = row(what, Case, alerts, disposition, target);
        change(&mut row);
        rows.push(row);
    };
    more(
        "a more urgent one",
        |row| row.finding.severity = Severity::Siaga1,
        vec![open()],
        "escalate siaga-3 to siaga-1",
        Join(0),
    );
    more(
        "a less urgent one",
        |row| row.finding.severity = Severity::Silent,
        vec![open()],
        "hold silent-phase",
        Join(0),
    );
    more("a silent phase", |row| row.finding.severity = Severity::Silent, vec![], "hold silent-phase", new("case"));
    more("an exempt person", |row| is_exempt(&mut row.finding), vec![], "hold exempt", new("case"));
    more(
        "an exempt person beside an open alert",
        |row| is_exempt(&mut row.finding),
        vec![open()],
        "hold exempt",
        new("case"),
    );
    more(
        "an exempt person beside another exempt one",
        |row| is_exempt(&mut row.finding),
        vec![held(open(), HoldReason::Exempt)],
        "hold exempt",
        Join(0),
    );
    more("a rule in the shadow", |row| row.status = rule::Status::Shadow, vec![], "hold shadow", new("case"));
    more(
        "a rule in the shadow, about an exempt person",
        |row| {
            row.status = rule::Status::Shadow;
            is_exempt(&mut row.finding);
        },
        vec![],
        "hold exempt",
        new("case"),
    );
    let later = |row: &mut Row| {
        row.once_per = OncePer::Phase;
        row.finding = finding(RULE, "t1", Severity::Siaga1);
        row.finding.firing = 1;
    };
    let earlier = || alert(RULE, "phase:pendaftaran", Status::Diterima);
    more("a later step joins the alert of its first", later, vec![earlier()], "escalate siaga-3 to siaga-1", Join(0));
    more(
        "a later step of another trigger does not",
        |row| {
            row.once_per = OncePer::Phase;
            row.finding.firing = 1;
        },
        vec![earlier()],
        "open",
        new("phase:kampanye"),
    );
    more(
        "a later step after people dealt with the first",
        later,
        vec![alert(RULE, "phase:pendaftaran", closed(Handled, 1))],
        "open",
        new("phase:kampanye"),
    );
    rows
}

fn with(pack: &Pack, once_per: OncePer, status: rule::Status) -> Rule {
    Rule { once_per, status, ..pack.rule(RULE).unwrap().as_ref().clone() }
}

#[test]
fn each_finding_has_its_disposition_and_its_alert() {
    let pack = pack_with(|_| ());
    for row in table() {
        let rule = with(&pack, row.once_per, row.status);
        let (disposition, target) = decide(&pack, &rule, &row.finding, &row.alerts, at(NOW));
        let words = format!("{} {}", disposition.word(), disposition.reason());
        assert_eq!((words.trim_end(), target), (row.disposition, row.target), "{}", row.what);
    }
}

#[test]
fn a_false_alarm_says_until_when_it_stays_quiet() {
    let pack = pack_with(|_| ());
    let alerts = [
        alert(RULE, "case", closed(CloseReason::FalseAlarm, 10)),
        alert(RULE, "case", closed(CloseReason::FalseAlarm, 3)),
    ];
    let rule = with(&pack, OncePer::Case, rule::Status::Stable);
    let (disposition, _) = decide(&pack, &rule, &finding(RULE, "t2", Severity::Siaga3), &alerts, at(NOW));
    assert_eq!(disposition, Disposition::Hold(HoldReason::FalseAlarm { until: at(NOW) + TimeDelta::days(11) }));
}
