//! A first version of a rule about any subject, at any kind of record, checks and passes its own tests.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pack::scaffold::{Wish, text};
use siaga::record::schema::KindId;
use siaga::subject::SubjectKind;
use siaga::trial;

/// What is wrong with the first version for one role.
fn wrong(pack: &Pack, wish: &Wish) -> Vec<String> {
    let mut files = Files::built_in();
    files.texts.retain(|path, _| !path.ends_with(".rhai"));
    files.texts.insert(format!("uji/{}.rhai", wish.id), text(pack, wish).unwrap());
    let loaded = siaga::pack::build(files);
    let drawn = loaded.render(false);
    let Some(pack) = loaded.pack else { return vec![drawn] };
    let trials = trial::run(&pack);
    assert_eq!(trials.len(), 2);
    trials.into_iter().filter(|trial| !trial.failures.is_empty()).map(|trial| format!("{trial:?}")).collect()
}

#[test]
fn it_checks_and_passes_for_some_role_of_the_pack() {
    let pack = siaga::pack::build(Files::built_in()).pack.unwrap();
    let roles: std::collections::BTreeSet<_> = pack.agencies.iter().flat_map(|agency| agency.roles.clone()).collect();
    for (index, kind) in pack.schema.kinds().iter().enumerate() {
        for (per, word) in SubjectKind::ALL {
            let on = KindId(u16::try_from(index).unwrap());
            let wish = |role| Wish { id: "uji-coba".to_owned(), per, on, role };
            let tried: Vec<Vec<String>> = roles.iter().map(|role| wrong(&pack, &wish(role.clone()))).collect();
            assert!(tried.iter().any(Vec::is_empty), "{} per {word}: {:?}", kind.name, tried.first());
        }
    }
}
