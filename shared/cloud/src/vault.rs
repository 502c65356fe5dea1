//! Keys, sealing and blind indexes.
//!
//! Master key (KMS, or a file beside a local database) → tenant key → subject key → fields. Sealing
//! is AES-256-GCM with the item's place as associated data, so that a sealed field cannot be moved.
//! Look-ups use HMAC-SHA256 under a key derived from the tenant's, cut to 128 bits. Erasing a
//! subject is deleting its key; what was sealed under it stays unreadable.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::{hkdf, hmac};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use model::ids::{SubjectId, TenantId};
use model::private::Secret;
use zeroize::Zeroizing;

use crate::ambient::{Clock, Entropy};
use crate::error::StoreError;
use crate::key::{self, TenantScope};
use crate::master::MasterKey;
use crate::seal::{FORMAT, KEY_LEN, hex, open, seal};

/// How long an opened key may stay in memory.
const CACHE_MAX: SignedDuration = SignedDuration::from_mins(5);
/// How many opened keys stay in memory at most.
const CACHE_ENTRIES_MAX: usize = 1_024;

type KeyBytes = Arc<Zeroizing<[u8; KEY_LEN]>>;

/// Opens and seals.
#[derive(Debug, Clone)]
pub(crate) struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    master: MasterKey,
    client: aws_sdk_dynamodb::Client,
    keys_table: String,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    cache: Mutex<HashMap<String, (Timestamp, Opened)>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(redacted)")
    }
}

/// The keys of one tenant, opened.
#[derive(Clone)]
pub struct TenantKeys {
    tenant: TenantId,
    key: KeyBytes,
}

/// An opened key that seals fields.
#[derive(Clone)]
pub(crate) struct SealingKey(KeyBytes);

/// The key of one subject, opened, with what tells it from a later key of the same subject: the
/// sealed form in which it was stored.
#[derive(Clone)]
pub(crate) struct SubjectKey {
    pub(crate) key: SealingKey,
    pub(crate) pk: String,
    pub(crate) sealed: Vec<u8>,
}

/// A key as it stays in memory.
#[derive(Clone)]
struct Opened {
    bytes: KeyBytes,
    sealed: Arc<[u8]>,
}

impl Opened {
    fn of_subject(self, pk: String) -> SubjectKey {
        SubjectKey { key: SealingKey(self.bytes), pk, sealed: self.sealed.to_vec() }
    }
}

/// Where a sealed field stands: part of what is authenticated.
pub(crate) struct Place<'a> {
    pub(crate) scope: &'a TenantScope,
    pub(crate) pk: &'a str,
    pub(crate) sk: &'a str,
    pub(crate) attribute: &'a str,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let tenant = self.scope.tenant().to_string();
        let mut data = vec![FORMAT];
        for part in [tenant.as_str(), self.pk, self.sk, self.attribute] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

impl Vault {
    /// A vault over the table of keys.
    #[must_use]
    pub(crate) fn new(
        master: MasterKey,
        client: aws_sdk_dynamodb::Client,
        keys_table: String,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let cache = Mutex::new(HashMap::new());
        Self { inner: Arc::new(Inner { master, client, keys_table, clock, entropy, cache }) }
    }

    /// Makes the key of a new tenant.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key or the table does not answer.
    pub(crate) async fn create_tenant_key(
        &self,
        scope: &TenantScope,
    ) -> Result<TenantKeys, StoreError> {
        let pk = key::tenant_key(scope);
        let key = self.fetch_or_create(scope, &pk, Wrap::Master).await?.bytes;
        Ok(TenantKeys { tenant: scope.tenant(), key })
    }

    /// Opens the keys of a tenant; `None` where the tenant is unknown.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key or the table does not answer.
    pub(crate) async fn tenant(
        &self,
        scope: &TenantScope,
    ) -> Result<Option<TenantKeys>, StoreError> {
        let key = self.fetch(scope, &key::tenant_key(scope), Wrap::Master).await?;
        Ok(key.map(|key| TenantKeys { tenant: scope.tenant(), key: key.bytes }))
    }

    /// The key of a subject; made where it is new.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub(crate) async fn subject_or_new(
        &self,
        scope: &TenantScope,
        tenant: &TenantKeys,
        subject: SubjectId,
    ) -> Result<SubjectKey, StoreError> {
        let pk = key::subject_key(scope, subject);
        let key = self.fetch_or_create(scope, &pk, Wrap::Tenant(tenant)).await?;
        Ok(key.of_subject(pk))
    }

    /// The key of a subject; `None` once the subject is erased.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub(crate) async fn subject(
        &self,
        scope: &TenantScope,
        tenant: &TenantKeys,
        subject: SubjectId,
    ) -> Result<Option<SubjectKey>, StoreError> {
        let pk = key::subject_key(scope, subject);
        let key = self.fetch(scope, &pk, Wrap::Tenant(tenant)).await?;
        Ok(key.map(|key| key.of_subject(pk)))
    }

    /// Seals bytes of the system itself under the master key.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key does not answer.
    pub(crate) async fn seal_system(&self, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.inner.master.seal(plain, "system", &*self.inner.entropy).await
    }

    /// Opens what [`Self::seal_system`] sealed.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key does not answer or the bytes were altered.
    pub(crate) async fn open_system(
        &self,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.inner.master.open(sealed, "system").await
    }

    pub(crate) fn keys_table(&self) -> (&aws_sdk_dynamodb::Client, &str) {
        (&self.inner.client, &self.inner.keys_table)
    }

    /// Whether the table has a key under `pk`; memory is not asked.
    pub(crate) async fn is_stored(&self, pk: &str) -> Result<bool, StoreError> {
        let get = self.inner.client.get_item().table_name(&self.inner.keys_table);
        let get = get.key("pk", AttributeValue::S(pk.to_owned())).consistent_read(true);
        let found = get.send().await.map_err(|e| StoreError::from_sdk("GetItem keys", &e))?;
        Ok(found.item.is_some())
    }

    /// Forgets a key that was erased elsewhere.
    pub(crate) fn forget(&self, pk: &str) {
        self.inner.cache.lock().expect("no holder of the cache panics").remove(pk);
    }

    pub(crate) fn seal(&self, key: &SealingKey, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        seal(&key.0, &place.associated_data(), plain, &*self.inner.entropy)
    }

    pub(crate) fn open(
        key: &SealingKey,
        place: &Place<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        open(&key.0, &place.associated_data(), sealed)
    }

    fn cached(&self, pk: &str) -> Option<Opened> {
        let now = self.inner.clock.now();
        let cache = self.inner.cache.lock().expect("no holder of the cache panics");
        let (read_at, key) = cache.get(pk)?;
        (now.duration_since(*read_at) < CACHE_MAX).then(|| key.clone())
    }

    fn remember(&self, pk: &str, key: &Opened) {
        let now = self.inner.clock.now();
        let mut cache = self.inner.cache.lock().expect("no holder of the cache panics");
        if cache.len() >= CACHE_ENTRIES_MAX {
            cache.clear();
        }
        cache.insert(pk.to_owned(), (now, key.clone()));
    }

    async fn fetch(
        &self,
        scope: &TenantScope,
        pk: &str,
        wrap: Wrap<'_>,
    ) -> Result<Option<Opened>, StoreError> {
        if let Some(key) = self.cached(pk) {
            return Ok(Some(key));
        }
        let get = self.inner.client.get_item().table_name(&self.inner.keys_table);
        let get = get.key("pk", AttributeValue::S(pk.to_owned())).consistent_read(true);
        let found = get.send().await.map_err(|e| StoreError::from_sdk("GetItem keys", &e))?;
        let Some(sealed) = found.item().and_then(sealed_key) else {
            return Ok(None);
        };
        let key = self.unwrap_key(scope, pk, wrap, sealed).await?;
        self.remember(pk, &key);
        Ok(Some(key))
    }

    /// One write that makes the key or gives the one that is there.
    async fn fetch_or_create(
        &self,
        scope: &TenantScope,
        pk: &str,
        wrap: Wrap<'_>,
    ) -> Result<Opened, StoreError> {
        if let Some(key) = self.cached(pk) {
            return Ok(key);
        }
        let mut fresh = Zeroizing::new([0; KEY_LEN]);
        self.inner.entropy.fill(&mut *fresh);
        let wrapped = self.wrap_key(scope, pk, wrap, &*fresh).await?;
        let update = self.inner.client.update_item().table_name(&self.inner.keys_table);
        let update = update
            .key("pk", AttributeValue::S(pk.to_owned()))
            .update_expression("SET sealed_key = if_not_exists(sealed_key, :fresh)")
            .expression_attribute_values(":fresh", AttributeValue::B(Blob::new(wrapped)))
            .return_values(ReturnValue::AllNew);
        let stored = update.send().await;
        let stored = stored.map_err(|e| StoreError::from_sdk("UpdateItem keys", &e))?;
        let sealed = stored.attributes().and_then(sealed_key);
        let sealed = sealed.ok_or_else(|| StoreError::unreadable("key item without a key"))?;
        let key = self.unwrap_key(scope, pk, wrap, sealed).await?;
        self.remember(pk, &key);
        Ok(key)
    }

    async fn wrap_key(
        &self,
        scope: &TenantScope,
        pk: &str,
        wrap: Wrap<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        match wrap {
            Wrap::Master => {
                let context = scope.tenant().to_string();
                self.inner.master.seal(plain, &context, &*self.inner.entropy).await
            }
            Wrap::Tenant(tenant) => {
                let wrapping = tenant.derive("subject keys");
                Ok(seal(&wrapping, pk.as_bytes(), plain, &*self.inner.entropy))
            }
        }
    }

    async fn unwrap_key(
        &self,
        scope: &TenantScope,
        pk: &str,
        wrap: Wrap<'_>,
        sealed: &[u8],
    ) -> Result<Opened, StoreError> {
        let plain = match wrap {
            Wrap::Master => self.inner.master.open(sealed, &scope.tenant().to_string()).await?,
            Wrap::Tenant(tenant) => open(&tenant.derive("subject keys"), pk.as_bytes(), sealed)?,
        };
        let key = <[u8; KEY_LEN]>::try_from(plain.as_slice());
        let key = key.map_err(|_| StoreError::unreadable("key of another length"))?;
        Ok(Opened { bytes: Arc::new(Zeroizing::new(key)), sealed: sealed.into() })
    }
}

#[derive(Clone, Copy)]
enum Wrap<'a> {
    Master,
    Tenant(&'a TenantKeys),
}

fn sealed_key(item: &HashMap<String, AttributeValue>) -> Option<&[u8]> {
    item.get("sealed_key").and_then(|value| value.as_b().ok()).map(Blob::as_ref)
}

impl TenantKeys {
    /// The blind index of a normal form: 128 bits, in lower-case hex.
    #[must_use]
    pub fn blind(&self, purpose: &str, normal_form: &str) -> String {
        hex(&self.mac(purpose, normal_form.as_bytes())[..16])
    }

    /// The subject named by a key: the same key always names the same subject.
    #[must_use]
    pub fn subject(&self, key: &model::contact::SubjectKey<'_>) -> SubjectId {
        use model::contact::SubjectKey as K;
        let (kind, normal_form) = match key {
            K::Reference(reference) => ("subject by reference", reference.as_str()),
            K::Email(email) => ("subject by email", email.as_str()),
            K::Phone(phone) => ("subject by phone", phone.as_str()),
        };
        let mac = self.mac(kind, normal_form.as_bytes());
        let mut bits = [0; 16];
        bits.copy_from_slice(&mac[..16]);
        SubjectId::from_bits(bits)
    }

    /// HMAC-SHA256 under a key of this tenant for one purpose.
    #[must_use]
    pub fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &**self.derive(purpose));
        let tag = hmac::sign(&key, message);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// The secret that signs result callbacks, which have no endpoint with a secret of its own.
    #[must_use]
    pub fn result_callback_secret(&self) -> Secret<[u8; KEY_LEN]> {
        Secret::new(self.mac("result callbacks", b"signing secret"))
    }

    /// The key that seals what belongs to the tenant itself rather than to a subject.
    pub(crate) fn own(&self) -> SealingKey {
        SealingKey(self.derive("tenant settings"))
    }

    /// HKDF-SHA256 (RFC 5869) from the tenant's key, one output per purpose.
    fn derive(&self, purpose: &str) -> KeyBytes {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, self.tenant.bits());
        let prk = salt.extract(&**self.key);
        let mut out = Zeroizing::new([0; KEY_LEN]);
        prk.expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut *out))
            .expect("32 bytes is a valid HKDF-SHA256 output length");
        Arc::new(out)
    }
}
