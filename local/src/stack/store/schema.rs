//! Additions of this process to dynoxide's file: indexes over stream records and over the time of
//! expiry, and how far each reader of a stream has come.
//!
//! dynoxide looks for the newest record of a table with every write, and a reader for those after
//! its place; without an index both look through all records. A record is deleted once every reader
//! has passed it. The newest stays, since dynoxide counts on from it.

use dynoxide::DynoxideError;
use dynoxide::actions::delete_item::{self, DeleteItemRequest};
use dynoxide::actions::get_records::{self, GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::{self, GetShardIteratorRequest};
use dynoxide::storage_backend::sql_builders::escape_table_name;
use dynoxide::streams;
use futures_util::FutureExt as _;
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

use super::Engine;
use super::operations::suspended;
use crate::template::Table;

/// Flushing is [`super::wal`]'s business. The cache is small on purpose: SQLite walks through all of it
/// at the end of a transaction that split a page, and the system's cache holds the rest.
const OPEN: &str = "
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -4096;
    PRAGMA wal_autocheckpoint = 4096;
    CREATE INDEX IF NOT EXISTS countersign_stream_order
        ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
    CREATE TABLE IF NOT EXISTS countersign_readers (
        table_name TEXT NOT NULL,
        function TEXT NOT NULL,
        passed INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (table_name, function)
    ) WITHOUT ROWID;";

/// dynoxide tells sequence numbers as the stored number plus this, so that they have 21 digits.
const SEQUENCE_NUMBER_OFFSET: i128 = 100_000_000_000_000_000_000;

/// Items that one call of [`Engine::expire`] deletes at most, so that requests do not wait long.
const EXPIRED_MAX: usize = 100;

/// Adds what is missing.
pub(super) fn open(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(OPEN)
}

impl Engine {
    /// Adds an index over the time of expiry, where the table has one.
    pub(super) fn prepare(&self, table: &Table) -> Result<(), String> {
        let Some(attribute) = &table.ttl_attribute else {
            return Ok(());
        };
        let time = expiry(attribute);
        let (index, name) = (
            escape_table_name(&format!("{}::expiry::{attribute}", table.name)),
            escape_table_name(&table.name),
        );
        let sql = format!(
            "CREATE INDEX IF NOT EXISTS \"{index}\" ON \"{name}\" ({time}) WHERE {time} IS NOT NULL"
        );
        self.storage.conn().execute_batch(&sql).map_err(told)
    }

    pub(super) fn declare_readers(&self, table: &str, functions: &[String]) -> Result<(), String> {
        let declared = json!(functions).to_string();
        let connection = self.storage.conn();
        let gone = "DELETE FROM countersign_readers
            WHERE table_name = ?1 AND function NOT IN (SELECT value FROM json_each(?2))";
        let new = "INSERT OR IGNORE INTO countersign_readers (table_name, function)
            SELECT ?1, value FROM json_each(?2)";
        for sql in [gone, new] {
            connection.execute(sql, params![table, declared]).map_err(told)?;
        }
        if !functions.is_empty() {
            return Ok(());
        }
        let unread = "DELETE FROM _stream_records WHERE table_name = ?1
            AND CAST(sequence_number AS INTEGER) <
                (SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records
                 WHERE table_name = ?1)";
        connection.execute(unread, params![table]).map(drop).map_err(told)
    }

    pub(super) fn records(
        &self,
        table: &str,
        function: &str,
        limit: usize,
    ) -> Result<Vec<Record>, String> {
        let passed = self.passed(table, function).map_err(told)?;
        let number =
            (passed > 0).then(|| (SEQUENCE_NUMBER_OFFSET + i128::from(passed)).to_string());
        let kind = if number.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let request = GetShardIteratorRequest {
            stream_arn: streams::stream_arn(table, "local"),
            shard_id: streams::shard_id(table),
            shard_iterator_type: kind.to_owned(),
            sequence_number: number,
        };
        let place = ready(get_shard_iterator::execute(&self.storage, request))?;
        let request = GetRecordsRequest {
            shard_iterator: place.shard_iterator.unwrap_or_default(),
            limit: Some(limit),
        };
        Ok(ready(get_records::execute(&self.storage, request))?.records)
    }

    pub(super) fn pass(
        &self,
        table: &str,
        function: &str,
        sequence_number: &str,
    ) -> Result<(), String> {
        let number = sequence_number.parse::<i128>().ok();
        let stored = number.and_then(|n| i64::try_from(n - SEQUENCE_NUMBER_OFFSET).ok());
        let stored = stored.ok_or("the database counts records otherwise")?;
        let connection = self.storage.conn();
        let pass = "UPDATE countersign_readers SET passed = MAX(passed, ?3)
            WHERE table_name = ?1 AND function = ?2";
        let mut pass = connection.prepare_cached(pass).map_err(told)?;
        pass.execute(params![table, function, stored]).map_err(told)?;
        let trim = "DELETE FROM _stream_records WHERE table_name = ?1
            AND CAST(sequence_number AS INTEGER) <
                (SELECT MIN(passed) FROM countersign_readers WHERE table_name = ?1)";
        let mut trim = connection.prepare_cached(trim).map_err(told)?;
        trim.execute(params![table]).map(drop).map_err(told)
    }

    /// Deletes items whose time is over. Their records do not name DynamoDB as the one who deleted, which
    /// no filter of ours looks at.
    pub(super) fn expire(&self, table: &Table, now_s: i64) -> Result<usize, String> {
        let Some(attribute) = &table.ttl_attribute else {
            return Ok(0);
        };
        let over = self.over(&table.name, attribute, now_s).map_err(told)?;
        for item in &over {
            let names = std::iter::once(&table.key.hash).chain(&table.key.range);
            let key: Map<String, Value> =
                names.map(|name| (name.clone(), item[name].clone())).collect();
            let request = json!({ "TableName": table.name, "Key": key });
            let request: DeleteItemRequest = serde_json::from_value(request).map_err(told)?;
            ready(delete_item::execute(&self.storage, request))?;
        }
        Ok(over.len())
    }

    /// Items whose time is over, the longest over first.
    fn over(&self, table: &str, attribute: &str, now_s: i64) -> rusqlite::Result<Vec<Value>> {
        let (time, name) = (expiry(attribute), escape_table_name(table));
        let sql = format!(
            "SELECT item_json FROM \"{name}\" WHERE {time} IS NOT NULL AND {time} < ?1
             ORDER BY {time} LIMIT {EXPIRED_MAX}"
        );
        let mut found = self.storage.conn().prepare_cached(&sql)?;
        let rows = found.query_map(params![now_s], |row| row.get::<_, String>(0))?;
        rows.map(|row| row.map(|text| serde_json::from_str(&text).unwrap_or_default())).collect()
    }

    fn passed(&self, table: &str, function: &str) -> rusqlite::Result<i64> {
        let sql = "SELECT passed FROM countersign_readers WHERE table_name = ?1 AND function = ?2";
        let mut found = self.storage.conn().prepare_cached(sql)?;
        found.query_row(params![table, function], |row| row.get(0))
    }
}

/// The time of expiry in seconds, of an item as the file keeps it.
fn expiry(attribute: &str) -> String {
    let path = attribute.replace('\'', "''");
    format!("CAST(json_extract(item_json, '$.{path}.N') AS INTEGER)")
}

fn ready<T>(action: impl Future<Output = Result<T, DynoxideError>>) -> Result<T, String> {
    action.now_or_never().ok_or_else(suspended).and_then(|done| done).map_err(told)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
