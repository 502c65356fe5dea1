//! Every phase, every outcome, and what follows.

use proptest::prelude::*;

use super::*;
use crate::event::{Event, EventKind};
use crate::ids::{EventId, TenantId};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_772_442_000 + seconds).expect("in range")
}

fn delivery() -> Delivery {
    let id = EventId::from_bits([7; 16]);
    let event = Event {
        id,
        kind: EventKind::Test,
        tenant: TenantId::from_bits([1; 16]),
        subject: None,
        session: None,
        door: None,
        person: None,
        endpoint: None,
        session_version: 0,
        result_callback: false,
        occurred_at: at(0),
    };
    let entry = Entry { event, number: 1, sequence: None };
    let to = Destination::Endpoint(EndpointId::from_bits([2; 16]));
    Delivery::new(DeliveryId::new(id, [0; 8]), entry, to, at(0))
}

fn answered(status: u16) -> Outcome {
    Outcome::Answered { status, retry_after: None }
}

fn tried(outcome: Outcome, kind: EndpointKind) -> Concluded {
    let prepared = delivery().prepare(at(0)).expect("due");
    prepared.sent(outcome, at(0)).conclude(kind, at(1), Jitter::SHORTEST)
}

#[test]
fn statuses_are_judged_by_kind() {
    use EndpointKind as K;
    for (status, kind, phase, verdict) in [
        (200, K::Standard, "succeeded", Verdict::Succeeded),
        (204, K::Standard, "succeeded", Verdict::Succeeded),
        (299, K::Pentadata, "succeeded", Verdict::Succeeded),
        (200, K::Ivy, "succeeded", Verdict::Succeeded),
        (204, K::Ivy, "waiting", Verdict::Refused),
        (301, K::Standard, "waiting", Verdict::Redirected),
        (302, K::Didit, "waiting", Verdict::Redirected),
        (303, K::Standard, "waiting", Verdict::Redirected),
        (307, K::Ivy, "waiting", Verdict::Redirected),
        (308, K::Standard, "waiting", Verdict::Redirected),
        (400, K::Standard, "waiting", Verdict::Refused),
        (404, K::Standard, "waiting", Verdict::Refused),
        (410, K::Standard, "disabled", Verdict::Gone),
        (410, K::Ivy, "disabled", Verdict::Gone),
        (429, K::Standard, "waiting", Verdict::AskedToWait),
        (500, K::Standard, "waiting", Verdict::Refused),
        (503, K::Standard, "waiting", Verdict::AskedToWait),
        (100, K::Standard, "waiting", Verdict::Refused),
        (999, K::Standard, "waiting", Verdict::Refused),
    ] {
        let concluded = tried(answered(status), kind);
        let seen = (concluded.delivery.phase.as_str(), concluded.attempt.verdict);
        assert_eq!(seen, (phase, verdict), "{status} {kind:?}");
    }
}

#[test]
fn a_request_to_wait_is_kept_within_one_and_two_gaps() {
    let wait = |status, seconds| {
        let retry_after = Some(SignedDuration::from_secs(seconds));
        let Phase::Waiting { due_at, .. } =
            tried(Outcome::Answered { status, retry_after }, EndpointKind::Standard).delivery.phase
        else {
            panic!("retried")
        };
        due_at.duration_since(at(1)).as_secs()
    };
    assert_eq!([wait(429, 0), wait(429, 7), wait(503, i64::MAX)], [5, 7, 10]);
    assert_eq!(wait(500, 7), 4, "nobody else is asked");
}

#[test]
fn ten_tries_and_no_more() {
    let mut delivery = delivery();
    let mut now = at(0);
    for number in 1..=10 {
        let prepared = delivery.prepare(now).expect("due");
        let failed = Outcome::Failed(Failure::NoConnection);
        let concluded =
            prepared.sent(failed, now).conclude(EndpointKind::Standard, now, Jitter::LONGEST);
        assert_eq!(concluded.attempt.number, number);
        delivery = concluded.delivery;
        if let Phase::Waiting { due_at, carried } = delivery.phase {
            assert_eq!(delivery.prepare(now), Err(Held::NotDue(due_at, carried)));
            now = due_at;
        }
    }
    assert_eq!(delivery.phase.as_str(), "exhausted");
    assert_eq!((delivery.prepare(now), delivery.due_at()), (Err(Held::Ended), None));
    assert_eq!(delivery.first_attempt_at, Some(at(0)));
}

#[test]
fn one_worker_holds_it_and_a_dead_one_loses_it() {
    let held = delivery().prepare(at(0)).expect("due").delivery().clone();
    assert_eq!(held.prepare(at(39)), Err(Held::Taken(at(40))));
    assert!(held.prepare(at(40)).is_ok());
    assert_eq!(held.due_at(), Some(at(40)), "the sweeper takes it up");
}

proptest! {
    #[test]
    fn versions_grow_and_ended_ones_stay(status in 0_u16..1_000, random: [u8; 2]) {
        let before = delivery();
        let prepared = before.prepare(at(0)).expect("due");
        prop_assert_eq!(prepared.delivery().version, before.version + 1);
        let concluded = prepared
            .sent(answered(status), at(0))
            .conclude(EndpointKind::Standard, at(1), Jitter::of(random));
        prop_assert_eq!(concluded.delivery.version, before.version + 2);
        if concluded.delivery.due_at().is_none() {
            prop_assert_eq!(concluded.delivery.prepare(Timestamp::MAX), Err(Held::Ended));
        }
    }
}
