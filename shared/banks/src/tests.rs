//! What a bank's answer may be, and who is found in the directory.

use http::{HeaderMap, StatusCode};
use proptest::prelude::*;

use crate::berlin_group::{messages, statement};
use crate::{Answer, Directory, Outbound, Places, Reach};

fn answer(status: u16, body: &[u8]) -> Answer {
    let status = StatusCode::from_u16(status).expect("a status");
    Answer { status, headers: HeaderMap::new(), body: body.to_vec().into() }
}

#[test]
fn a_bank_may_state_much_or_little() {
    let read = |body: &str| messages::read_accounts(&answer(200, body.as_bytes()), "Bank");
    let full = r#"{"accounts":[{"resourceId":"1","iban":"DE12 3456 7890","currency":"EUR",
        "ownerName":" John Doe ","cashAccountType":"SVGS"}],
        "holderDetails":[{"ownerName":"John Doe","birthDate":"1980-01-01T00:00:00Z"}]}"#;
    let full = read(full).expect("reads");
    assert_eq!(full.accounts[0].iban.as_deref(), Some("DE1234567890"));
    assert_eq!(full.accounts[0].domestic_number().as_deref(), Some("34567890"));
    assert_eq!(full.parties[0].name, "John Doe");
    assert_eq!(
        full.parties[0].birth_date.map(|date| date.to_string()).as_deref(),
        Some("1980-01-01")
    );
    let little = read(r#"{"accounts":[{"currency":"EUR"}]}"#).expect("reads");
    assert!(little.parties.is_empty());
    for broken in ["", "{}", r#"{"accounts":[{}]}"#, r#"{"accounts":[{"currency":"EUR"}"#] {
        assert!(read(broken).is_err(), "{broken}");
    }
}

#[test]
fn balances_and_bookings_keep_the_bank_s_digits() {
    let body = r#"{"balances":[
        {"balanceType":"closingBooked","balanceAmount":{"currency":"EUR","amount":"500.00"}},
        {"balanceType":"interimAvailable","balanceAmount":{"currency":"EUR","amount":"-0.10"},
         "lastChangeDateTime":"2026-03-01T08:00:00Z"}]}"#;
    let balances = statement::read_balances(&answer(200, body.as_bytes()), "a").expect("reads");
    assert_eq!(balances[0].amount.as_str(), "500.00");
    assert_eq!(balances[1].amount.as_str(), "-0.10");
    assert_ne!(balances[0].kind, balances[1].kind);
    let body = r#"{"transactions":{"booked":[
        {"bookingDate":"2026-02-27","transactionAmount":{"currency":"EUR","amount":"-9.99"},
         "creditorName":" A shop ","debtorName":"The holder"},
        {"transactionId":"t2","valueDate":"2026-02-26",
         "transactionAmount":{"currency":"EUR","amount":"20"},"debtorName":"A friend"}],
        "_links":{"next":{"href":"/v1/accounts/a/transactions?page=2"}}}}"#;
    let page = statement::read_transactions(&answer(200, body.as_bytes()), "a", 7).expect("reads");
    let told = page.bookings.iter().map(|b| (b.id.as_str(), b.counterparty.as_deref()));
    let told: Vec<_> = told.collect();
    assert_eq!(told, [("a/7", Some("A shop")), ("t2", Some("A friend"))]);
    assert_eq!(page.next.as_deref(), Some("/v1/accounts/a/transactions?page=2"));
    for broken in [
        "{}",
        r#"{"transactions":{"booked":[{"transactionAmount":{"currency":"EUR","amount":"1"}}]}}"#,
        r#"{"transactions":{"booked":[{"bookingDate":"2026-02-27",
            "transactionAmount":{"currency":"EUR","amount":1.5}}]}}"#,
        r#"{"transactions":{"booked":[{"bookingDate":"2026-02-27",
            "transactionAmount":{"currency":"euro","amount":"1.5"}}]}}"#,
    ] {
        let read = statement::read_transactions(&answer(200, broken.as_bytes()), "a", 0);
        assert!(read.is_err(), "{broken}");
    }
}

#[test]
fn statuses_say_what_was_done() {
    for (status, transient, nothing) in [
        (429, true, true),
        (503, true, true),
        (500, true, false),
        (502, true, false),
        (400, false, false),
        (302, false, false),
    ] {
        let error = messages::check_status(answer(status, b"")).expect_err("an error");
        assert_eq!((error.is_transient(), error.did_nothing()), (transient, nothing), "{status}");
    }
}

#[test]
fn banks_are_found_by_the_beginnings_of_words() {
    let sandbox = "https://bank.example/".parse().expect("a URL");
    let places = Places { sandbox: Some(sandbox) };
    let directory = Directory::load(&places, &Outbound::new(Reach::Public)).expect("whole");
    let found = |query: &str| -> Vec<String> {
        directory.search(query, Some("DE")).iter().map(|bank| bank.id.to_string()).collect()
    };
    assert_eq!(found("").len(), 3);
    assert_eq!(found("SPARK muster"), ["sandbox-savings"]);
    assert_eq!(found("saveDEffxxx"), ["sandbox-savings"]);
    assert!(found("nowhere").is_empty());
    let swiss = directory.search("", Some("CH"));
    assert_eq!(swiss[0].id.as_str(), "sandbox-private", "the market's banks come first");
    let none = Directory::load(&Places::default(), &Outbound::new(Reach::Public)).expect("whole");
    assert!(none.search("", None).is_empty(), "no sandbox where there is none");
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_an_error(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let answer = answer(200, &body);
        let _ = messages::read_accounts(&answer, "Bank");
        let _ = messages::read_consent(&answer);
        let _ = messages::read_metadata(&answer);
        let _ = messages::read_token(&answer);
        let _ = statement::read_balances(&answer, "a");
        let _ = statement::read_transactions(&answer, "a", 0);
    }

    #[test]
    fn any_query_finds_or_does_not(query in ".{0,40}") {
        let places = Places { sandbox: "https://bank.example/".parse().ok() };
        let directory = Directory::load(&places, &Outbound::new(Reach::Public)).expect("whole");
        let _ = directory.search(&query, None);
    }
}
