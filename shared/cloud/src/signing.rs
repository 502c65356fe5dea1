//! The keys that sign tokens and receipts, one item of the table of keys.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::item::{self, Attributes};
use crate::key;
use crate::table::Table;

/// A private key (PKCS #8).
pub type Pkcs8 = Zeroizing<Vec<u8>>;

const CURRENT: &str = "sealed_key";
const FORMER: &str = "former_key";

/// The keys, opened.
pub struct SigningKeys {
    /// The one that signs.
    pub current: Pkcs8,
    /// The one before it, whose signatures still count.
    pub former: Option<Pkcs8>,
    /// How they are stored.
    pub sealed: Sealed,
}

/// How keys are stored: the same again means the same keys, and nothing has to be opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    current: Vec<u8>,
    former: Option<Vec<u8>>,
}

/// What a look into the table finds.
pub enum FoundKeys {
    /// No key; nothing was signed yet.
    Nothing,
    /// What was known.
    Same,
    /// Others.
    Keys(SigningKeys),
}

impl Table {
    /// The stored keys, opened where they are others than those known.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key or the table does not answer.
    pub async fn stored_signing_keys(
        &self,
        known: Option<&Sealed>,
    ) -> Result<FoundKeys, StoreError> {
        let (client, table) = self.vault.keys_table();
        let get = client.get_item().table_name(table).key("pk", at()).consistent_read(true);
        let found = get.send().await.map_err(|e| StoreError::from_sdk("GetItem keys", &e))?;
        match found.item() {
            None => Ok(FoundKeys::Nothing),
            Some(item) => {
                let sealed = sealed(item)?;
                if known == Some(&sealed) {
                    return Ok(FoundKeys::Same);
                }
                self.opened_keys(sealed).await.map(FoundKeys::Keys)
            }
        }
    }

    /// The keys, the first made by `generate` where there is none.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key or the table does not answer.
    pub async fn first_signing_key(
        &self,
        generate: impl Fn() -> Vec<u8>,
    ) -> Result<SigningKeys, StoreError> {
        let (client, table) = self.vault.keys_table();
        let fresh = self.vault.seal_system(&Zeroizing::new(generate())).await?;
        let update = client.update_item().table_name(table).key("pk", at());
        let update = update
            .update_expression(format!("SET {CURRENT} = if_not_exists({CURRENT}, :fresh)"))
            .expression_attribute_values(":fresh", AttributeValue::B(Blob::new(fresh)))
            .return_values(ReturnValue::AllNew);
        let stored = update.send().await;
        let stored = stored.map_err(|e| StoreError::from_sdk("UpdateItem keys", &e))?;
        self.opened_keys(sealed(&stored.attributes.unwrap_or_default())?).await
    }

    /// Another key signs from now on. What the former one signed counts on where it is kept, and no
    /// more where it leaked; the one before that counts no more in any case.
    ///
    /// # Errors
    /// A [`StoreError`] when the master key or the table does not answer.
    pub async fn rotate_signing_key(
        &self,
        generate: impl Fn() -> Vec<u8>,
        keep_former: bool,
    ) -> Result<(), StoreError> {
        let (client, table) = self.vault.keys_table();
        let fresh = self.vault.seal_system(&Zeroizing::new(generate())).await?;
        let expression = if keep_former {
            format!("SET {FORMER} = {CURRENT}, {CURRENT} = :fresh")
        } else {
            format!("SET {CURRENT} = :fresh REMOVE {FORMER}")
        };
        let update = client.update_item().table_name(table).key("pk", at());
        let update = update
            .update_expression(expression)
            // Sent a second time because the answer was lost, it changes nothing.
            .condition_expression(format!("attribute_exists({CURRENT}) AND {CURRENT} <> :fresh"))
            .expression_attribute_values(":fresh", AttributeValue::B(Blob::new(fresh)));
        match update.send().await {
            Ok(_) => Ok(()),
            // Nothing was signed yet, and the first key is as new as any; or the change is made.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                self.first_signing_key(generate).await.map(drop)
            }
            Err(error) => Err(StoreError::from_sdk("UpdateItem keys", &error)),
        }
    }

    async fn opened_keys(&self, sealed: Sealed) -> Result<SigningKeys, StoreError> {
        let current = self.vault.open_system(&sealed.current).await?;
        let former = match &sealed.former {
            Some(former) => Some(self.vault.open_system(former).await?),
            None => None,
        };
        Ok(SigningKeys { current, former, sealed })
    }
}

fn at() -> AttributeValue {
    AttributeValue::S(key::SIGNING_KEY.to_owned())
}

fn sealed(item: &Attributes) -> Result<Sealed, StoreError> {
    let current = item::bytes(item, CURRENT)?.to_vec();
    let former = match item.contains_key(FORMER) {
        true => Some(item::bytes(item, FORMER)?.to_vec()),
        false => None,
    };
    Ok(Sealed { current, former })
}
