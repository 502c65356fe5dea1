//! The table: reading single items and partitions. What is written where is in the modules beside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use model::ids::{OpId, SubjectId, TenantId};
use model::tenant::Tenant;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::ambient::{Clock, Entropy};
use crate::body::{Body, Boxed};
use crate::error::StoreError;
use crate::item::{self, Attributes, Item};
use crate::key::{Key, TenantScope};
use crate::vault::{Place, SealingKey, SubjectKey, TenantKeys, Vault};
use crate::writes::{Committed, Writes};

/// How long a warm function may answer from a tenant it read: the longest delay of a revoked key.
pub const TENANT_CACHE_MAX: SignedDuration = SignedDuration::from_secs(60);

/// The table, with the vault that opens what is in it.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: aws_sdk_dynamodb::Client,
    pub(crate) name: String,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) tenants: Arc<Mutex<HashMap<TenantId, (Timestamp, Entered)>>>,
    pub(crate) numbers: Arc<Mutex<HashMap<TenantId, std::ops::Range<u64>>>>,
}

/// A tenant, entered: its scope, its settings and its keys.
#[derive(Clone)]
pub struct Entered {
    /// The right to touch its items.
    pub scope: TenantScope,
    /// Its settings.
    pub tenant: Arc<Tenant>,
    /// Its keys.
    pub keys: TenantKeys,
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entered").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// The names of the tables.
#[derive(Debug, Clone)]
pub struct TableNames {
    /// The single table.
    pub table: String,
    /// The table of keys.
    pub keys: String,
}

impl Table {
    /// A table over a client.
    #[must_use]
    pub fn new(
        client: aws_sdk_dynamodb::Client,
        names: TableNames,
        master: crate::master::MasterKey,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let (c, e) = (Arc::clone(&clock), Arc::clone(&entropy));
        let vault = Vault::new(master, client.clone(), names.keys, c, e);
        let tenants = Arc::new(Mutex::new(HashMap::new()));
        let numbers = Arc::new(Mutex::new(HashMap::new()));
        Self { client, name: names.table, vault, clock, entropy, tenants, numbers }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    pub(crate) fn op(&self) -> OpId {
        OpId::from_bits(self.random())
    }

    /// One item, strongly consistent.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Attributes>, StoreError> {
        let call = self.client.get_item().table_name(&self.name).consistent_read(true);
        let call = call.set_key(Some(item::key_attributes(key)));
        let answer = call.send().await.map_err(|e| StoreError::from_sdk("GetItem", &e))?;
        Ok(answer.item)
    }

    /// A partition, newest sort key first, strongly consistent.
    pub(crate) async fn partition(&self, pk: &str) -> Result<Vec<Attributes>, StoreError> {
        let call = self.client.query().table_name(&self.name).consistent_read(true);
        let mut pages = call
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .scan_index_forward(false)
            .into_paginator()
            .send();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|e| StoreError::from_sdk("Query", &e))?;
            items.extend(page.items.unwrap_or_default());
        }
        Ok(items)
    }

    /// The key of a subject, made where it is new.
    pub(crate) async fn subject_key(
        &self,
        entered: &Entered,
        subject: SubjectId,
    ) -> Result<SubjectKey, StoreError> {
        self.vault.subject_or_new(&entered.scope, &entered.keys, subject).await
    }

    /// The key of a subject of whom something is stored.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where the subject was erased: what is to be written is about
    /// something that is no longer there, and no new key is made for it.
    pub(crate) async fn existing_key(
        &self,
        entered: &Entered,
        subject: SubjectId,
    ) -> Result<SubjectKey, StoreError> {
        let key = self.vault.subject(&entered.scope, &entered.keys, subject).await?;
        key.ok_or_else(|| StoreError::conflict("the subject was erased"))
    }

    /// Commits, and forgets keys that turned out to be erased: the next try gets new ones.
    pub(crate) async fn write(&self, writes: Writes) -> Result<Committed, StoreError> {
        let keys = writes.sealed_under();
        let ended = writes.commit(&self.client).await;
        if ended.as_ref().is_err_and(StoreError::is_key_erased) {
            keys.iter().for_each(|pk| self.vault.forget(pk));
        }
        ended
    }

    /// An empty transaction.
    pub(crate) fn writes(&self) -> Writes {
        let (_, keys_table) = self.vault.keys_table();
        Writes::new(&self.name, keys_table, self.op())
    }

    /// An item whose body is sealed under a subject's key.
    pub(crate) fn sealed_item<T: Serialize>(
        &self,
        scope: &TenantScope,
        key: &Key,
        sealing_key: &SealingKey,
        body: &T,
    ) -> Item {
        let plain = serde_json::to_vec(body).expect("our own types serialize to JSON");
        let plain = Zeroizing::new(plain);
        let place = Place { scope, pk: &key.pk, sk: &key.sk, attribute: "sealed" };
        Item::at(key).bytes("sealed", self.vault.seal(sealing_key, &place, &plain))
    }

    /// The body of an item; `None` where its subject was erased.
    pub(crate) async fn open_item<T: Body>(
        &self,
        entered: &Entered,
        item: &Attributes,
    ) -> Result<Option<T>, StoreError> {
        let Some(plain) = self.unsealed(entered, item).await? else { return Ok(None) };
        let body = T::read(&plain);
        body.map(Some).map_err(|_| StoreError::unreadable("sealed body of another shape"))
    }

    /// The bytes of a sealed body. Boxed, so that this is compiled in this crate alone.
    fn unsealed<'a>(
        &'a self,
        entered: &'a Entered,
        item: &'a Attributes,
    ) -> Boxed<'a, Result<Option<Zeroizing<Vec<u8>>>, StoreError>> {
        Box::pin(async move {
            let subject: SubjectId = item::parsed(item, "subject")?;
            let key = self.vault.subject(&entered.scope, &entered.keys, subject).await?;
            let Some(key) = key else { return Ok(None) };
            let (pk, sk) = (item::text(item, "pk")?, item::text(item, "sk")?);
            let place = Place { scope: &entered.scope, pk, sk, attribute: "sealed" };
            let sealed = item::bytes(item, "sealed")?;
            if let Ok(plain) = Vault::open(&key.key, &place, sealed) {
                return Ok(Some(plain));
            }
            // The subject was erased and came back: the key in memory is the former one.
            self.vault.forget(&key.pk);
            let key = self.vault.subject(&entered.scope, &entered.keys, subject).await?;
            key.map(|key| Vault::open(&key.key, &place, sealed)).transpose()
        })
    }
}
