//! Expressions of which the types do not fit, or the names.

use super::expressions::{Grammar, TEXT_FIELDS, TIME_FIELDS, Text, binary, either, kinds, of, word};

impl Grammar {
    /// An expression whose types do not fit, among others that do.
    pub fn ill_typed(&self) -> Text {
        let number = either([self.ints.clone(), self.numbers.clone()]);
        let bad = either([
            self.ill_compared(),
            of("({} + {} == {})", [&self.texts, &number, &number]),
            of("({} + {} > {})", [&self.times, &self.ints, &self.times]),
            of("({} % {} > {})", [&self.spans, &self.ints, &self.spans]),
            of("({} * {} > {})", [&self.spans, &self.spans, &self.spans]),
            of("!{}", [&number]),
            self.texts.clone(),
            self.times.clone(),
            of("({} && {})", [&self.bools, &self.texts]),
            of("starts_with({}, {})", [&self.texts, &self.ints]),
            of("{}.ends_with({})", [&either([self.times.clone(), number.clone()]), &self.texts]),
            of("(days({}) > {})", [&self.texts, &self.spans]),
            of("(hours({}) > {})", [&self.numbers, &self.spans]),
            of("(min({}, {}) > 0)", [&self.ints, &self.texts]),
            of("seen(\"{}\", {})", [&kinds(), &self.ints]),
            of("seen(\"{}\", {}, {})", [&kinds(), &self.spans, &self.spans]),
            of("seen(\"{}\", #{ \"{}\": {} })", [&kinds(), &word(&TEXT_FIELDS), &number]),
            of("seen(\"{}\", #{ \"{}\": {} })", [&kinds(), &word(&TIME_FIELDS), &self.texts]),
            of("seen(\"{}\", #{ \"person\": {} })", [&kinds(), &self.ints]),
            of("listed(\"visa_index\", {})", [&number]),
            self.ill_named(),
        ]);
        either([
            bad.clone(),
            of("({} && {})", [&self.bools, &bad]),
            of("({} || {})", [&bad, &self.bools]),
            of("!({})", [&bad]),
        ])
    }

    fn ill_compared(&self) -> Text {
        either([
            binary(&self.ints, &["==", "<"], &self.texts),
            binary(&self.times, &["==", ">="], &self.ints),
            binary(&self.spans, &["!=", "<"], &self.numbers),
            binary(&self.times, &["=="], &self.spans),
            binary(&self.bools, &["<", ">="], &self.bools),
            binary(&self.bools, &["=="], &self.ints),
            of("({} in [{}, {}])", [&self.ints, &self.ints, &self.texts]),
            of("(record.person == {})", [&self.texts]),
        ])
    }

    fn ill_named(&self) -> Text {
        either([
            word(&[
                "record.person.name == \"a\"",
                "record.person.nationality in [\"UTO\"]",
                "record.lodging.nam == \"a\"",
                "has(record.lodging.chek_in)",
                "has(record.place)",
                "record.permit.kind == \"voaa\"",
                "phase() == \"kampanje\"",
                "seen(\"lodging.chekin\")",
                "threshold(\"klaster_minimum\") > 1",
                "listed(\"exemptions\", record.lodging.id)",
                "stage(\"kampanye\").begins > record.occurred_at",
                "distinct(\"person.name\", \"lodging.check_in\") > 1",
                "nothing > 1",
                "record.lodging.id.len() > 1",
                "record?.lodging.id == \"a\"",
                "last(\"lodging.check_in\") == record",
                "record.permit.may_work",
            ]),
            of("sen({})", [&self.query()]),
            of("at_least({})", [&self.ints]),
            of("has({}, {})", [&self.texts, &self.texts]),
        ])
    }
}
