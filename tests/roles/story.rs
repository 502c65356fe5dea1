//! Everything that can happen to every function, in one world after the other.

use serde_json::Value;

use super::{Ledger, invoker, world};
use crate::events::cast::Cast;
use crate::events::every_case;
use crate::support::World;

/// Events that take away what others need come last.
const LAST: [&str; 6] =
    ["revoke", "delete", "subscription_delete", "rotate_secret", "erased", "erased_twice"];

pub async fn everything(ledger: &Ledger) {
    let world = world(ledger).await;
    let (world, cast) = Cast::assemble_in(world).await;
    let (last, first): (Vec<_>, Vec<_>) =
        every_case(&cast).into_iter().partition(|(_, name, _)| LAST.contains(name));
    for (binary, _, event) in first.into_iter().chain(last) {
        call(ledger, &world, binary, event).await;
    }
}

/// Calls a function that is started for it; also a refusal is an answer.
async fn call(ledger: &Ledger, world: &World, binary: &str, event: Value) {
    let mut functions = world.system.template().functions.iter();
    let declared = functions.find(|one| one.binary == binary).expect("declared");
    let clients = world.system.clients();
    let invoker = invoker(ledger, declared, clients, &world.ambient).expect("an invoker");
    // A batch that is refused as a whole is an answer, too.
    drop(invoker(event).await);
}
