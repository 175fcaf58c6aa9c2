//! Every state that calls which run side by side can reach, in all orders of their operations, each of them dying at
//! any time.
//!
//! Depth first. A call's state cannot be copied, so a state that is not the next one is reached again from the start.
//! Two orders that lead to the same state have the same future, so only one of them goes on: a state is the objects,
//! what each call has learnt so far, and what was visible while it ran.

use crate::world::{Call, Seen, Start, World};
use std::collections::{BTreeMap, HashSet};

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    /// This call makes its next operation.
    Step(usize),
    /// This call is killed, or cancelled with its request.
    Kill(usize),
}

type Path = Vec<(Choice, Option<Seen>)>;

/// How often an order changes from one call to another.
fn switches(path: &Path) -> usize {
    let steps: Vec<_> = path.iter().filter(|(choice, _)| matches!(choice, Choice::Step(_))).collect();
    steps.windows(2).filter(|pair| pair[0].0 != pair[1].0).count()
}

/// Goes to every state, but to no more than `most`: those first that take few changes between calls, because they show
/// most faults. Gives their number, and whether these are all.
pub fn visit_all(start: &Start, calls: &[Call], deaths: bool, most: usize) -> (usize, bool) {
    let mut visited = HashSet::new();
    let mut paths: BTreeMap<usize, Vec<Path>> = BTreeMap::from([(0, vec![Vec::new()])]);
    while let Some(mut fewest) = paths.first_entry() {
        let Some(path) = fewest.get_mut().pop() else {
            fewest.remove();
            continue;
        };
        let mut world = World::new(start, calls);
        let again = path.into_iter().map(|(choice, seen)| (choice, Some(world.take(choice, seen))));
        let mut path: Path = again.collect();
        while visited.insert(world.state()) {
            if visited.len() == most {
                return (most, false);
            }
            let mut choices = world.choices(deaths);
            let last = path.iter().rev().find(|(choice, _)| matches!(choice, Choice::Step(_)));
            // The call that has made the last step goes on first.
            choices.sort_by_key(|choice| last.is_some_and(|(last, _)| choice != last));
            let Some((first, others)) = choices.split_first() else {
                world.end();
                break;
            };
            for other in others {
                let other = [&*path, &[(*other, None)]].concat();
                paths.entry(switches(&other)).or_default().push(other);
            }
            path.push((*first, Some(world.take(*first, None))));
        }
    }
    (visited.len(), true)
}
