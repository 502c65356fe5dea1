//! Attribute maps: building them and reading them back.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::error::StoreError;
use crate::key::Key;

pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// An item under construction.
#[derive(Debug, Clone)]
pub(crate) struct Item(Attributes);

impl Item {
    pub(crate) fn at(key: &Key) -> Self {
        Self(HashMap::new()).text("pk", &key.pk).text("sk", &key.sk)
    }

    pub(crate) fn text(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
        self
    }

    pub(crate) fn maybe_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    pub(crate) fn number(mut self, name: &str, value: u64) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::N(value.to_string()));
        self
    }

    pub(crate) fn bytes(mut self, name: &str, value: Vec<u8>) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::B(Blob::new(value)));
        self
    }

    pub(crate) fn build(self) -> Attributes {
        self.0
    }
}

/// A moment as text that sorts: RFC 3339 with milliseconds and `Z`.
pub(crate) fn sortable(at: Timestamp) -> String {
    format!("{at:.3}")
}

pub(crate) fn key_attributes(key: &Key) -> Attributes {
    Item::at(key).build()
}

pub(crate) fn text<'a>(item: &'a Attributes, name: &str) -> Result<&'a str, StoreError> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| StoreError::unreadable(&format!("attribute {name} is not text")))
}

pub(crate) fn number(item: &Attributes, name: &str) -> Result<u64, StoreError> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| StoreError::unreadable(&format!("attribute {name} is not a number")))
}

pub(crate) fn bytes<'a>(item: &'a Attributes, name: &str) -> Result<&'a [u8], StoreError> {
    item.get(name)
        .and_then(|value| value.as_b().ok())
        .map(Blob::as_ref)
        .ok_or_else(|| StoreError::unreadable(&format!("attribute {name} is not bytes")))
}

pub(crate) fn key_of(item: &Attributes) -> Result<Key, StoreError> {
    Ok(Key { pk: text(item, "pk")?.to_owned(), sk: text(item, "sk")?.to_owned() })
}

pub(crate) fn parsed<T: std::str::FromStr>(item: &Attributes, name: &str) -> Result<T, StoreError> {
    text(item, name)?
        .parse()
        .map_err(|_| StoreError::unreadable(&format!("attribute {name} does not parse")))
}
