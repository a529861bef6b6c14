//! What stands in a pack's tables and in the schema, in words: in a few, and in full as Markdown.

use chrono::{DateTime, NaiveTime, Utc};

use crate::pack::Pack;
use crate::pack::lists::List;
use crate::pack::tables::{Agency, Citation};
use crate::pack::thresholds::Threshold;
use crate::record::schema::{Field, Group, Kind, Type};
use crate::timeline::{Calendar, Phase, PhaseId, Stage};
use crate::words::{Language, Text, say};

/// Describes what a pack has.
#[derive(Clone, Copy)]
pub struct Describe<'a> {
    /// The pack's tables.
    pub tables: &'a Pack,
    /// The language.
    pub language: Language,
}

/// In a few words and in full.
type Said = (String, String);

impl Describe<'_> {
    fn say(self, text: &Text) -> String {
        text.render(self.language)
    }

    /// A field: its type, who may see it, and whether conditions may read it.
    pub fn field(self, field: &Field) -> Said {
        let ty = self.say(&match field.ty {
            Type::Bool => say("editor-type-bool"),
            Type::Int => say("editor-type-int"),
            Type::Number => say("editor-type-number"),
            Type::Text => say("editor-type-text"),
            Type::Time => say("editor-type-time"),
            Type::Choice(words) => say("editor-type-word").with("words", words.join(", ")),
        });
        let mut doc = format!("`{}`: {ty}\n\n{}", field.path, self.group(field.group).1);
        if !field.protected {
            return (ty, doc);
        }
        let protected = self.say(&say("editor-protected"));
        doc.push_str(&format!("\n\n**{protected}**"));
        (format!("{ty}; {protected}"), doc)
    }

    /// A group of fields.
    pub fn group(self, group: Group) -> Said {
        let said = self.say(&say("editor-group").with("group", group.word()));
        (said.clone(), said)
    }

    /// A kind of record: what it has to state.
    pub fn kind(self, kind: &Kind) -> Said {
        let or = self.say(&say("editor-or"));
        let asked: Vec<String> = kind.requires.iter().map(|asked| asked.replace('|', &format!(" {or} "))).collect();
        let said = self.say(&if asked.is_empty() {
            say("editor-kind-bare")
        } else {
            say("editor-kind").with("fields", asked.join(", "))
        });
        (said.clone(), format!("`{}`\n\n{said}", kind.name))
    }

    /// A threshold: meaning, unit, bounds, and its values.
    pub fn threshold(self, threshold: &Threshold) -> Said {
        let number = |value: f64| value.to_string();
        let said = self.say(
            &say("editor-threshold")
                .with("value", number(threshold.default))
                .with("unit", threshold.unit.as_str())
                .with("min", number(threshold.min))
                .with("max", number(threshold.max)),
        );
        let phase = |id: PhaseId| self.tables.timeline.phase_word(id).to_owned();
        let mut lines = vec![threshold.meaning.clone(), String::new(), said.clone(), String::new()];
        let by_phase = threshold.phase.iter().map(|(id, value)| (format!("`{}`", phase(*id)), *value));
        let by_kabupaten = threshold.kabupaten.iter().map(|(code, value)| (code.clone(), *value));
        let by_both = threshold.kabupaten_phase.iter();
        let by_both = by_both.map(|((code, id), value)| (format!("{code}, `{}`", phase(*id)), *value));
        lines.extend(by_phase.chain(by_kabupaten).chain(by_both).map(|(place, value)| format!("- {place}: {value}")));
        (said, lines.join("\n"))
    }

    fn instant(self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.tables.timeline.zone);
        let form = if local.time() == NaiveTime::MIN { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" };
        local.format(form).to_string()
    }

    /// When a phase is in one calendar: from, and up to.
    fn days(self, calendar: &Calendar, id: PhaseId) -> Option<String> {
        let index = calendar.begins.iter().position(|(_, phase)| *phase == id)?;
        let (from, _) = calendar.begins.get(index)?;
        let from = self.instant(*from);
        Some(match calendar.begins.get(index + 1) {
            Some((until, _)) => self.say(&say("editor-days").with("from", from).with("until", self.instant(*until))),
            None => self.say(&say("editor-days-from").with("from", from)),
        })
    }

    /// A phase: its name and dates, those of a kabupaten where they are its own.
    pub fn phase(self, phase: &Phase) -> Said {
        let timeline = &self.tables.timeline;
        let Some(id) = timeline.phase_id(&phase.id) else { return (phase.name.clone(), String::new()) };
        let whole = self.days(&timeline.whole_area, id).unwrap_or_default();
        let mut lines = vec![format!("**{}**", phase.name), String::new(), whole.clone(), String::new()];
        for (code, calendar) in &timeline.by_kabupaten {
            let own = self.days(calendar, id).filter(|own| *own != whole);
            lines.extend(own.map(|own| format!("- {code}: {own}")));
        }
        (phase.name.clone(), lines.join("\n"))
    }

    /// A stage: its name and dates.
    pub fn stage(self, stage: &Stage) -> Said {
        let mut doc = format!("**{}**", stage.name);
        for (text, at) in [(say("editor-stage-starts"), stage.starts), (say("editor-stage-ends"), stage.ends)] {
            if let Some(at) = at {
                doc.push_str(&format!("\n\n{}: {}", self.say(&text), self.instant(at)));
            }
        }
        self.verified(stage.verified, &mut doc);
        (stage.name.clone(), doc)
    }

    fn verified(self, is_verified: bool, doc: &mut String) {
        if !is_verified {
            doc.push_str(&format!("\n\n*{}*", self.say(&say("editor-unverified"))));
        }
    }

    /// A citation: its text and when it is in force.
    pub fn citation(self, citation: &Citation) -> Said {
        let from = say("editor-in-force-from").with("from", citation.valid_from.to_string());
        let days = self.say(&match citation.valid_until {
            None => from,
            Some(until) => {
                say("editor-in-force").with("from", citation.valid_from.to_string()).with("until", until.to_string())
            }
        });
        let mut doc = format!("{}\n\n{days}", citation.text);
        self.verified(citation.verified, &mut doc);
        (days, doc)
    }

    /// A role: the agencies that have it.
    pub fn role(self, id: &str, name: &str) -> String {
        let agencies = self.tables.agencies.iter().filter(|agency| agency.roles.iter().any(|role| role.as_ref() == id));
        let mut lines: Vec<String> = agencies
            .map(|agency| format!("- `{}`: {} ({})", agency.id, agency.name, agency.kabupaten.join(", ")))
            .collect();
        if lines.is_empty() {
            lines.push(self.say(&say("editor-role-of-nobody")));
        }
        format!("**{name}**\n\n{}", lines.join("\n"))
    }

    /// An agency: its roles, where it is responsible, and what it may see.
    pub fn agency(self, agency: &Agency) -> Said {
        let sees: Vec<&str> = agency.sees.iter().map(|group| group.word()).collect();
        let said = say("editor-agency")
            .with("roles", agency.roles.join(", "))
            .with("kabupaten", agency.kabupaten.join(", "))
            .with("groups", if sees.is_empty() { "-".to_owned() } else { sees.join(", ") });
        let mut doc = format!("**{}**\n\n{}", agency.name, self.say(&said));
        self.verified(agency.verified, &mut doc);
        (agency.name.clone(), doc)
    }

    /// A reference list.
    pub fn list(self, list: &List) -> Said {
        let said = self.say(&if list.protected {
            say("editor-list-protected")
        } else {
            say("editor-list").with("keys", list.keys.len())
        });
        (said.clone(), said)
    }
}
