//! What create, list, person and claim requests are read as.

use jiff::SignedDuration;
use model::claim::ClaimedAddress;
use model::contact::SubjectKey;
use model::request::{Asked, Permission, Scope};
use model::session::LIFETIME_DEFAULT;

use super::cast::{members, now, tenant};
use crate::ivy::By;
use crate::{NewSession, Problem, didit, ivy, pentadata};

fn ivy_of(more: &str) -> Result<NewSession, Problem> {
    let body = format!(r#"{{ "referenceId": "r"{more} }}"#);
    ivy::new_session(&members(&body), &tenant(), now())
}

fn ivy_new(more: &str) -> NewSession {
    ivy_of(more).unwrap_or_else(|problem| panic!("{more}: {problem:?}"))
}

fn param<T>(read: Result<T, Problem>) -> String {
    let problem = read.err().expect("refused");
    problem.param().unwrap_or_default().to_owned()
}

#[test]
fn ivy_permissions() {
    use Permission::{Balances, Identity, Transactions};
    for (more, read) in [
        ("", vec![Identity]),
        (r#", "permissions": null"#, vec![Identity]),
        (r#", "permissions": ["balance", "balances"]"#, vec![Balances]),
        (r#", "permissions": ["transactions", "identity"]"#, vec![Transactions, Identity]),
    ] {
        assert_eq!(ivy_new(more).asked, Asked::Permissions(read), "{more}");
    }
}

#[test]
fn ivy_external_users() {
    for (more, key) in [
        ("", None),
        (r#", "externalUser": {}"#, None),
        (r#", "externalUser": { "referenceId": "u", "email": "a@b.co" }"#, Some("u")),
        (r#", "externalUser": { "email": "A@B.co", "phone": "+49123456789" }"#, Some("a@b.co")),
        (r#", "externalUser": { "phone": "0049 123 456789" }"#, Some("+49123456789")),
        (r#", "customer": { "email": "a@b.co" }"#, Some("a@b.co")),
        (r#", "customer": { "id": "u" }"#, Some("u")),
        (r#", "externalUser": null, "customer": { "id": "u" }"#, Some("u")),
    ] {
        let user = ivy_new(more).request.external_user;
        let read = user.subject_key().map(|key| match key {
            SubjectKey::Reference(reference) => reference.as_str().to_owned(),
            SubjectKey::Email(email) => email.as_str().to_owned(),
            SubjectKey::Phone(phone) => phone.as_str().to_owned(),
        });
        assert_eq!(read.as_deref(), key, "{more}");
    }
}

#[test]
fn ivy_return_urls() {
    let (back, done) = ("https://example.com/back", "https://example.com/done");
    for (more, success, error) in [
        ("", None, None),
        (&*format!(r#", "returnUrl": "{back}""#), Some(back), Some(back)),
        (&*format!(r#", "successCallbackUrl": "{done}""#), Some(done), None),
        (
            &*format!(r#", "returnUrl": "{back}", "successCallbackUrl": "{done}""#),
            Some(done),
            Some(back),
        ),
    ] {
        let request = ivy_new(more).request;
        let text = |url: &Option<model::callback_url::CallbackUrl>| {
            url.as_ref().map(|url| url.as_url().to_string())
        };
        assert_eq!(text(&request.success_url).as_deref(), success, "{more}");
        assert_eq!(text(&request.error_url).as_deref(), error, "{more}");
    }
}

#[test]
fn ivy_lifetimes() {
    assert_eq!(ivy_new("").lifetime, LIFETIME_DEFAULT);
    let minute = 60;
    for (seconds, valid) in [
        (30 * minute, true),
        (30 * minute - 1, false),
        (24 * 60 * minute, true),
        (24 * 60 * minute + 1, false),
        (-minute, false),
    ] {
        let more = format!(r#", "expiresAt": {}"#, now().as_second() + seconds);
        let read = ivy_of(&more).map(|new| new.lifetime).ok();
        assert_eq!(read, valid.then(|| SignedDuration::from_secs(seconds)), "{seconds}");
    }
}

#[test]
fn ivy_claims() {
    let body = |address: &str| {
        format!(r#", "permissions": ["match_identity"], "matchData": {{ {address} }}"#)
    };
    let whole = r#""financialAddress": { "type": "iban",
        "iban": { "iban": "DE89", "accountHolderName": "John Doe" } }"#;
    let claim = ivy_new(&body(whole)).request.claim.expect("a claim");
    assert_eq!((claim.name.as_str(), claim.iban.as_deref()), ("John Doe", Some("DE89")));
    for (address, named) in [
        ("", "matchData.financialAddress"),
        (r#""financialAddress": {}"#, "matchData.financialAddress.iban"),
        (r#""financialAddress": { "iban": {} }"#, "matchData.financialAddress.iban.iban"),
        (
            r#""financialAddress": { "iban": { "iban": "DE89" } }"#,
            "matchData.financialAddress.iban.accountHolderName",
        ),
    ] {
        assert_eq!(param(ivy_of(&body(address))), named);
    }
}

#[test]
fn ivy_filters() {
    let all = "externalUserEmail, externalUserReferenceId, externalUserPhone, externalUserMetadata";
    for (body, named) in [
        ("{}", all),
        (r#"{ "externalUserEmail": null }"#, all),
        (
            r#"{ "externalUserEmail": "a@b.co", "externalUserReferenceId": "r" }"#,
            "externalUserEmail, externalUserReferenceId",
        ),
        (
            r#"{ "externalUserMetadata": { "key": "k", "value": [] } }"#,
            "externalUserMetadata.value",
        ),
        (r#"{ "externalUserMetadata": "k" }"#, "externalUserMetadata"),
        (r#"{ "externalUserEmail": "a@b.co", "limit": 101 }"#, "limit"),
    ] {
        assert_eq!(param(ivy::listing(&members(body))), named, "{body}");
    }
    for (body, kind, limit) in [
        (r#"{ "externalUserEmail": "a@b.co", "externalUserPhone": null }"#, "email", 100),
        (r#"{ "externalUserReferenceId": "r", "limit": 1 }"#, "reference", 1),
        (r#"{ "externalUserPhone": "+49123456789" }"#, "phone", 100),
        (r#"{ "externalUserMetadata": { "key": "k", "value": 7 } }"#, "metadata", 100),
    ] {
        let listing = ivy::listing(&members(body)).unwrap_or_else(|p| panic!("{body}: {p:?}"));
        let read = match listing.by {
            By::Email(_) => "email",
            By::Reference(_) => "reference",
            By::Phone(_) => "phone",
            By::Metadata(_) => "metadata",
        };
        assert_eq!((read, listing.limit), (kind, limit), "{body}");
    }
}

#[test]
fn didit_sessions() {
    let long = "x".repeat(201);
    for (body, scopes, reference) in [
        (r#"{ "scope": "names  email names" }"#, vec![Scope::Names, Scope::Email], None),
        (r#"{ "workflow_id": "w" }"#, vec![Scope::Names], None),
        (r#"{ "scope": "email", "vendor_data": "u" }"#, vec![Scope::Email], Some("u")),
        (&*format!(r#"{{ "scope": "email", "vendor_data": "{long}" }}"#), vec![Scope::Email], None),
    ] {
        let new = didit::new_session(&members(body), &tenant()).expect("valid");
        assert_eq!(new.asked, Asked::Scopes(scopes), "{body}");
        let read = new.request.external_user.reference.as_ref().map(|r| r.as_str());
        assert_eq!(read, reference, "{body}");
        assert!(new.reference().is_none(), "vendor data need not be unique");
    }
}

#[test]
fn pentadata_persons() {
    let body = |more: &str| {
        members(&format!(r#"{{ "email": "A@b.co", "first_name": "A", "last_name": "B"{more} }}"#))
    };
    for (more, consent) in [
        ("", Some(true)),
        (r#", "consent": null"#, Some(true)),
        (r#", "consent": true"#, Some(true)),
        (r#", "consent": false"#, Some(false)),
        (r#", "consent": 1"#, Some(true)),
        (r#", "consent": 0"#, Some(false)),
        (r#", "consent": 2"#, None),
        (r#", "consent": "false""#, None),
    ] {
        let read = pentadata::new_person(&body(more));
        assert_eq!(read.as_ref().ok().map(|person| person.consent), consent, "{more}");
        match read {
            Ok(person) => assert_eq!(person.email.as_str(), "a@b.co"),
            Err(_) => assert_eq!(param(read), "consent"),
        }
    }
}

#[test]
fn pentadata_claims() {
    for (address, line, street) in [
        ("null", None, None),
        (r#""""#, None, None),
        (r#"" ""#, None, None),
        (r#""1 High St""#, Some("1 High St"), None),
        ("{}", None, None),
        (r#"{ "street": "", "city": "" }"#, None, None),
        (r#"{ "street": "1 High St", "city": "" }"#, None, Some("1 High St")),
    ] {
        let body = format!(r#"{{ "first_name": " A ", "last_name": "B", "address": {address} }}"#);
        let claim = pentadata::claim(&members(&body)).expect("valid");
        assert_eq!(claim.name, "A B");
        let (read_line, read_street) = match claim.address {
            Some(ClaimedAddress::Unstructured(line)) => (Some(line), None),
            Some(ClaimedAddress::Structured(parts)) => {
                assert_eq!(parts.city, None, "{address}");
                (None, parts.line1)
            }
            None => (None, None),
        };
        assert_eq!((read_line.as_deref(), read_street.as_deref()), (line, street), "{address}");
    }
}
