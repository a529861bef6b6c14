//! Why intake would not take a record that an author wrote, in both languages.

use crate::record::reject::Rejection;
use crate::words::{Text, say};

/// What is wrong with it, and what to do where that is known.
pub fn refusal(fault: &Rejection) -> (Text, Option<Text>) {
    let (what, help) = match fault.detail.split_once("; help: ") {
        Some((what, help)) => (what, Some(help)),
        None => (fault.detail.as_str(), None),
    };
    let code = fault.code.as_str();
    let help = help.map(|help| say("refusal-help").with("code", code).with("help", help));
    (say("refusal").with("code", code).with("what", what), help)
}
