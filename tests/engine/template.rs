//! The template: what it says here, and how it is refused.

use countersign::{FunctionError, Functions, Locals, StartError, System, Template};
use serde_json::{Value, json};

use super::{one, stepping};

const TOY: &str = r#"
Parameters:
  Place: { Type: String, AllowedValues: [here, there], Default: here }
Conditions:
  IsThere: !Equals [!Ref Place, there]
Globals:
  Function: { Timeout: 20, Environment: { Variables: { LEVEL: info } } }
Resources:
  Reader:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: reader } }
    Properties:
      Timeout: 10
      Environment: { Variables: { VALUE: !Ref Place } }
      Events:
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Work.Arn, BatchSize: 5 } }
        Path: { Type: HttpApi, Properties: { Method: get, Path: "/read/{id}" } }
  Away:
    Type: AWS::Serverless::Function
    Condition: IsThere
    Metadata: { BuildProperties: { Binary: away } }
    Properties: { Environment: { Variables: { TABLE: !Ref Remote } } }
  Remote:
    Type: AWS::DynamoDB::Table
    Condition: IsThere
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
  Work:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 } }
  Dead: { Type: AWS::SQS::Queue }
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
  Master: { Type: AWS::KMS::Key }
"#;

pub(super) fn locals(parameters: &[(&str, &str)]) -> Locals {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Locals {
        parameters: parameters.iter().map(owned).collect(),
        master_key: "file:/key".to_owned(),
    }
}

/// What the variable VALUE is when the template says so.
fn value(expression: &str) -> Option<String> {
    let text = TOY.replace("VALUE: !Ref Place", &format!("VALUE: {expression}"));
    let template = Template::parse(&text, &locals(&[])).expect(expression);
    template.functions[0].environment.get("VALUE").cloned()
}

#[test]
fn a_value_is_what_it_is_on_this_machine() {
    for (expression, expected) in [
        ("plain", "plain"),
        ("17", "17"),
        ("true", "true"),
        ("!Ref Place", "here"),
        ("{ Ref: Place }", "here"),
        ("!Ref Work", "https://sqs.eu-central-1.amazonaws.com/123456789012/Work"),
        ("!Ref Items", "Items"),
        ("!Ref Reader", "Reader"),
        ("!Ref Master", "file:/key"),
        ("!GetAtt Master.Arn", "file:/key"),
        ("!GetAtt [Work, QueueName]", "Work"),
        ("{ Fn::GetAtt: [Work, Arn] }", "arn:aws:sqs:eu-central-1:123456789012:Work"),
        ("!GetAtt Items.Arn", "arn:aws:dynamodb:eu-central-1:123456789012:table/Items"),
        (
            "!Sub \"${Items.Arn}/index/due\"",
            "arn:aws:dynamodb:eu-central-1:123456789012:table/Items/index/due",
        ),
        ("!Sub \"${Place}-${AWS::Region}-${!x}\"", "here-eu-central-1-${x}"),
        ("!Sub [\"${a}/${Place}\", { a: !Ref AWS::AccountId }]", "123456789012/here"),
        ("!Join [\"-\", [a, !Ref Place, 3]]", "a-here-3"),
        ("!If [IsThere, far, near]", "near"),
        ("!If [IsThere, !Ref Remote, near]", "near"),
    ] {
        assert_eq!(value(expression).as_deref(), Some(expected), "{expression}");
    }
    assert_eq!(value("!Ref AWS::NoValue"), None);
    assert_eq!(value("!If [IsThere, far, !Ref AWS::NoValue]"), None);
}

#[test]
fn a_condition_decides_what_there_is() {
    for (condition, functions) in [
        ("!Equals [!Ref Place, there]", 1),
        ("!Equals [!Ref Place, here]", 2),
        ("!Not [!Equals [!Ref Place, there]]", 2),
        ("!And [!Equals [a, a], !Equals [a, b]]", 1),
        ("!Or [!Equals [a, a], !Equals [a, b]]", 2),
        ("{ Fn::Equals: [a, a] }", 2),
    ] {
        let text = TOY.replace("!Equals [!Ref Place, there]", condition);
        let template = Template::parse(&text, &locals(&[])).expect(condition);
        assert_eq!(template.functions.len(), functions, "{condition}");
        assert_eq!(template.left_out.len(), 2 - functions, "{condition}");
    }
}

#[test]
fn a_function_has_its_own_settings_over_the_global_ones() {
    let template = Template::parse(TOY, &locals(&[("Place", "there")])).expect("the toy is right");
    let [reader, away] = &template.functions[..] else { panic!("two functions") };
    assert_eq!((reader.timeout.as_secs(), away.timeout.as_secs()), (10, 20));
    assert_eq!(reader.environment["LEVEL"], "info");
    assert_eq!(reader.environment["VALUE"], "there");
    assert_eq!(away.environment["TABLE"], "Remote");
}

/// Part of the toy, what it becomes, and the whole error.
const REFUSED: [(&str, &str, &str); 27] = [
    ("Resources:", "Resources: [", "as a whole: "),
    ("Default: here", "Default: nowhere", "parameter Place: nowhere is not allowed"),
    (", Default: here", "", "parameter Place: it has no value"),
    (
        "!Equals [!Ref Place",
        "!Equals [!Ref Plaice",
        "condition IsThere: there is no parameter or active resource Plaice",
    ),
    (
        "!Equals [!Ref Place, there]",
        "!Select [0, [a]]",
        "condition IsThere: !Select is not understood in a condition",
    ),
    (
        "!Equals [!Ref Place, there]",
        "!Equals [a]",
        "condition IsThere: a function needs a list of 2",
    ),
    ("Condition: IsThere", "Condition: IsHere", "Away: there is no condition IsHere"),
    (
        "VALUE: !Ref Place",
        "VALUE: !Ref Plaice",
        "Reader: Environment: Variables: VALUE: there is no parameter or active resource Plaice",
    ),
    (
        "VALUE: !Ref Place",
        "VALUE: !Ref Remote",
        "Reader: Environment: Variables: VALUE: there is no parameter or active resource Remote",
    ),
    (
        "VALUE: !Ref Place",
        "VALUE: !GetAtt Items.Size",
        "Reader: Environment: Variables: VALUE: Items has no attribute Size",
    ),
    (
        "VALUE: !Ref Place",
        "VALUE: !Sub \"${Place\"",
        "Reader: Environment: Variables: VALUE: !Sub has a ${ without its }",
    ),
    (
        "VALUE: !Ref Place",
        "VALUE: !Base64 x",
        "Reader: Environment: Variables: VALUE: !Base64 is not understood",
    ),
    ("VALUE: !Ref Place", "VALUE: [a]", "Reader: variable VALUE is no text"),
    ("{ Binary: reader }", "{}", "Reader: it names no Binary in its Metadata"),
    ("Type: SQS", "Type: SNS", "Reader: event Queue: unknown variant `SNS`"),
    ("BatchSize: 5", "BatchSize: 11", "Reader: event Queue: BatchSize must be 1 to 10"),
    ("BatchSize: 5", "BatchSize: x", "Reader: event Queue: invalid type: string \"x\""),
    ("BatchSize: 5", "Bisect: true", "Reader: event Queue: unknown field `Bisect`"),
    ("Method: get", "Method: fetch", "Reader: event Path: fetch is no method"),
    ("/read/{id}", "read", "Reader: event Path: read must begin with /"),
    (
        "Queue: !GetAtt Work.Arn",
        "Queue: elsewhere",
        "Reader: it reads a queue that is not declared",
    ),
    ("Timeout: 10", "Timeout: 31", "Reader: its queue shows messages again before it times out"),
    ("!GetAtt Dead.Arn", "elsewhere", "Work: its dead letters go nowhere"),
    (
        "Type: AWS::SQS::Queue\n    Properties: { Redrive",
        "Type: AWS::SQS::Queue\n    Properties: { FifoQueue: true, Redrive",
        "Work: FIFO queues are not run here",
    ),
    (
        "AttributeName: pk, KeyType: HASH }]\n  Master",
        "AttributeName: id, KeyType: HASH }]\n  Master",
        "Items: attribute id must be defined and in a key, or neither",
    ),
    (
        "KeyType: HASH }]\n  Master",
        "KeyType: RANGE }]\n  Master",
        "Items: a key is one HASH and perhaps one RANGE",
    ),
    ("  Items:\n", "  It:\n", "It: the name It is shorter than 3 letters"),
];

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (part, instead, expected) in REFUSED {
        assert!(TOY.contains(part), "{part}");
        let refused = Template::parse(&TOY.replace(part, instead), &locals(&[]));
        let error = refused.expect_err(instead).to_string();
        let expected = format!("template.yaml, {expected}");
        assert!(error.starts_with(&expected), "{instead}\n {error}\n {expected}");
    }
}

#[test]
fn an_unknown_parameter_is_refused() {
    let refused = Template::parse(TOY, &locals(&[("Plaice", "here")]));
    let error = refused.expect_err("no such parameter").to_string();
    assert_eq!(error, "template.yaml, parameter Plaice: there is none");
}

#[test]
fn a_route_belongs_to_one_function() {
    let second = r#"
  Second:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: second } }
    Properties:
      Events: { Path: { Type: HttpApi, Properties: { Method: GET, Path: "/read/{id}" } } }
"#;
    let refused = Template::parse(&format!("{TOY}{second}"), &locals(&[]));
    let error = refused.expect_err("declared twice").to_string();
    assert_eq!(error, "template.yaml, Second: GET /read/{id} is declared here and in Reader");
}

#[tokio::test]
async fn functions_and_handlers_agree_or_nothing_starts() {
    let start = async |functions| match System::start_with(TOY, stepping(), functions).await {
        Ok(_) => panic!("it must not start"),
        Err(StartError::Functions(error)) => error,
        Err(other) => panic!("{other}"),
    };
    let unhandled = start(Functions::new()).await;
    assert_eq!(unhandled.to_string(), "Reader runs reader, and no handler has that name");
    let both = one("reader", |_| Ok(Value::Null)).with("writer", |_, _| Err("unused".to_owned()));
    assert_eq!(start(both).await, FunctionError::Undeclared("writer".to_owned()));
    let broken = Functions::new().with("reader", |_, _| Err("no key".to_owned()));
    assert_eq!(start(broken).await.to_string(), "Reader cannot start: no key");
}

#[tokio::test]
async fn a_handler_of_a_function_that_is_left_out_is_no_error() {
    let left_out = one("reader", |_| Ok(json!({}))).with("away", |_, _| Err("unused".to_owned()));
    let started = System::start_with(TOY, stepping(), left_out).await;
    started.expect("only the condition leaves it out").stop().await;
}
