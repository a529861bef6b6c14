//! Cells of a spreadsheet that no program takes for a formula.

/// The text, with a quote before what a spreadsheet would run.
pub fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\0=1", "\r=1"] {
            assert!(plain(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(plain("Hotel Contoh = baik"), "Hotel Contoh = baik");
        assert_eq!(plain(""), "");
    }
}
