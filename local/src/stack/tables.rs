//! Makes tables as the template declares them, and leaves those alone that are so already.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    StreamSpecification, TableDescription, TimeToLiveSpecification, TimeToLiveStatus,
};

use crate::template::{Index, Key, Table};

/// Asks for the list first: to describe a table that is missing would be logged as an error.
pub(super) async fn make(client: &Client, table: &Table) -> Result<(), String> {
    let listed = client.list_tables().send().await;
    let listed = listed.map_err(|error| DisplayErrorContext(error).to_string())?;
    if listed.table_names().contains(&table.name) {
        keep(client, table).await?;
    } else {
        create(client, table).await?;
    }
    expire(client, table).await
}

async fn keep(client: &Client, table: &Table) -> Result<(), String> {
    let found = client.describe_table().table_name(&table.name).send().await;
    let found = found.map_err(|error| DisplayErrorContext(error).to_string())?;
    let found = found.table.ok_or("the database does not describe it")?;
    compare(table, &found)?;
    if table.stream_view.is_some() && found.stream_specification.is_none() {
        stream(client, table).await?;
    }
    Ok(())
}

async fn create(client: &Client, table: &Table) -> Result<(), String> {
    let built = |error: BuildError| error.to_string();
    let mut call = client
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key(&table.key).map_err(built)?))
        .set_stream_specification(specification(table).map_err(built)?);
    for (name, kind) in &table.attributes {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind.as_str().into());
        call = call.attribute_definitions(attribute.build().map_err(built)?);
    }
    for declared in &table.indexes {
        call = call.global_secondary_indexes(index(declared).map_err(built)?);
    }
    call.send().await.map(drop).map_err(|error| DisplayErrorContext(error).to_string())
}

/// A table made by another version may lack an index; a query would find out much later.
fn compare(table: &Table, found: &TableDescription) -> Result<(), String> {
    let elements = found.key_schema().iter();
    let key: Vec<&str> = elements.map(|element| element.attribute_name()).collect();
    let wanted: Vec<&str> =
        std::iter::once(table.key.hash.as_str()).chain(table.key.range.as_deref()).collect();
    let indexes = found.global_secondary_indexes().iter();
    let indexes: BTreeSet<&str> = indexes.filter_map(|index| index.index_name()).collect();
    let declared: BTreeSet<&str> = table.indexes.iter().map(|index| index.name.as_str()).collect();
    if key == wanted && indexes == declared {
        return Ok(());
    }
    Err("the data directory holds it with another key or other indexes; move the directory away \
         or run the version that made it"
        .to_owned())
}

async fn stream(client: &Client, table: &Table) -> Result<(), String> {
    let specification = specification(table).map_err(|error| error.to_string())?;
    let call = client.update_table().table_name(&table.name);
    let call = call.set_stream_specification(specification).send().await;
    call.map(drop).map_err(|error| DisplayErrorContext(error).to_string())
}

async fn expire(client: &Client, table: &Table) -> Result<(), String> {
    let Some(attribute) = &table.ttl_attribute else {
        return Ok(());
    };
    let described = client.describe_time_to_live().table_name(&table.name).send().await;
    let described = described.map_err(|error| DisplayErrorContext(error).to_string())?;
    let status = described.time_to_live_description.and_then(|found| found.time_to_live_status);
    if status == Some(TimeToLiveStatus::Enabled) {
        return Ok(());
    }
    let specification = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true);
    let specification = specification.build().map_err(|error| error.to_string())?;
    let call = client.update_time_to_live().table_name(&table.name);
    let call = call.time_to_live_specification(specification).send().await;
    call.map(drop).map_err(|error| DisplayErrorContext(error).to_string())
}

fn specification(table: &Table) -> Result<Option<StreamSpecification>, BuildError> {
    let specify = |view: &String| {
        let view = view.as_str().into();
        StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build()
    };
    table.stream_view.as_ref().map(specify).transpose()
}

fn index(declared: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let projection = Projection::builder().projection_type(declared.projection.as_str().into());
    let included = (!declared.included.is_empty()).then(|| declared.included.clone());
    GlobalSecondaryIndex::builder()
        .index_name(&declared.name)
        .set_key_schema(Some(key(&declared.key)?))
        .projection(projection.set_non_key_attributes(included).build())
        .build()
}

fn key(declared: &Key) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name: &String, kind: KeyType| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
    };
    let hash = std::iter::once(element(&declared.hash, KeyType::Hash));
    hash.chain(declared.range.iter().map(|name| element(name, KeyType::Range))).collect()
}
