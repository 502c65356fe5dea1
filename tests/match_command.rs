//! `countersign match`, its output word for word.

use countersign::command::match_names::{Question, answer_rows, explain};
use matching::Kind;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

/// What is written, what is reported, and how many rows were bad.
fn answered(rows: &[u8]) -> (String, String, u64) {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let bad = answer_rows(rows, &mut output, &mut errors).expect("memory can be written");
    (text(output), text(errors), bad)
}

fn question<'a>(claim: &'a str, holder: &'a str) -> Question<'a> {
    Question { claim, holder, kind: Kind::Person, address: None, birth_date: None }
}

fn explained(question: &Question<'_>) -> String {
    let mut output = Vec::new();
    explain(question, &mut output).expect("memory can be written");
    text(output)
}

#[test]
fn one_pair_is_explained() {
    insta::assert_snapshot!(explained(&question("Jennifer Smith", "SMITH JENNIFER W.")), @r"
    outcome     match
    score       96
    rule        R7 order
    rule        R8 middle_name_missing
    token       jennifer / jennifer: first name, the same
    token       smith / smith: family name, the same
    token       – / w: second given name, on one side only
    matcher     2

    The names agree: first and family name agree; the bank has a second given name that the claim leaves out; the names stand in another order.
    ");
}

#[test]
fn address_and_date_of_birth_are_compared_beside_the_name() {
    let shown = explained(&Question {
        address: Some(("5 High St, Leeds LS1 4AP", "5 High Street, Leeds, LS14AP")),
        birth_date: Some(("1980-04-01", "1980-01-04")),
        ..question("Tommy Adams", "Thomas Adams")
    });
    for line in ["outcome     close", "address     match", "birth date  partial"] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in {shown}");
    }
}

#[test]
fn rows_are_answered_in_their_order_and_bad_ones_are_named_by_line() {
    let rows = "claim,holder,kind\n\
                \"Doe, Jane\",Jane Doe,person\n\
                only one field\n\
                Acme,Acme GmbH,business\n\
                Anna Schmidt,,\n\
                Anna Schmidt,Anna Schmidt,robot\n\
                Martin Smith,Martina Smith\n";
    let (output, errors, bad) = answered(rows.as_bytes());
    assert_eq!(
        output,
        "claim,holder,kind,outcome,score,rules\n\
         \"Doe, Jane\",Jane Doe,person,match,96,order\n\
         Acme,Acme GmbH,business,close,80,legal_form\n\
         Anna Schmidt,,,cannot_tell,,nothing_to_compare\n\
         Martin Smith,Martina Smith,no_match,45,gender_pair\n"
    );
    assert_eq!(
        errors,
        "line 3: a row is claim,holder or claim,holder,kind\n\
         line 6: the kind is person or business\n"
    );
    assert_eq!(bad, 2);
}

#[test]
fn a_row_that_is_not_utf8_is_left_out_alone() {
    let (output, errors, bad) = answered(b"Anna \xff,Anna\nAnna Roe,Anna Roe\n");
    assert_eq!(output, "Anna Roe,Anna Roe,match,100,\n");
    assert_eq!((errors.as_str(), bad), ("line 1: it is not UTF-8; save the file as UTF-8\n", 1));
}

#[test]
fn more_rows_than_one_batch_keep_their_order() {
    let rows: String = (0..20_000).map(|at| format!("Anna Roe {at},Anna Roe {at}\n")).collect();
    let (output, _, bad) = answered(rows.as_bytes());
    assert_eq!(bad, 0);
    let expected = (0..20_000).map(|at| format!("Anna Roe {at},Anna Roe {at},"));
    assert!(expected.zip(output.lines()).all(|(start, line)| line.starts_with(&start)));
    assert_eq!(output.lines().count(), 20_000);
}
