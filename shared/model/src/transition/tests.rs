//! Every state under every command, as one table, and what must hold along any path.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{Command, Refusal, apply, create};
use crate::claim::Claim;
use crate::decision::Decision;
use crate::event::EventKind;
use crate::evidence::{BankIdentity, Evidence, Party};
use crate::ids::{BankId, PersonId, SessionId, SubjectId, TenantId};
use crate::locale::Market;
use crate::private::{Pii, Secret};
use crate::request::{Asked, Permission, SessionRequest};
use crate::session::{CancelledAt, Door, FailureReason, Lease, Session, State, Step};
use crate::tenant::{Disclosure, MatchingPolicy};
use crate::visit::{Browser, Callback, Grant, Visit};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn bank() -> BankId {
    "sandbox-bank".parse().expect("a slug")
}

fn asked() -> Asked {
    Asked::Permissions(vec![Permission::Identity])
}

fn browser() -> Secret<Browser> {
    Secret::new(Browser { ip: [127, 0, 0, 1].into(), user_agent: None })
}

fn visit() -> Visit {
    Visit {
        state_hash: "state".to_owned(),
        cookie_hash: "cookie".to_owned(),
        memory: Secret::new("memory".to_owned()),
        browser: browser(),
        started_at: NOW,
    }
}

fn callback() -> Callback {
    Callback { parameters: Secret::new(vec![("code".to_owned(), "c".to_owned())]) }
}

fn grant() -> Grant {
    Grant { memory: Secret::new("token".to_owned()), browser: browser() }
}

fn evidence() -> Box<Pii<Evidence>> {
    let identity =
        BankIdentity { bank_name: "B".to_owned(), parties: Vec::new(), accounts: Vec::new() };
    let session = SessionId::from_bits([1; 16]);
    Box::new(Pii::new(Evidence {
        session,
        bank: bank(),
        fetched_at: NOW,
        door: Door::Ivy,
        disclosure: Disclosure::default(),
        identity,
    }))
}

fn session(state: State) -> Session {
    Session {
        id: SessionId::from_bits([1; 16]),
        tenant: TenantId::from_bits([2; 16]),
        number: 1,
        door: Door::Pentadata,
        subject: SubjectId::from_bits([3; 16]),
        person: PersonId::try_from(7).ok(),
        asked: asked(),
        market: Market::parse("DE").expect("a market"),
        locale: None,
        request: Pii::new(SessionRequest::default()),
        state,
        created_at: NOW,
        updated_at: NOW,
        expires_at: after(SignedDuration::from_hours(1)),
        version: 3,
    }
}

fn after(duration: SignedDuration) -> Timestamp {
    NOW.checked_add(duration).expect("in range")
}

fn processing(step: Step) -> State {
    State::Processing { bank: bank(), approved: asked(), step, since: NOW }
}

fn lease(epoch: u32, held: bool) -> Lease {
    let until = if held { after(SignedDuration::from_secs(9)) } else { NOW };
    Lease { epoch, until }
}

fn states() -> Vec<(&'static str, State)> {
    let exchanging =
        |held| Step::Exchanging { callback: callback(), visit: visit(), lease: lease(1, held) };
    let granted = |held| Step::Granted { grant: grant(), lease: lease(1, held) };
    let finish = Command::Finish { epoch: 1, evidence: evidence(), decision: None };
    let complete = apply(&session(processing(granted(true))), finish, NOW).expect("finishes");
    let revoked = apply(&complete.session, Command::Revoke, NOW).expect("revokes");
    vec![
        ("open", State::Open),
        ("started", State::Started),
        ("at_bank", State::AtBank { bank: bank(), approved: asked(), visit: visit() }),
        ("answered", processing(Step::Answered { callback: callback(), visit: visit(), epoch: 0 })),
        ("exchanging", processing(exchanging(true))),
        ("exchange lapsed", processing(exchanging(false))),
        ("granted", processing(granted(true))),
        ("grant lapsed", processing(granted(false))),
        ("complete", complete.session.state.clone()),
        ("revoked", revoked.session.state),
        ("failed", State::Failed { reason: FailureReason::BankRefused, failed_at: NOW }),
        ("cancelled", State::Cancelled { place: CancelledAt::Link, cancelled_at: NOW }),
        ("expired", State::Expired { expired_at: NOW }),
    ]
}

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("open_link", Command::OpenLink),
        ("leave", Command::Leave { bank: bank(), approved: asked(), visit: visit() }),
        ("return", Command::Return { callback: callback() }),
        ("deny", Command::Deny),
        ("take", Command::Take),
        ("release", Command::Release { epoch: 1 }),
        ("hold_grant", Command::HoldGrant { epoch: 1, grant: grant() }),
        ("finish", Command::Finish { epoch: 1, evidence: evidence(), decision: None }),
        ("fail", Command::Fail { reason: FailureReason::BankUnavailable }),
        ("cancel", Command::Cancel),
        ("expire", Command::Expire),
        ("start_again", Command::StartAgain),
        ("revoke", Command::Revoke),
    ]
}

fn step_name(state: &State) -> String {
    match state {
        State::Processing { step, .. } => match step {
            Step::Answered { epoch, .. } => format!("answered({epoch})"),
            Step::Exchanging { lease, .. } => format!("exchanging({})", lease.epoch),
            Step::Granted { lease, .. } => format!("granted({})", lease.epoch),
        },
        State::Failed { reason, .. } => format!("failed({})", reason.as_str()),
        other => other.status().as_str().to_owned(),
    }
}

#[test]
fn every_state_under_every_command() {
    let mut table = String::new();
    for (state_name, state) in states() {
        for (name, command) in commands() {
            let cell = match apply(&session(state.clone()), command, NOW) {
                Err(refusal) => format!("refused: {refusal}"),
                Ok(change) if !change.is_change() => "unchanged".to_owned(),
                Ok(change) => {
                    let events: Vec<_> = change.events.iter().map(|e| e.as_str()).collect();
                    let jobs = if change.jobs.is_empty() { "" } else { " + job" };
                    format!("{} [{}]{jobs}", step_name(&change.session.state), events.join(", "))
                }
            };
            table.push_str(&format!("{state_name:<16}{name:<12}{cell}\n"));
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_link_past_its_time_only_expires() {
    let late = after(SignedDuration::from_hours(1));
    for (_, command) in commands() {
        let expires = matches!(command, Command::Expire);
        let answer = apply(&session(State::Started), command, late);
        assert_eq!(answer.is_ok(), expires);
        if let Err(refusal) = answer {
            assert!(matches!(refusal, Refusal::Expired | Refusal::NotComplete), "{refusal}");
        }
    }
}

#[test]
fn reading_has_an_end() {
    let answered = processing(Step::Answered { callback: callback(), visit: visit(), epoch: 0 });
    let late = after(crate::session::PROCESSING_MAX);
    let change = apply(&session(answered), Command::Expire, late).expect("it is over");
    assert_eq!(step_name(&change.session.state), "failed(bank_unavailable)");
}

#[test]
fn a_former_holder_writes_nothing() {
    let held = session(processing(Step::Granted { grant: grant(), lease: lease(2, true) }));
    for command in [
        Command::HoldGrant { epoch: 1, grant: grant() },
        Command::Release { epoch: 1 },
        Command::Finish { epoch: 1, evidence: evidence(), decision: None },
    ] {
        assert_eq!(apply(&held, command, NOW).err(), Some(Refusal::LeaseLost));
    }
}

#[test]
fn creating_is_a_first_version_with_an_event() {
    let created = create(session(State::Open));
    assert_eq!((created.version_before(), created.session.version), (0, 1));
    assert_eq!(created.events, [EventKind::SessionOpened]);
}

#[test]
fn revoking_takes_the_disclosed_name_back() {
    let holder = Party {
        name: "John Doe".to_owned(),
        birth_date: None,
        address: None,
        email: None,
        phone: None,
    };
    let plain = evidence().into_exposed();
    let identity = BankIdentity { parties: vec![holder], ..plain.identity.clone() };
    let evidence = Evidence { disclosure: Disclosure::Always, identity, ..plain };
    let policy = MatchingPolicy { disclosure: Disclosure::Always, ..MatchingPolicy::default() };
    let claim = Claim::of_names("John", "Doe", None);
    let decision = Some(Decision::of(&claim, &evidence, &policy, NOW));
    let held = session(processing(Step::Granted { grant: grant(), lease: lease(2, true) }));
    let finish = Command::Finish { epoch: 2, evidence: Box::new(Pii::new(evidence)), decision };
    let complete = apply(&held, finish, NOW).expect("it completes").session;
    let revoked = apply(&complete, Command::Revoke, NOW).expect("it is taken back").session;
    let told = |session: &Session| {
        let decision = session.completion().and_then(|done| done.decision.clone()).expect("kept");
        decision.disclosed(&policy).map(str::to_owned)
    };
    assert_eq!((told(&complete).as_deref(), told(&revoked)), (Some("John Doe"), None));
}

proptest! {
    /// Whatever is asked in whatever order: versions grow by one with each change, a complete session
    /// changes once more at most, by revoking, and no code is taken twice without being given back.
    #[test]
    fn along_any_path(path in proptest::collection::vec((0..13_usize, 0..40_i64), 1..60)) {
        let mut now = NOW;
        let mut current = session(State::Open);
        let mut presented = 0_u32;
        for (choice, seconds) in path {
            now = now.checked_add(SignedDuration::from_secs(seconds)).expect("in range");
            let (name, command) = commands().swap_remove(choice);
            let Ok(change) = apply(&current, command, now) else { continue };
            if let Some(before) = current.completion() {
                prop_assert_eq!(name, "revoke", "after complete");
                prop_assert_eq!(change.is_change(), before.revoked_at.is_none());
                let after = change.session.completion().expect("it stays complete");
                prop_assert!(after.evidence.expose().identity.accounts.is_empty());
            }
            let grew = change.session.version - current.version;
            prop_assert_eq!(grew, u64::from(change.is_change()));
            if name == "take" && step_name(&change.session.state).starts_with("exchanging") {
                presented += 1;
            }
            if name == "release" && step_name(&change.session.state).starts_with("answered") {
                presented -= 1;
            }
            if name == "return" {
                presented = 0;
            }
            prop_assert!(presented <= 1, "a code was presented twice");
            current = change.session;
        }
    }
}
