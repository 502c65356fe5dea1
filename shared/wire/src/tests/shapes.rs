//! Every answer of the three contracts, as reviewed snapshots; member order is part of them.

use insta::assert_json_snapshot;
use model::evidence::AccountKind;
use model::ids::PersonId;
use model::person::{Answer, BankLogin, Decided};
use model::request::{Asked, Permission, Scope};
use model::session::{Completion, Session, State, Status};
use serde_json::{Map, Value, json};

use super::cast;
use crate::banks::BankEntry;
use crate::{Problem, RateLimit, didit, ivy, pentadata};

const LINK: &str = "https://api.example/link/t";

/// Ivy's example request, without the trailing comma that makes it no JSON.
const IVY: &str = r#"{
    "referenceId": "123456789", "permissions": ["identity"], "market": "DE",
    "externalUser": {
        "email": "john.doe@example.com", "phone": "+49123456789",
        "metadata": { "key1": "value1", "key2": "value2" }
    },
    "successCallbackUrl": "https://example.com/callback/success",
    "errorCallbackUrl": "https://example.com/callback/error",
    "resultCallbackUrl": "https://example.com/callback/result"
}"#;

const IVY_MATCH: &str = r#"{
    "referenceId": "r2", "permissions": ["match_identity"], "locale": "de", "displayId": "d",
    "metadata": { "n": 1 }, "prefill": { "bankId": "sandbox-bank", "email": "a@example.com" },
    "disableBankSelection": true, "returnUrl": "https://example.com/back",
    "customer": { "id": "u1" },
    "matchData": { "financialAddress": { "type": "iban", "iban": {
        "iban": "DE12345678901234567890", "accountHolderName": "John Doe"
    } } }
}"#;

const DIDIT: &str = r#"{
    "scope": "names email bank_account pictures", "vendor_data": "user-7",
    "callback": "https://example.com/done"
}"#;

const ALL_SCOPES: &str = concat!(
    r#"{ "scope": "names email phone picture pictures birthdate address bank_account user_id "#,
    r#"gender document_detail preferences is_verified is_over_18 is_over_21" }"#
);

fn permissions(given: &[Permission]) -> Asked {
    Asked::Permissions(given.to_vec())
}

fn of_approval(asked: &Asked) -> State {
    cast::complete(asked.clone(), cast::full_evidence())
}

fn identity() -> State {
    of_approval(&permissions(&[Permission::Identity]))
}

fn with_decision(mut session: Session) -> Session {
    if let State::Complete(completion) = &mut session.state {
        let decision = Some(cast::decision());
        **completion = Completion { decision, ..(**completion).clone() };
    }
    session
}

#[test]
fn ivy_create_and_details() {
    assert_json_snapshot!("ivy_opened", ivy::opened(&cast::ivy(IVY, State::Open), LINK));
    assert_json_snapshot!(
        "ivy_opened_with_all",
        ivy::opened(&cast::ivy(IVY_MATCH, State::Open), LINK)
    );
    let waiting = cast::ivy(IVY, State::Started);
    assert_json_snapshot!(
        "ivy_details_started",
        ivy::details(&waiting, Status::Started, &cast::policy())
    );
    let complete = cast::ivy(IVY, identity());
    assert_json_snapshot!(
        "ivy_details_complete",
        ivy::details(&complete, Status::Complete, &cast::policy())
    );
    let compared = cast::ivy(IVY_MATCH, of_approval(&permissions(&[Permission::MatchIdentity])));
    let compared = with_decision(compared);
    let compared = ivy::details(&compared, Status::Complete, &cast::policy());
    assert_json_snapshot!("ivy_details_compared", compared);
}

#[test]
fn ivy_list() {
    let scopes = Asked::Scopes(vec![Scope::Names, Scope::Birthdate]);
    let sessions = [
        cast::ivy(IVY, identity()),
        cast::didit(DIDIT, of_approval(&scopes)),
        cast::pentadata(of_approval(&Asked::Ownership)),
    ];
    assert_json_snapshot!("ivy_list", ivy::list(&sessions, None));
    assert_json_snapshot!("ivy_list_with_more", ivy::list(&sessions[..1], Some("next")));
    assert_json_snapshot!("ivy_list_of_nobody", ivy::list(&[], None));
}

/// What was not approved is not shown, and what was not stated is not made up.
#[test]
fn ivy_shows_what_was_approved() {
    use Permission::{Balances, Identity, MatchIdentity, Transactions};
    for (approved, identity, accounts) in [
        (permissions(&[Identity]), true, true),
        (permissions(&[Balances]), false, true),
        (permissions(&[Transactions]), false, true),
        (permissions(&[MatchIdentity]), false, false),
        (permissions(&[]), false, false),
        (Asked::Scopes(vec![Scope::Names]), true, false),
        (Asked::Scopes(vec![Scope::BankAccount]), false, true),
        (Asked::Scopes(vec![Scope::Email]), false, false),
        (Asked::Ownership, false, false),
    ] {
        let session = cast::ivy(IVY, of_approval(&approved));
        let body = json!(ivy::details(&session, Status::Complete, &cast::policy()));
        let data = &body["data"];
        let listed = data["accounts"].as_array().expect("an array");
        let seen = (data.get("identity").is_some(), !listed.is_empty());
        assert_eq!(seen, (identity, accounts), "{approved:?}");
    }
    let mut named = cast::party("Anna Schmidt");
    let joint = cast::evidence(vec![named.clone(), cast::full_party()], Vec::new());
    named.name.clear();
    let nameless = cast::evidence(vec![named], vec![cast::account(AccountKind::Saving)]);
    for (evidence, name, birth_date) in [
        (joint, json!("Anna Schmidt"), Value::Null),
        (nameless, Value::Null, Value::Null),
        (cast::full_evidence(), json!("John Doe"), json!("1980-01-01")),
    ] {
        let state = cast::complete(permissions(&[Identity]), evidence);
        let body = json!(ivy::details(&cast::ivy(IVY, state), Status::Complete, &cast::policy()));
        let identity = json!({ "name": name, "dateOfBirth": birth_date });
        assert_eq!(body["data"]["identity"], identity);
    }
}

#[test]
fn didit_answers() {
    let token = didit::Token {
        iss: "https://api.example/",
        sub: "ten_1",
        client_id: "client",
        access_token: "a.b.c",
        issued_at: cast::now(),
        expires_at: cast::now()
            .checked_add(jiff::SignedDuration::from_hours(24))
            .expect("in range"),
    };
    assert_json_snapshot!("didit_token", didit::token(&token));
    let open = cast::didit(DIDIT, State::Open);
    assert_json_snapshot!("didit_opened", didit::opened(&open, "session-token", LINK));
    assert_json_snapshot!("didit_decision_open", decided(&open));
    let everything = cast::didit(ALL_SCOPES, State::Open);
    let everything = cast::didit(ALL_SCOPES, of_approval(&everything.asked));
    assert_json_snapshot!("didit_decision_everything", decided(&everything));
    let approved = Asked::Scopes(vec![Scope::Names, Scope::BankAccount]);
    assert_json_snapshot!(
        "didit_decision_partly",
        decided(&cast::didit(DIDIT, of_approval(&approved)))
    );
    let silent = cast::complete(open.asked, cast::evidence(Vec::new(), Vec::new()));
    assert_json_snapshot!("didit_decision_of_a_silent_bank", decided(&cast::didit(DIDIT, silent)));
    let cancelled = cast::didit(DIDIT, cast::cancelled());
    assert_json_snapshot!("didit_decision_cancelled", decided(&cancelled));
}

fn decided(session: &Session) -> Value {
    let today = "2026-11-24".parse().expect("a date");
    json!(didit::decision(session, session.status(cast::now()), today))
}

#[test]
fn pentadata_answers() {
    let later = cast::now().checked_add(jiff::SignedDuration::from_hours(24)).expect("in range");
    let refresh = Some(("d.e.f", later));
    let mut tokens = pentadata::Tokens { access: ("a.b.c", later), refresh, user_id: 7 };
    assert_json_snapshot!("pentadata_login", pentadata::tokens(&tokens));
    tokens.refresh = None;
    assert_json_snapshot!("pentadata_refresh", pentadata::tokens(&tokens));
    let person = PersonId::try_from(83_544_785).expect("in range");
    assert_json_snapshot!("pentadata_created", pentadata::created(person));
    let decided = |bank_login| Decided { decision: cast::decision(), bank_login };
    let session = cast::pentadata(State::Open).id;
    let decision = Some(cast::decision());
    for (name, answer, url) in [
        ("verified", Answer::Verified(decided(BankLogin::Consumed)), None),
        ("wrong", Answer::Wrong(decided(BankLogin::Spared)), None),
        ("started", Answer::Start { decision: None }, Some(LINK)),
        ("waiting", Answer::Waiting { session, decision }, Some(LINK)),
        ("in_progress", Answer::InProgress { decision: None }, None),
    ] {
        assert_json_snapshot!(
            format!("pentadata_auth_{name}"),
            pentadata::answer(&answer, &cast::policy(), url)
        );
    }
}

#[test]
fn banks() {
    let (markets, currencies) = (["DE".to_owned(), "AT".to_owned()], ["EUR".to_owned()]);
    let (id, name) = ("sandbox-bank", "Sandbox Bank");
    let capabilities = ["ais".to_owned()];
    let bank = BankEntry {
        id,
        name,
        logo: None,
        url: Some("https://bank.example/"),
        group: None,
        markets: &markets,
        currencies: &currencies,
        default: false,
        test: true,
        capabilities: &capabilities,
    };
    let window = crate::banks::Window { skip: 0, limit: 1 };
    assert_json_snapshot!("bank_ivy", crate::banks::ivy(&bank));
    assert_json_snapshot!("banks_ivy", crate::banks::ivy_list(vec![bank, bank], window));
    assert_json_snapshot!("bank_pentadata", crate::banks::institutions(vec![bank], window));
}

/// The status table: each status in the words of each contract.
#[test]
fn statuses() {
    for (status, in_ivy, in_status, in_decision) in [
        (Status::Open, "open", "initialized", "Initialized"),
        (Status::Started, "started", "retrieved", "Retrieved"),
        (Status::AtBank, "pending", "retrieved", "Retrieved"),
        (Status::Processing, "pending", "retrieved", "Retrieved"),
        (Status::Complete, "complete", "confirmed", "Confirmed"),
        (Status::Failed, "failed", "expired", "Expired"),
        (Status::Expired, "expired", "expired", "Expired"),
        (Status::Cancelled, "failed", "declined", "Cancelled"),
    ] {
        let session = cast::didit(DIDIT, State::Open);
        let today = "2026-11-24".parse().expect("a date");
        assert_eq!(json!(ivy::status(status)), in_ivy);
        assert_eq!(json!(didit::status(status)), json!({ "status": in_status }));
        assert_eq!(json!(didit::decision(&session, status, today))["status"], in_decision);
    }
}

/// Nothing of a bank's answer is in what a session that is not complete shows.
#[test]
fn unfinished_sessions_show_no_data() {
    for state in [State::Open, State::Started, cast::failed(), cast::cancelled()] {
        let session = cast::didit(DIDIT, state);
        assert_eq!(decided(&session)["user_data"], Value::Null);
        let details = json!(ivy::details(&session, session.status(cast::now()), &cast::policy()));
        assert!(details.get("data").is_none());
        assert!(details.get("externalUser").is_none(), "the user of another contract");
    }
}

/// One of each, with the sentences the code uses.
fn problems() -> Vec<Problem> {
    vec![
        Problem::malformed_json("the body ends too early, at line 1, column 2"),
        Problem::body_too_large(65_536),
        Problem::invalid_member("externalUser.email", "an e-mail address such as name@example.com"),
        Problem::unauthenticated("The API key is mistyped or cut off; copy it again."),
        Problem::invalid_client("The client id or the secret is not known."),
        Problem::malformed_json("at line 1").of_token_request(),
        Problem::unsupported_grant_type(),
        Problem::forbidden("Ask the person again; the consent was revoked."),
        Problem::not_found(),
        Problem::method_not_allowed(&["GET", "POST"]),
        Problem::reference_in_use(),
        Problem::ended(),
        Problem::idempotency_key_reused(),
        Problem::too_many_requests(RateLimit { limit: 600, remaining: 0, reset_s: 7 }),
        Problem::internal("kept inside"),
        Problem::unavailable("kept inside"),
    ]
}

#[test]
fn refusals() {
    let mut seen = Map::new();
    for problem in problems() {
        let headers = problem.headers();
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.to_string(), json!(value.to_str().expect("text")))
        };
        let headers: Map<String, Value> = headers.iter().map(header).collect();
        let body = json!(problem.body("req-1"));
        let detail = body["detail"].as_str().expect("text");
        assert!(detail.starts_with(char::is_uppercase) && detail.ends_with('.'), "{detail}");
        assert!(!body.to_string().contains("kept inside"), "{body}");
        let twice =
            seen.insert(problem.name().to_owned(), json!({ "headers": headers, "body": body }));
        assert!(twice.is_none(), "{} twice", problem.name());
    }
    assert_json_snapshot!("problems", seen);
}

#[test]
fn routes_are_those_of_the_operations() {
    let operations = crate::openapi::operations();
    let routes: Vec<_> = operations.iter().map(|one| (one.method, one.path)).collect();
    assert_eq!(routes, crate::routes::ROUTES);
}
