//! A receiver that counts: many events, three endpoints, and every fifth request failing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use serde_json::json;

use super::kinds::verified;
use crate::support::World;
use crate::support::receiver::{Arrived, Receiver, status, with};

/// Whether this request fails: one in five, by what it says, so that every run is the same.
fn fails(request: &Arrived) -> bool {
    let text = format!(
        "{}{}{}",
        request.header("webhook-id"),
        request.header("countersign-attempt"),
        request.path
    );
    let sum = text.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    sum.wrapping_mul(2_654_435_761) >> 16 & 0xffff < 0xffff / 5
}

/// The ways in which it fails.
fn answer(request: &Arrived) -> String {
    if !fails(request) {
        return status(204);
    }
    match request.body.len() % 4 {
        0 => status(500),
        1 => with(429, "retry-after: 1\r\n"),
        2 => with(302, "location: /elsewhere\r\n"),
        // Nothing: the connection closes before the status.
        _ => String::new(),
    }
}

async fn count(sessions: usize) {
    let world = World::new().await;
    let receiver = Receiver::answering(answer).await;
    let mut secrets = HashMap::new();
    for n in 0..3 {
        let url = format!("{}/{n}", receiver.url);
        let (_, secret) = world.endpoint(&url, json!({ "events": ["session.opened"] })).await;
        secrets.insert(format!("/{n}"), secret);
    }
    let unverifiable = Arc::new(Mutex::new(0));
    // Per receiver and event: how often it arrived, and how often it was taken.
    let mut told: HashMap<(String, String), (u32, u32)> = HashMap::new();
    let mut sort = |world: &World, arrived: Vec<Arrived>| {
        for request in arrived {
            if verified(world, &request, &secrets[&request.path]).is_err() {
                *unverifiable.lock().expect("no panic here") += 1;
            }
            let key = (request.path.clone(), request.header("webhook-id").to_owned());
            let seen = told.entry(key).or_default();
            seen.0 += 1;
            seen.1 += u32::from(!fails(&request));
        }
    };
    for n in 0..sessions {
        world.session(&format!("r{n}"), "john.doe@example.com").await;
        if n % 100 == 99 {
            world.tell().await;
            sort(&world, receiver.take());
            // A tenant creates at most 600 a minute.
            world.advance(SignedDuration::from_secs(61));
        }
    }
    world.tell().await;
    sort(&world, receiver.take());
    for wait_s in [7, 400, 2_300, 9_000, 22_000, 44_000, 61_000, 87_000] {
        world.advance(SignedDuration::from_secs(wait_s));
        // More may be due than one run of the sweeper takes.
        for _ in 0..4 {
            world.sweep().await;
            world.tell().await;
        }
        sort(&world, receiver.take());
    }
    let lost = 3 * sessions - told.values().filter(|(_, taken)| *taken > 0).count();
    let unexpected = told.values().filter(|(_, taken)| *taken > 1).count()
        + told.len().saturating_sub(3 * sessions);
    let unverifiable = *unverifiable.lock().expect("no panic here");
    let requests: u32 = told.values().map(|(arrived, _)| arrived).sum();
    println!(
        "{sessions} events, 3 endpoints, {requests} requests: lost {lost}, unexpected {unexpected}, unverifiable {unverifiable}"
    );
    assert_eq!((lost, unexpected, unverifiable), (0, 0, 0));
    let failed = f64::from(requests) - 3.0 * sessions as f64;
    let share = failed / f64::from(requests);
    assert!((0.1..0.3).contains(&share), "{share} of the requests failed");
}

#[tokio::test]
async fn nothing_is_lost_of_a_hundred() {
    count(100).await;
}

/// As above, for longer.
#[tokio::test]
#[ignore = "takes ten minutes; run by hand"]
async fn nothing_is_lost_of_a_thousand() {
    count(1_000).await;
}
