//! Whatever is sent: it is read or refused, and a refusal repeats no value.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::cast::{now, tenant};
use crate::json::{Members, read};
use crate::{Problem, didit, ivy, pentadata};

/// The names that any parser asks for, so that random bodies reach their rules.
const NAMES: [&str; 48] = [
    "referenceId",
    "permissions",
    "market",
    "locale",
    "externalUser",
    "customer",
    "matchData",
    "financialAddress",
    "iban",
    "accountHolderName",
    "successCallbackUrl",
    "errorCallbackUrl",
    "returnUrl",
    "resultCallbackUrl",
    "prefill",
    "bankId",
    "email",
    "phone",
    "id",
    "metadata",
    "displayId",
    "disableBankSelection",
    "expiresAt",
    "externalUserEmail",
    "externalUserReferenceId",
    "externalUserPhone",
    "externalUserMetadata",
    "key",
    "value",
    "limit",
    "cursor",
    "scope",
    "workflow_id",
    "vendor_data",
    "callback",
    "first_name",
    "last_name",
    "consent",
    "address",
    "street",
    "city",
    "postal_code",
    "state",
    "country",
    "type",
    "a.b",
    "",
    "\u{e9}",
];

/// Values that pass some rule, so that reading goes on behind it.
const TEXTS: [&str; 12] = [
    "r",
    "identity",
    "match_identity",
    "DE",
    "de",
    "a@b.co",
    "+49123456789",
    "names email",
    "https://example.com/x",
    "sandbox-bank",
    " ",
    "2026-02-30",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![proptest::sample::select(&TEXTS[..]).prop_map(str::to_owned), ".{0,12}"]
}

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-90_000..90_000_i64).prop_map(|seconds| Value::from(now().as_second() + seconds)),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number,
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            object(inner).prop_map(Value::Object),
        ]
    })
}

fn object(of: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let name = prop_oneof![
        9 => proptest::sample::select(&NAMES[..]).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    proptest::collection::vec((name, of), 0..16).prop_map(|members| members.into_iter().collect())
}

/// What every parser says of one body.
fn refusals(body: &Members) -> Vec<Problem> {
    let tenant = tenant();
    let said = [
        ivy::new_session(body, &tenant, now()).err(),
        ivy::listing(body).err(),
        didit::new_session(body, &tenant).err(),
        pentadata::new_person(body).err(),
        pentadata::claim(body).err(),
    ];
    said.into_iter().flatten().collect()
}

/// A reader that knows the body's own text only.
fn strict(body: &Map<String, Value>) -> Result<Members, Problem> {
    read(Value::Object(body.clone()).to_string().as_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_object_is_parsed_or_refused(body in object(value())) {
        let said = match strict(&body) {
            Ok(members) => refusals(&members),
            Err(problem) => vec![problem],
        };
        for problem in said {
            prop_assert!(problem.status().is_client_error(), "{problem:?}");
            let sentence = problem.detail().to_owned();
            prop_assert!(sentence.ends_with('.'), "{sentence}");
        }
    }

    #[test]
    fn refusals_repeat_no_value(name in proptest::sample::select(&NAMES[..]), at in 0..4_usize) {
        let canary = ["Zuckerschnute", "zuckerschnute@", "+49Zuckerschnute", "https://zuckerschnute"];
        let body: Map<String, Value> = [
            ("referenceId".to_owned(), Value::from("r")),
            ("scope".to_owned(), Value::from("names")),
            (name.to_owned(), Value::from(canary[at])),
        ].into_iter().collect();
        let members = strict(&body).expect("JSON");
        let shown = format!("{members:?}").to_lowercase();
        prop_assert!(!shown.contains("zuckerschnute"));
        for problem in refusals(&members) {
            let said = format!("{problem:?}{}", serde_json::json!(problem.body(""))).to_lowercase();
            prop_assert!(!said.contains("zuckerschnute"), "{said}");
        }
    }

    #[test]
    fn any_pairs_are_parsed_or_refused(pairs in proptest::collection::vec((text(), text()), 0..8)) {
        if let Ok(members) = crate::json::from_pairs(pairs) {
            let _ = refusals(&members);
        }
    }

    /// What a strict reader lets through is what any other reader reads.
    #[test]
    fn reading_changes_nothing(body in object(value())) {
        if let Ok(members) = strict(&body) {
            let text = Value::Object(body).to_string();
            let plain: Value = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(Value::Object(members.into_map()), plain);
        }
    }
}
