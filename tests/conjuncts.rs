//! Each conjunct of the shipped rules matters to a test: turned around, it makes one of the rule's own fail.

use std::sync::Arc;

use siaga::pack::expr::Node;
use siaga::pack::files::Files;
use siaga::pack::rule::{Conjunct, Rule};
use siaga::pack::{self, Pack};
use siaga::trial;

/// Picks one condition of a rule.
type Pick = fn(&mut Rule, usize) -> Option<&mut Conjunct>;

const OF_WHEN: Pick = |rule, index| rule.when.get_mut(index);
const UNLESS: Pick = |rule, index| rule.deadline.as_mut()?.unless.as_mut().filter(|_| index == 0);

#[test]
fn a_conjunct_turned_around_makes_a_test_of_its_rule_fail() {
    let loaded = pack::build(Files::built_in());
    let pack = loaded.pack.unwrap_or_else(|| panic!("the built-in pack does not load"));
    let judging = pack.rules.iter().filter(|rule| rule.judges());
    let surviving: Vec<String> = judging.flat_map(|rule| surviving(&pack, rule)).collect();
    assert!(surviving.is_empty(), "no test fails with these turned around:\n{}", surviving.join("\n"));
}

fn surviving(pack: &Pack, rule: &Arc<Rule>) -> Vec<String> {
    let mut surviving = Vec::new();
    for pick in [OF_WHEN, UNLESS] {
        for index in 0.. {
            let mut turned = rule.as_ref().clone();
            let Some(conjunct) = pick(&mut turned, index) else { break };
            if conjunct.is_guard {
                continue;
            }
            let place = format!("{}:{}: {}", rule.file, conjunct.at.line().unwrap_or(0), conjunct.text);
            conjunct.node = Node::Not(Box::new(conjunct.node.clone()));
            if passes(pack, turned) {
                surviving.push(place);
            }
        }
    }
    surviving
}

fn passes(pack: &Pack, rule: Rule) -> bool {
    let alone = pack.only(vec![Arc::new(rule)]);
    trial::run(&alone).iter().all(|trial| trial.failures.is_empty())
}
