//! Signatures against the standard's vectors and its own library; each kind's body and headers.

use jiff::Timestamp;
use model::private::Secret;
use proptest::prelude::*;
use serde_json::Value;

use crate::signature::{Headers, Key, PrivateKey, Refused, Symmetric, verify};

const VECTORS: &str = include_str!("../../../tests/vectors/standard-webhooks.json");

/// What we decided where libraries differ, and why it is safe.
const UNDECIDED: [(&str, bool); 3] = [
    // An id with a full stop makes the signed text ambiguous. We never make one and refuse it.
    ("dot_in_id_ambiguity", false),
    // Exactly the tolerance is still fresh. Nobody sends so near to it.
    ("skew_-300s_boundary", true),
    ("skew_+300s_boundary", true),
];

#[test]
fn every_vector_of_the_standard() {
    use base64::Engine as _;
    let file: Value = serde_json::from_str(VECTORS).expect("JSON");
    let vectors = file["vectors"].as_array().expect("a list");
    assert_eq!(vectors.len(), 49);
    for vector in vectors {
        let name = vector["name"].as_str().expect("a name");
        let header = |name: &str| vector["headers"][name].as_str();
        let headers = Headers {
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp"),
            signature: header("webhook-signature"),
        };
        let body = vector["body_b64"].as_str().expect("a body");
        let body = base64::engine::general_purpose::STANDARD.decode(body).expect("base64");
        let now = Timestamp::from_second(vector["now"].as_i64().expect("seconds"));
        let key = Key::parse(vector["key"].as_str().expect("a key")).expect("a key");
        assert_eq!(vector["tolerance_s"], crate::signature::TOLERANCE.as_secs());
        let verified = verify(&key, headers, &body, now.expect("in range"));
        let decided = UNDECIDED.iter().find(|(undecided, _)| *undecided == name);
        let expected = match (vector["valid"].as_bool(), decided) {
            (Some(valid), None) => valid,
            (None, Some((_, valid))) => *valid,
            _ => panic!("{name} is either decided by the standard or by us"),
        };
        assert_eq!(verified.is_ok(), expected, "{name}: {verified:?}");
    }
}

#[test]
fn the_standard_s_own_library_accepts_ours() {
    let secret = Secret::new([42; 32]);
    let at = Timestamp::now();
    let symmetric = Symmetric::of(&secret);
    let both = [
        PrivateKey::of(&Secret::new([1; 32])).sign("evt_1", at, b"{}"),
        Symmetric::of(&Secret::new([2; 32])).sign("evt_1", at, b"{}"),
        symmetric.sign("evt_1", at, b"{}"),
    ];
    let theirs = standardwebhooks::Webhook::new(symmetric.text().expose()).expect("a secret");
    let mut headers = http::HeaderMap::new();
    headers.insert("webhook-id", "evt_1".parse().expect("a value"));
    headers.insert("webhook-timestamp", at.as_second().into());
    headers.insert("webhook-signature", both.join(" ").parse().expect("a value"));
    assert!(theirs.verify(b"{}", &headers).is_ok());
    assert!(theirs.verify(b"{ }", &headers).is_err(), "another body");
    let theirs = theirs.sign("evt_1", at.as_second(), b"{}").expect("signs");
    assert_eq!(theirs, symmetric.sign("evt_1", at, b"{}"));
}

#[test]
fn keys_are_read_in_every_form_and_nothing_else() {
    let seed = Secret::new([7; 32]);
    let public = Key::parse(&PrivateKey::of(&seed).public().text()).expect("whpk_");
    let whole = "whsk_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    assert_eq!(Key::parse(whole), Some(public), "the sender's key verifies as its public half");
    for text in ["", "whsec_", "whsec_!", "whpk_AAAA", "whsk_AAAA", "whpk_", "no base64"] {
        assert_eq!(Key::parse(text), None, "{text}");
    }
    assert_eq!(format!("{:?}", Symmetric::of(&seed)), "Symmetric(Secret(redacted))");
}

#[test]
fn the_self_test_passes() {
    assert_eq!(crate::self_test(), Ok(()));
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_nothing_else(
        secret: [u8; 32],
        other: [u8; 32],
        body in proptest::collection::vec(any::<u8>(), 0..200),
        seconds in 0_i64..4_000_000_000,
        flipped: prop::sample::Index,
    ) {
        prop_assume!(secret != other);
        let at = Timestamp::from_second(seconds).expect("in range");
        let timestamp = seconds.to_string();
        for (key, wrong, signature) in [
            (
                Key::parse(Symmetric::of(&Secret::new(secret)).text().expose()),
                Key::parse(Symmetric::of(&Secret::new(other)).text().expose()),
                Symmetric::of(&Secret::new(secret)).sign("evt_1", at, &body),
            ),
            (
                Key::parse(&PrivateKey::of(&Secret::new(secret)).public().text()),
                Key::parse(&PrivateKey::of(&Secret::new(other)).public().text()),
                PrivateKey::of(&Secret::new(secret)).sign("evt_1", at, &body),
            ),
        ] {
            let (key, wrong) = (key.expect("a key"), wrong.expect("a key"));
            let headers =
                Headers { id: Some("evt_1"), timestamp: Some(&timestamp), signature: Some(&signature) };
            prop_assert_eq!(verify(&key, headers, &body, at), Ok(()));
            prop_assert_eq!(verify(&wrong, headers, &body, at), Err(Refused::NoMatch));
            let late = Timestamp::from_second(seconds + 301).expect("in range");
            prop_assert_eq!(verify(&key, headers, &body, late), Err(Refused::Stale(301)));
            if !body.is_empty() {
                let mut altered = body.clone();
                let at_byte = flipped.index(altered.len());
                altered[at_byte] ^= 1;
                prop_assert_eq!(verify(&key, headers, &altered, at), Err(Refused::NoMatch));
            }
        }
    }

    #[test]
    fn any_headers_are_read_or_refused(id: Option<String>, timestamp: Option<String>, signature: Option<String>) {
        let key = Key::Symmetric(Symmetric::of(&Secret::new([1; 32])));
        let headers = Headers {
            id: id.as_deref(),
            timestamp: timestamp.as_deref(),
            signature: signature.as_deref(),
        };
        prop_assert!(verify(&key, headers, b"", Timestamp::UNIX_EPOCH).is_err());
    }
}
