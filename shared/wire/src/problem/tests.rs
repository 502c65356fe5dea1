//! The catalogue of refusals is whole, and keeps what only the log may know.

use super::*;

impl Kind {
    const ALL: [Self; 17] = [
        Self::MalformedJson,
        Self::InvalidMember,
        Self::BodyTooLarge,
        Self::Unauthenticated,
        Self::InvalidClient,
        Self::InvalidTokenRequest,
        Self::UnsupportedGrantType,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::ReferenceInUse,
        Self::NotComplete,
        Self::Ended,
        Self::IdempotencyKeyReused,
        Self::TooManyRequests(RateLimit { limit: 600, remaining: 0, reset_s: 7 }),
        Self::Internal,
        Self::Unavailable,
    ];
}

#[test]
fn the_catalogue_is_whole() {
    let mut names = std::collections::HashSet::new();
    for kind in Kind::ALL {
        let row = kind.row();
        assert!(names.insert(row.kind), "{} twice", row.kind);
        assert!(row.status.is_client_error() || row.status.is_server_error());
        let problem = Problem::new(kind, "Do this.");
        let body = problem.body("req");
        assert_eq!(body.detail, body.message);
        assert_eq!(body.status, body.status_code);
    }
}

#[test]
fn internal_messages_stay_inside() {
    let problem = Problem::internal("secret detail");
    let body = serde_json::to_string(&problem.body("req")).expect("text");
    assert!(!body.contains("secret detail"), "{body}");
}
