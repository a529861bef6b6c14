//! Alerts as a coordinator reads them in the terminal.

use std::io::{self, Write};

use chrono::{DateTime, Locale, Utc};

use crate::alert::{CloseReason, Disposition, HoldReason, Severity};
use crate::entry::{Disposed, Step};
use crate::pack::Pack;
use crate::record::region;
use crate::timeline::{PhaseId, Place};

/// Prints what happens, with a line where a phase begins.
#[derive(Debug)]
pub struct Show {
    color: bool,
    phase: Option<PhaseId>,
    /// Alerts opened so far.
    pub opened: usize,
}

impl Show {
    /// For a terminal that knows colors, or not.
    pub fn new(color: bool) -> Self {
        Show { color, phase: None, opened: 0 }
    }

    /// Says that a phase began, if one did.
    ///
    /// # Errors
    /// Where the output is closed.
    pub fn phase(&mut self, pack: &Pack, at: DateTime<Utc>, out: &mut dyn Write) -> io::Result<()> {
        let phase = pack.timeline.phase_at(Place::default(), at);
        if self.phase.replace(phase) == Some(phase) {
            return Ok(());
        }
        let name = pack.timeline.phase(phase).map_or("", |phase| phase.name.as_str());
        writeln!(out, "\n{}", self.bold(&format!("-- {}  {name} --", local(pack, at, "%a %-d %b %Y %H.%M"))))
    }

    /// Prints what became of the findings of a step, apart from silent repeats.
    ///
    /// # Errors
    /// Where the output is closed.
    pub fn step(&mut self, pack: &Pack, step: &Step, out: &mut dyn Write) -> io::Result<()> {
        self.phase(pack, step.at, out)?;
        for disposed in &step.effects.dispositions {
            self.opened += usize::from(disposed.disposition == Disposition::Open);
            if !matches!(disposed.disposition, Disposition::Repeat { .. }) {
                self.disposed(pack, step, disposed, out)?;
            }
        }
        Ok(())
    }

    fn disposed(&self, pack: &Pack, step: &Step, disposed: &Disposed, out: &mut dyn Write) -> io::Result<()> {
        let finding = &disposed.finding;
        let title = pack.rule(finding.rule()).map_or("", |rule| rule.title.as_str());
        let place = finding.about.kabupaten.as_deref().and_then(region::kabupaten_name).unwrap_or(&pack.area_name);
        let severity = finding.severity.word().to_uppercase();
        let what = match &disposed.disposition {
            Disposition::Open => "BARU".to_owned(),
            Disposition::Escalate { .. } => "NAIK".to_owned(),
            Disposition::Resolve { reason } => format!("SELESAI, {}", over(*reason)),
            Disposition::Hold(reason) => format!("DITAHAN, {}", held(reason)),
            Disposition::Repeat { .. } => "BERULANG".to_owned(),
        };
        let time = local(pack, step.at, "%a %-d %b %H.%M");
        let head = format!("{time:<16} {severity:<8} {what}: {title} · {place}");
        writeln!(out, "{}", self.paint(finding.severity, &disposed.disposition, &head))?;
        if matches!(disposed.disposition, Disposition::Open | Disposition::Escalate { .. }) {
            let notify = finding.notify();
            for (index, (role, message)) in notify.iter().enumerate() {
                let is_new = !notify.iter().take(index).any(|(_, earlier)| earlier.text == message.text);
                let asked = if notify.len() > 1 { format!("{role}: ") } else { String::new() };
                if is_new {
                    writeln!(out, "{INDENT}{asked}{}", message.text)?;
                }
            }
            let notices = step.effects.notices.iter().filter(|notice| notice.alert == disposed.alert);
            let told: Vec<&str> = notices.map(|notice| notice.agency.as_ref()).collect();
            writeln!(out, "{INDENT}-> {}", told.join(", "))?;
        }
        Ok(())
    }

    fn paint(&self, severity: Severity, disposition: &Disposition, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match (disposition, severity) {
            (Disposition::Resolve { .. } | Disposition::Hold(_), _) => "2",
            (_, Severity::Siaga1) => "1;31",
            (_, Severity::Siaga2) => "33",
            _ => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn bold(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Under the time and the severity of an alert's head.
const INDENT: &str = "                 ";

fn over(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::FalseAlarm => "petugas sudah memeriksa; tidak perlu tindak lanjut",
        CloseReason::Handled => "sudah ditangani",
        CloseReason::Duplicate => "tercakup dalam peringatan lain",
        CloseReason::AnsweredLate => "yang ditunggu sudah datang",
        CloseReason::EvidenceWithdrawn => "datanya dicabut atau diperbaiki",
    }
}

fn held(reason: &HoldReason) -> String {
    match reason {
        HoldReason::SilentPhase => "hanya dicatat dalam tahapan ini".to_owned(),
        HoldReason::Suppressed { by } => format!("sudah dijelaskan oleh {by}"),
        HoldReason::Exempt => "orang yang dikecualikan".to_owned(),
        HoldReason::FalseAlarm { .. } => "baru saja ditutup sebagai tidak ada masalah".to_owned(),
        HoldReason::Shadow => "aturan masih dicoba".to_owned(),
    }
}

/// An instant in the pack's zone, in Indonesian.
pub fn local(pack: &Pack, at: DateTime<Utc>, form: &str) -> String {
    at.with_timezone(&pack.timeline.zone).format_localized(form, Locale::id_ID).to_string()
}
