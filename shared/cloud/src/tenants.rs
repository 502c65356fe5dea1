//! Tenants: creating them, entering them, and the signing key of the system.

use std::sync::Arc;

use model::ids::TenantId;
use model::tenant::Tenant;

use crate::error::StoreError;
use crate::item::{self, Attributes, Item};
use crate::key::{self, Key, TenantScope};
use crate::table::{Entered, TENANT_CACHE_MAX, Table};
use crate::vault::{Place, TenantKeys};
use crate::writes::{Condition, Guards};

impl Table {
    /// Makes the keys of a tenant that is about to be created.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key or the table does not answer.
    pub async fn prepare_tenant(&self, id: TenantId) -> Result<TenantKeys, StoreError> {
        self.vault.create_tenant_key(&TenantScope::enter(id)).await
    }

    /// Stores a new tenant.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where the id is taken.
    pub async fn create_tenant(
        &self,
        keys: &TenantKeys,
        tenant: &Tenant,
    ) -> Result<(), StoreError> {
        let scope = TenantScope::enter(tenant.id);
        let key = key::tenant(&scope);
        let plain = serde_json::to_vec(tenant).expect("our own types serialize to JSON");
        let sealed = self.vault.seal(&keys.own(), &place(&scope, &key), &plain);
        let mut writes = self.writes();
        let item = Item::at(&key).text("entity", "tenant").bytes("sealed", sealed);
        writes.put(Guards::Version, item.number("version", 1), &Condition::Absent);
        let row = Item::at(&key::directory(tenant.id)).text("entity", "directory");
        writes.put(Guards::Nothing, row, &Condition::Always);
        writes.commit(&self.client).await.map(|_| ())
    }

    /// Changes a tenant's settings, as `change` says. What other processes hold in memory stays
    /// valid for at most [`TENANT_CACHE_MAX`].
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] where somebody else changed it meanwhile; `None` where there is
    /// no such tenant.
    pub async fn change_tenant(
        &self,
        id: TenantId,
        change: impl FnOnce(&TenantKeys, Tenant) -> Tenant,
    ) -> Result<Option<Tenant>, StoreError> {
        let scope = TenantScope::enter(id);
        let Some(keys) = self.vault.tenant(&scope).await? else {
            return Ok(None);
        };
        let key = key::tenant(&scope);
        let Some(item) = self.get(&key).await? else {
            return Ok(None);
        };
        let version = item::number(&item, "version")?;
        let changed = change(&keys, self.open_tenant(&scope, &keys, &item)?);
        let plain = serde_json::to_vec(&changed).expect("our own types serialize to JSON");
        let sealed = self.vault.seal(&keys.own(), &place(&scope, &key), &plain);
        let mut writes = self.writes();
        let item = Item::at(&key).text("entity", "tenant").bytes("sealed", sealed);
        let next = item.number("version", version + 1);
        writes.put(Guards::Version, next, &Condition::version(version));
        self.write(writes).await?;
        self.tenants.lock().expect("no holder of the tenants panics").remove(&id);
        Ok(Some(changed))
    }

    fn open_tenant(
        &self,
        scope: &TenantScope,
        keys: &TenantKeys,
        item: &Attributes,
    ) -> Result<Tenant, StoreError> {
        let key = key::tenant(scope);
        let sealed = item::bytes(item, "sealed")?;
        let plain = crate::vault::Vault::open(&keys.own(), &place(scope, &key), sealed)?;
        serde_json::from_slice(&plain)
            .map_err(|_| StoreError::unreadable("tenant of another shape"))
    }

    /// Enters a tenant: its settings and keys, from memory for at most [`TENANT_CACHE_MAX`].
    /// `None` where there is no such tenant.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key or the table does not answer.
    pub async fn enter(&self, id: TenantId) -> Result<Option<Entered>, StoreError> {
        let now = self.now();
        let cached = {
            let tenants = self.tenants.lock().expect("no holder of the tenants panics");
            tenants.get(&id).cloned()
        };
        if let Some((read_at, entered)) = cached
            && now.duration_since(read_at) < TENANT_CACHE_MAX
        {
            return Ok(Some(entered));
        }
        let scope = TenantScope::enter(id);
        let Some(keys) = self.vault.tenant(&scope).await? else {
            return Ok(None);
        };
        let key = key::tenant(&scope);
        let Some(item) = self.get(&key).await? else {
            return Ok(None);
        };
        let tenant = self.open_tenant(&scope, &keys, &item)?;
        let entered = Entered { scope, tenant: Arc::new(tenant), keys };
        let mut tenants = self.tenants.lock().expect("no holder of the tenants panics");
        tenants.insert(id, (now, entered.clone()));
        Ok(Some(entered))
    }

    /// Every tenant's id, for the operator.
    ///
    /// # Errors
    /// A [`StoreError`] when the table does not answer.
    pub async fn tenant_ids(&self) -> Result<Vec<TenantId>, StoreError> {
        let items = self.partition("SYSTEM").await?;
        let id = |sk: &str| sk.strip_prefix("TENANT#").and_then(|id| id.parse().ok());
        Ok(items.iter().filter_map(|item| id(item::text(item, "sk").ok()?)).collect())
    }
}

fn place<'a>(scope: &'a TenantScope, key: &'a Key) -> Place<'a> {
    Place { scope, pk: &key.pk, sk: &key.sk, attribute: "sealed" }
}
