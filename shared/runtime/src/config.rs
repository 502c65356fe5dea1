//! Configuration: environment variables, parsed once, each refusal naming its variable.

use std::path::PathBuf;

use outbound::Reach;
use url::Url;

/// What a deployment sets.
#[derive(Debug, Clone)]
pub struct Config {
    /// `TABLE_NAME`.
    pub table_name: String,
    /// `KEYS_TABLE_NAME`.
    pub keys_table_name: String,
    /// `CALLBACK_QUEUE_URL`, for functions that send to it.
    pub callback_queue_url: Option<String>,
    /// `DELIVERY_QUEUE_URL`, for functions that send to it.
    pub delivery_queue_url: Option<String>,
    /// `MASTER_KEY_ID`: a KMS key, or `file:` and a path.
    pub master_key: MasterKeyPlace,
    /// `PUBLIC_URL`: where clients and persons reach us.
    pub public_url: Url,
    /// `SANDBOX_BANK_URL`: where the sandbox banks are, if there are any.
    pub sandbox_bank_url: Option<Url>,
    /// `OUTBOUND_REACH`: `public`, or `loopback` in development.
    pub reach: Reach,
}

/// Where the master key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MasterKeyPlace {
    /// In KMS, by id or ARN.
    Kms(String),
    /// In a file, on a laptop.
    File(PathBuf),
}

/// A variable is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("environment variable {name} must be {expected}")]
pub struct ConfigError {
    name: &'static str,
    expected: &'static str,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the variable.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let given = |name: &'static str| {
            let value = var(name).filter(|value| !value.is_empty());
            value.ok_or(ConfigError { name, expected: "set" })
        };
        let url = |name: &'static str, text: &str| {
            let base = if text.ends_with('/') { text.to_owned() } else { format!("{text}/") };
            Url::parse(&base).map_err(|_| ConfigError { name, expected: "an absolute URL" })
        };
        let master_key = given("MASTER_KEY_ID")?;
        let sandbox = var("SANDBOX_BANK_URL").filter(|text| !text.is_empty());
        Ok(Self {
            table_name: given("TABLE_NAME")?,
            keys_table_name: given("KEYS_TABLE_NAME")?,
            callback_queue_url: var("CALLBACK_QUEUE_URL").filter(|url| !url.is_empty()),
            delivery_queue_url: var("DELIVERY_QUEUE_URL").filter(|url| !url.is_empty()),
            master_key: match master_key.strip_prefix("file:") {
                Some(path) => MasterKeyPlace::File(PathBuf::from(path)),
                None => MasterKeyPlace::Kms(master_key),
            },
            public_url: url("PUBLIC_URL", &given("PUBLIC_URL")?)?,
            sandbox_bank_url: sandbox.map(|text| url("SANDBOX_BANK_URL", &text)).transpose()?,
            reach: match var("OUTBOUND_REACH").as_deref() {
                None | Some("" | "public") => Reach::Public,
                Some("loopback") => Reach::PublicAndLoopback,
                Some(_) => {
                    return Err(ConfigError {
                        name: "OUTBOUND_REACH",
                        expected: "public or loopback",
                    });
                }
            },
        })
    }

    /// The address of a path of ours.
    ///
    /// # Panics
    /// When `path` is not a relative path, which only a constant can be.
    #[must_use]
    pub fn public(&self, path: &str) -> Url {
        self.public_url.join(path).expect("a relative path below a base URL")
    }
}
