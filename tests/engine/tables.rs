//! Tables: made once, kept over restarts, never silently another.

use aws_sdk_dynamodb::types::{AttributeValue, TimeToLiveStatus};
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
