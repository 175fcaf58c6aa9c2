//! Every state that calls which run side by side can reach, in all orders of their operations, each of them dying at
//! any time.
//!
//! Depth first. A call's state cannot be copied, so a state that is not the next one is reached again from the start.
//! Two orders that lead to the same state have the same future, so only one of them goes on: a state is the objects,
//! what each call has learnt so far, and what was visible while it ran.

use crate::world::{Seen, Start, World};
use std::collections::HashSet;

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    /// This call makes its next operation.
    Step(usize),
    /// This call is killed, or cancelled with its request.
    Kill(usize),
}

/// Goes to every state, but to no more than `most`. Gives their number, and whether these are all.
pub fn visit_all(start: &Start, calls: &[crate::world::Call], deaths: bool, most: usize) -> (usize, bool) {
    let mut visited = HashSet::new();
    let mut paths: Vec<Vec<(Choice, Option<Seen>)>> = vec![Vec::new()];
    let mut places = 0_usize;
    while !paths.is_empty() {
        // When not all are visited, those that are should lie far apart.
        places = places.wrapping_mul(25_214_903_917).wrapping_add(11);
        let next = if most == usize::MAX { paths.len() - 1 } else { (places >> 16) % paths.len() };
        let path = paths.swap_remove(next);
        let mut world = World::new(start, calls);
        let mut path: Vec<_> =
            path.into_iter().map(|(choice, seen)| (choice, Some(world.take(choice, seen)))).collect();
        while visited.insert(world.state()) {
            if visited.len() == most {
                return (most, false);
            }
            let choices = world.choices(deaths);
            let Some((first, others)) = choices.split_first() else {
                world.end();
                break;
            };
            paths.extend(others.iter().map(|other| [&*path, &[(*other, None)]].concat()));
            path.push((*first, Some(world.take(*first, None))));
        }
    }
    (visited.len(), true)
}
