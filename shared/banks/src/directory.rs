//! Which banks there are. A bank is a row of `directory.json`; the sandbox banks are rows like any other.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::ids::BankId;
use serde::Deserialize;
use url::Url;

use crate::berlin_group::BerlinGroup;
use crate::connector::Connector;
use outbound::Outbound;

/// A bank.
#[derive(Debug, Clone, Deserialize)]
pub struct Bank {
    /// Its slug.
    pub id: BankId,
    /// Its name as people know it.
    pub name: String,
    /// How it speaks.
    dialect: Dialect,
    /// Where, before the placeholder is resolved.
    base_url: String,
    /// Countries in which it is offered first.
    pub markets: Vec<String>,
    /// ISO 4217 codes.
    pub currencies: Vec<String>,
    /// Its BIC.
    pub bic: String,
    /// The family it belongs to: brands of one house.
    pub group: Option<String>,
    /// Whether it stands for its family.
    #[serde(default)]
    pub default: bool,
    /// Where its picture is.
    pub logo: Option<Url>,
    /// Its page for customers.
    pub url: Option<Url>,
    /// What it can be used for, in the words of the contracts.
    pub capabilities: Vec<String>,
    /// Whether its customers are fictitious.
    pub test: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Dialect {
    BerlinGroup,
}

/// What the placeholders of `directory.json` stand for in this deployment.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// `sandbox:`; without it the sandbox banks are not offered.
    pub sandbox: Option<Url>,
}

/// The directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The data file is broken.
    #[error("directory.json: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A base URL is none.
    #[error("bank {0} has no valid base URL")]
    BaseUrl(BankId),
}

/// All banks of this deployment.
#[derive(Clone)]
pub struct Directory {
    banks: Vec<Bank>,
    connectors: BTreeMap<BankId, Arc<dyn Connector>>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").field("banks", &self.banks.len()).finish_non_exhaustive()
    }
}

impl Directory {
    /// Reads the directory.
    ///
    /// # Errors
    /// A [`DirectoryError`] where the data file is broken.
    pub fn load(places: &Places, outbound: &Outbound) -> Result<Self, DirectoryError> {
        let rows: Vec<Bank> = serde_json::from_str(include_str!("../directory.json"))?;
        let mut directory = Self { banks: Vec::new(), connectors: BTreeMap::new() };
        for bank in rows {
            let base = match (bank.base_url.as_str(), &places.sandbox) {
                ("sandbox:", None) => continue,
                ("sandbox:", Some(sandbox)) => sandbox.join(&format!("{}/", bank.id)),
                (url, _) => Url::parse(url),
            };
            let base = base.map_err(|_| DirectoryError::BaseUrl(bank.id.clone()))?;
            let connector: Arc<dyn Connector> = match bank.dialect {
                Dialect::BerlinGroup => {
                    Arc::new(BerlinGroup::new(bank.name.clone(), base, outbound.clone()))
                }
            };
            directory.connectors.insert(bank.id.clone(), connector);
            directory.banks.push(bank);
        }
        Ok(directory)
    }

    /// The bank with this id.
    #[must_use]
    pub fn bank(&self, id: &BankId) -> Option<&Bank> {
        self.banks.iter().find(|bank| bank.id == *id)
    }

    /// How to speak to the bank with this id.
    #[must_use]
    pub fn connector(&self, id: &BankId) -> Option<Arc<dyn Connector>> {
        self.connectors.get(id).cloned()
    }

    /// The origins that leaving for a bank may lead to, each once.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = self.connectors.values().map(|c| c.origin()).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// Banks of which every word of `query` begins some word of the name, those of `market` first.
    #[must_use]
    pub fn search(&self, query: &str, market: Option<&str>) -> Vec<&Bank> {
        let wanted = words(query);
        let fits = |bank: &&Bank| {
            let name = words(&bank.name);
            wanted
                .iter()
                .all(|w| name.iter().any(|n| n.starts_with(w)) || bank.bic.to_lowercase() == *w)
        };
        let mut found: Vec<&Bank> = self.banks.iter().filter(fits).collect();
        let elsewhere = |bank: &&Bank| market.is_some_and(|m| !bank.markets.iter().any(|b| b == m));
        found.sort_by_key(|bank| elsewhere(bank));
        found
    }
}

/// Lower-case words with their accents folded for the languages of the directory.
fn words(text: &str) -> Vec<String> {
    let fold = |c: char| match c {
        'ä' | 'á' | 'à' | 'â' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'ö' | 'ó' | 'ô' | 'ø' => 'o',
        'ü' | 'ú' | 'û' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    };
    let folded: String = text.to_lowercase().chars().map(fold).collect();
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}
