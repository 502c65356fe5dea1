//! Tables: made once, kept over restarts, never silently another.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TimeToLiveStatus, TransactWriteItem};
use countersign::{DataError, Functions, StartError, System};

use super::{Directory, start};

const TEMPLATE: &str = r#"
Resources:
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: sk, AttributeType: S }
        - { AttributeName: due_at, AttributeType: S }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      GlobalSecondaryIndexes:
        - IndexName: due
          KeySchema: [{ AttributeName: sk, KeyType: HASH }, { AttributeName: due_at, KeyType: RANGE }]
          Projection: { ProjectionType: KEYS_ONLY }
"#;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

async fn open(template: &str, directory: &Directory) -> Result<System, StartError> {
    System::start_with(template, directory.options(), Functions::new()).await
}

#[tokio::test]
async fn a_table_is_as_declared() {
    let system = start(TEMPLATE, Functions::new()).await;
    let database = &system.clients().dynamodb;
    let table = database.describe_table().table_name("Items").send().await;
    let table = table.expect("it is there").table.expect("and described");
    let index = &table.global_secondary_indexes()[0];
    assert_eq!(index.index_name(), Some("due"));
    let projection = index.projection().and_then(|one| one.projection_type());
    assert_eq!(projection.map(|kind| kind.as_str()), Some("KEYS_ONLY"));
    let stream = table.stream_specification().and_then(|one| one.stream_view_type());
    assert_eq!(stream.map(|view| view.as_str()), Some("NEW_IMAGE"));
    let ttl = database.describe_time_to_live().table_name("Items").send().await;
    let ttl = ttl.expect("it is there").time_to_live_description.expect("and described");
    assert_eq!(ttl.time_to_live_status, Some(TimeToLiveStatus::Enabled));
    assert_eq!(ttl.attribute_name(), Some("expires_at"));
    system.stop().await;
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let directory = Directory::new();
    let system = open(TEMPLATE, &directory).await.expect("the toy is right");
    let put = system.clients().dynamodb.put_item().table_name("Items");
    let put = put.item("pk", text("a")).item("sk", text("b")).item("due_at", text("c"));
    put.send().await.expect("the table takes it");
    system.stop().await;
    let system = open(TEMPLATE, &directory).await.expect("it starts again");
    let query = system.clients().dynamodb.query().table_name("Items").index_name("due");
    let query = query.key_condition_expression("sk = :sk");
    let found = query.expression_attribute_values(":sk", text("b")).send().await;
    assert_eq!(found.expect("the index answers").items()[0]["pk"], text("a"));
    system.stop().await;
}

#[tokio::test]
async fn a_directory_has_one_system() {
    let directory = Directory::new();
    let system = open(TEMPLATE, &directory).await.expect("the toy is right");
    let second = open(TEMPLATE, &directory).await.err();
    assert!(matches!(second, Some(StartError::Data(DataError::InUse(_)))), "{second:?}");
    system.stop().await;
    open(TEMPLATE, &directory).await.expect("the directory is free again").stop().await;
}

#[tokio::test]
async fn another_shape_is_refused() {
    let directory = Directory::new();
    open(TEMPLATE, &directory).await.expect("the toy is right").stop().await;
    for (part, instead) in [
        ("IndexName: due", "IndexName: soon"),
        (
            "[{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk",
            "[{ AttributeName: sk, KeyType: HASH }, { AttributeName: pk",
        ),
    ] {
        assert!(TEMPLATE.contains(part), "{part}");
        let refused = open(&TEMPLATE.replace(part, instead), &directory).await.err();
        let error = refused.expect(instead).to_string();
        assert!(error.starts_with("table Items: the data directory holds it"), "{error}");
    }
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let directory = Directory::new();
    std::fs::write(&directory.0, "a file").expect("the directory of tests is writable");
    let error = open(TEMPLATE, &directory).await.err().expect("a file is no directory");
    assert!(error.to_string().contains("countersign-test-"), "{error}");
    std::fs::remove_file(&directory.0).expect("it was written");
}

#[tokio::test]
async fn an_item_goes_when_its_time_is_over() {
    let system = start(TEMPLATE, Functions::new()).await;
    let database = &system.clients().dynamodb;
    for (sk, expires_at) in
        [("past", Some("1")), ("far", Some("32503680000")), ("none", None), ("old", Some("2"))]
    {
        let put = database.put_item().table_name("Items").item("pk", text("a"));
        let expiry = expires_at.map(|at| AttributeValue::N(at.to_owned()));
        let mut put = put.item("sk", text(sk)).item("due_at", text("now"));
        if let Some(expiry) = expiry {
            put = put.item("expires_at", expiry);
        }
        put.send().await.expect("the table takes it");
    }
    system.expire().await.expect("the database answers");
    for index in [None, Some("due")] {
        let scan = database.scan().table_name("Items").set_index_name(index.map(str::to_owned));
        let found = scan.send().await.expect("scanned");
        let mut left: Vec<_> = found.items().iter().map(|item| item["sk"].clone()).collect();
        left.sort_by_key(|sk| format!("{sk:?}"));
        assert_eq!(left, [text("far"), text("none")], "{index:?}");
    }
    system.stop().await;
}

#[tokio::test]
async fn a_transaction_that_is_sent_again_has_its_first_answer() {
    let system = start(TEMPLATE, Functions::new()).await;
    let transact = |sk: &str| {
        let put = Put::builder().table_name("Items").item("pk", text("a")).item("sk", text(sk));
        let put = put.condition_expression("attribute_not_exists(pk)").build().expect("whole");
        let call = system.clients().dynamodb.transact_write_items().client_request_token("token");
        call.transact_items(TransactWriteItem::builder().put(put).build()).send()
    };
    transact("first").await.expect("written");
    transact("first").await.expect("its condition is not asked again");
    let other = transact("second").await.expect_err("another transaction under the token");
    let other = other.into_service_error();
    assert!(other.is_idempotent_parameter_mismatch_exception(), "{other:?}");
    system.stop().await;
}
