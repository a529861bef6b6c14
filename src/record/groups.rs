//! A set of groups of fields, in one word.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::schema::Group;

/// Some of the schema's groups; as JSON their words, in the schema's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Groups(u32);

impl Groups {
    /// Whether a group is among them.
    pub fn contains(self, group: Group) -> bool {
        self.0 & bit(group) != 0
    }

    /// All of them, in the schema's order.
    pub fn iter(self) -> impl Iterator<Item = Group> {
        Group::ALL.iter().map(|(group, _)| *group).filter(move |group| self.contains(*group))
    }
}

fn bit(group: Group) -> u32 {
    1 << group as u32
}

impl FromIterator<Group> for Groups {
    fn from_iter<I: IntoIterator<Item = Group>>(groups: I) -> Self {
        Groups(groups.into_iter().fold(0, |set, group| set | bit(group)))
    }
}

impl Serialize for Groups {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Group>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_has_its_own_bit_and_the_schemas_order() {
        for (group, _) in Group::ALL {
            let alone: Groups = [group].into_iter().collect();
            assert_eq!(alone.iter().collect::<Vec<_>>(), [group]);
        }
        let some: Groups = [Group::Plan, Group::Envelope, Group::Nik, Group::Plan].into_iter().collect();
        let json = serde_json::to_string(&some).unwrap();
        assert_eq!(json, r#"["envelope","nik","plan"]"#);
        assert_eq!(serde_json::from_str::<Groups>(&json).unwrap(), some);
        assert_eq!(serde_json::to_string(&Groups::default()).unwrap(), "[]");
    }
}
