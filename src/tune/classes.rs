//! Settings under which a subject comes out the same: one replay of it stands for all of them.

use std::collections::{BTreeMap, HashMap};

use crate::subject::Subject;

use super::observe::Deciding;

/// Which subjects are replayed under a setting, and for which settings each counts.
pub type Shares = HashMap<Subject, Vec<usize>>;

/// Shares subjects out over `settings` settings. Where nothing came late, findings depend only on which triggers hold;
/// else what a finding says can change when it is judged again, also by its bound, and each setting is replayed at
/// which something holds.
pub fn share(deciding: Vec<Deciding>, settings: usize) -> Vec<Shares> {
    let mut shares: Vec<Shares> = (0..settings).map(|_| Shares::new()).collect();
    for one in deciding {
        let mut held: Vec<Vec<usize>> = vec![Vec::new(); settings];
        for (judgement, places) in one.holds.iter().enumerate() {
            for place in places {
                if let Some(held) = held.get_mut(*place) {
                    held.push(judgement);
                }
            }
        }
        for places in classes(held, one.in_order, one.beside) {
            if let Some(shares) = places.first().and_then(|first| shares.get_mut(*first)) {
                shares.insert(one.subject.clone(), places);
            }
        }
    }
    shares
}

/// Settings that come out the same, together; those at which nothing can come out are left out.
fn classes(held: Vec<Vec<usize>>, in_order: bool, beside: bool) -> Vec<Vec<usize>> {
    let mut classes: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    let mut alone = Vec::new();
    for (place, held) in held.into_iter().enumerate() {
        if held.is_empty() && !beside {
            continue;
        }
        if in_order || held.is_empty() {
            classes.entry(held).or_default().push(place);
        } else {
            alone.push(vec![place]);
        }
    }
    classes.into_values().chain(alone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_come_out_the_same_are_replayed_once() {
        let held = || vec![vec![0, 1], vec![0], vec![0], vec![], vec![]];
        let cases = [
            (true, false, vec![vec![1, 2], vec![0]]),
            (true, true, vec![vec![3, 4], vec![1, 2], vec![0]]),
            (false, false, vec![vec![0], vec![1], vec![2]]),
            (false, true, vec![vec![3, 4], vec![0], vec![1], vec![2]]),
        ];
        for (in_order, beside, expected) in cases {
            assert_eq!(classes(held(), in_order, beside), expected, "in order: {in_order}, beside: {beside}");
        }
    }
}
