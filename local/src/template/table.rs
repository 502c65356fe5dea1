//! Tables of the template.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Resource;
use super::scope::arn;

/// The database takes no shorter name for a table or an index.
const NAME_CHARS_MIN: usize = 3;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its logical id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The attributes that are keys, with their types (`S`, `N`, `B`).
    pub attributes: BTreeMap<String, String>,
    /// Its primary key.
    pub key: Key,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// The attribute after whose time an item goes away.
    pub ttl_attribute: Option<String>,
    /// What its stream shows, where it has one.
    pub stream_view: Option<String>,
}

/// A key: a hash attribute and perhaps a range attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The hash attribute.
    pub hash: String,
    /// The range attribute.
    pub range: Option<String>,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Key,
    /// `KEYS_ONLY`, `INCLUDE` or `ALL`.
    pub projection: String,
    /// The other attributes that `INCLUDE` includes.
    pub included: Vec<String>,
}

impl Table {
    /// The ARN of its stream.
    #[must_use]
    pub fn stream_arn(&self) -> String {
        stream_arn(&self.name)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    table_name: Option<String>,
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<KeyElement>,
    #[serde(default)]
    global_secondary_indexes: Vec<DeclaredIndex>,
    time_to_live_specification: Option<TimeToLive>,
    stream_specification: Option<Stream>,
    local_secondary_indexes: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct KeyElement {
    attribute_name: String,
    key_type: KeyType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum KeyType {
    Hash,
    Range,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeclaredIndex {
    index_name: String,
    key_schema: Vec<KeyElement>,
    projection: Projection,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Projection {
    projection_type: String,
    #[serde(default)]
    non_key_attributes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Stream {
    stream_view_type: String,
}

pub(super) fn references(name: String) -> (String, Vec<(&'static str, String)>) {
    let arn = arn("dynamodb", &format!("table/{name}"));
    let stream = stream_arn(&name);
    (name, vec![("Arn", arn), ("StreamArn", stream)])
}

fn stream_arn(name: &str) -> String {
    arn("dynamodb", &format!("table/{name}/stream/local"))
}

pub(super) fn read(resource: &Resource) -> Result<Table, String> {
    let declared = Properties::deserialize(&resource.properties).map_err(|e| e.to_string())?;
    if declared.local_secondary_indexes.is_some() {
        return Err("local indexes are not made here".to_owned());
    }
    let ttl = declared.time_to_live_specification.filter(|ttl| ttl.enabled);
    let attributes = declared.attribute_definitions.into_iter();
    let indexes = declared.global_secondary_indexes.into_iter().map(index);
    let table = Table {
        id: resource.id.clone(),
        name: declared.table_name.unwrap_or_else(|| resource.id.clone()),
        attributes: attributes.map(|one| (one.attribute_name, one.attribute_type)).collect(),
        key: key(declared.key_schema)?,
        indexes: indexes.collect::<Result<_, _>>()?,
        ttl_attribute: ttl.map(|ttl| ttl.attribute_name),
        stream_view: declared.stream_specification.map(|stream| stream.stream_view_type),
    };
    check(&table)?;
    Ok(table)
}

fn index(declared: DeclaredIndex) -> Result<Index, String> {
    let key =
        key(declared.key_schema).map_err(|e| format!("index {}: {e}", declared.index_name))?;
    Ok(Index {
        name: declared.index_name,
        key,
        projection: declared.projection.projection_type,
        included: declared.projection.non_key_attributes,
    })
}

fn key(elements: Vec<KeyElement>) -> Result<Key, String> {
    let kinds: Vec<KeyType> = elements.iter().map(|element| element.key_type).collect();
    if !matches!(kinds[..], [KeyType::Hash] | [KeyType::Hash, KeyType::Range]) {
        return Err("a key is one HASH and perhaps one RANGE".to_owned());
    }
    let mut names = elements.into_iter().map(|element| element.attribute_name);
    Ok(Key { hash: names.next().unwrap_or_default(), range: names.next() })
}

fn check(table: &Table) -> Result<(), String> {
    let names = table.indexes.iter().map(|index| &index.name);
    let short = names.chain([&table.name]).find(|name| name.chars().count() < NAME_CHARS_MIN);
    if let Some(name) = short {
        return Err(format!("the name {name} is shorter than {NAME_CHARS_MIN} letters"));
    }
    let keys = table.indexes.iter().map(|index| &index.key).chain([&table.key]);
    let used: BTreeSet<&String> =
        keys.flat_map(|key| [Some(&key.hash), key.range.as_ref()]).flatten().collect();
    let defined: BTreeSet<&String> = table.attributes.keys().collect();
    match used.symmetric_difference(&defined).next() {
        Some(name) => Err(format!("attribute {name} must be defined and in a key, or neither")),
        None => Ok(()),
    }
}
