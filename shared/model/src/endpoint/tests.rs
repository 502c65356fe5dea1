//! Who is told of what, and where that may be.

use proptest::prelude::*;

use super::*;
use crate::ids::{EventId, PersonId, SessionId, TenantId};

#[test]
fn endpoint_urls() {
    let origins = [Origin::parse("https://shop.example:8443").expect("an origin")];
    for (text, valid) in [
        ("https://shop.example/hook", true),
        ("https://shop.example:443/hook?x=y", true),
        ("https://shop.example:8443/hook", true),
        ("https://other.example:8443/hook", false),
        ("http://shop.example/hook", false),
        ("http://127.0.0.1:9000/hook", true),
        ("http://localhost:9000/hook", true),
        ("http://[::1]:9000/", true),
        ("https://user@shop.example/", false),
        ("https://:secret@shop.example/", false),
        ("https://shop.example/#part", false),
        ("ftp://shop.example/", false),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("/hook", false),
        ("", false),
    ] {
        assert_eq!(EndpointUrl::parse(text, &origins).is_ok(), valid, "{text}");
    }
    let long = format!("https://shop.example/{}", "x".repeat(1_024));
    assert!(EndpointUrl::parse(&long, &[]).is_err());
}

#[test]
fn extra_headers() {
    for (name, value, valid) in [
        ("X-Shop", "1", true),
        ("Authorization", "Bearer abc", true),
        ("x-shop", "", true),
        ("Host", "evil.example", false),
        ("Connection", "close", false),
        ("Transfer-Encoding", "chunked", false),
        ("Content-Length", "1", false),
        ("Content-Type", "text/plain", false),
        ("Webhook-Id", "msg_1", false),
        ("X-Amz-Security-Token", "x", false),
        ("x-amzn-trace-id", "x", false),
        ("Pentadata-Key", "x", false),
        ("X-Shop", "a\r\nb: c", false),
        ("X-Shop", "a\0", false),
        ("X-Shop", "\u{e4}", false),
        ("X Shop", "a", false),
        ("", "a", false),
        ("X-Shop:", "a", false),
    ] {
        assert_eq!(ExtraHeader::parse(name, value).is_ok(), valid, "{name}: {value:?}");
    }
}

fn event(kind: EventKind, door: Option<Door>) -> Event {
    Event {
        id: EventId::from_bits([7; 16]),
        kind,
        tenant: TenantId::from_bits([1; 16]),
        subject: None,
        session: Some(SessionId::from_bits([2; 16])),
        door,
        person: (door == Some(Door::Pentadata)).then(|| PersonId::draw([3; 8])),
        endpoint: Some(EndpointId::from_bits([9; 16])),
        session_version: 1,
        result_callback: false,
        occurred_at: Timestamp::UNIX_EPOCH,
    }
}

fn endpoint(kind: EndpointKind, events: Subscription) -> Endpoint {
    Endpoint {
        id: EndpointId::from_bits([9; 16]),
        kind,
        url: Pii::new(EndpointUrl::parse("https://shop.example/", &[]).expect("a URL")),
        description: None,
        events,
        headers: Pii::default(),
        secrets: SigningSecrets::new([1; 32]),
        switch: Switch::On,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

#[test]
fn each_contract_is_told_of_its_own() {
    use EndpointKind as K;
    use EventKind as E;
    for (kind, event_kind, door, told) in [
        (K::Standard, E::SessionOpened, Some(Door::Ivy), true),
        (K::Standard, E::EndpointFailing, None, true),
        (K::Standard, E::SubjectErased, None, true),
        (K::Ivy, E::SessionCompleted, Some(Door::Ivy), true),
        (K::Ivy, E::SessionCompleted, Some(Door::Didit), false),
        (K::Ivy, E::SessionFailed, Some(Door::Ivy), false),
        (K::Ivy, E::SessionOpened, Some(Door::Ivy), false),
        (K::Pentadata, E::AuthDecided, Some(Door::Pentadata), true),
        (K::Pentadata, E::AuthDecided, Some(Door::Ivy), false),
        (K::Pentadata, E::SessionCompleted, Some(Door::Pentadata), false),
        (K::Didit, E::SessionStarted, Some(Door::Didit), true),
        (K::Didit, E::SessionStarted, Some(Door::Ivy), false),
        (K::Didit, E::AuthDecided, Some(Door::Didit), false),
    ] {
        let endpoint = endpoint(kind, kind.events_by_default());
        assert_eq!(endpoint.is_entitled(&event(event_kind, door)), told, "{kind:?} {event_kind:?}");
    }
}

#[test]
fn who_is_off_or_did_not_ask_is_not_told() {
    let completed = event(EventKind::SessionCompleted, Some(Door::Ivy));
    let only = Subscription::Only(vec![EventKind::SessionFailed]);
    assert!(!endpoint(EndpointKind::Standard, only.clone()).is_entitled(&completed));
    let mut off = endpoint(EndpointKind::Standard, Subscription::Everything);
    off.switch = Switch::Off { since: Timestamp::UNIX_EPOCH, reason: OffReason::Tenant };
    assert!(!off.is_entitled(&completed));
    let test = event(EventKind::Test, None);
    assert!(endpoint(EndpointKind::Ivy, only).is_entitled(&test), "a test is for one endpoint");
    let other = Event { endpoint: Some(EndpointId::from_bits([8; 16])), ..test };
    assert!(!endpoint(EndpointKind::Standard, Subscription::Everything).is_entitled(&other));
}

#[test]
fn both_secrets_sign_for_a_day() {
    let at = |hours: i64| Timestamp::from_second(hours * 3_600).expect("in range");
    let rotated = SigningSecrets::new([1; 32]).rotated([2; 32], at(0));
    assert_eq!(rotated.current.expose(), &[2; 32]);
    assert_eq!(rotated.overlapping(at(23)).map(|secret| *secret.expose()), Some([1; 32]));
    assert_eq!(rotated.overlapping(at(24)), None);
    assert!(!format!("{rotated:?}").contains("2, 2"), "nothing printed holds a secret");
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in ".*", value in ".*") {
        let _ = EndpointUrl::parse(&text, &[]);
        let _ = ExtraHeader::parse(&text, &value);
    }
}
