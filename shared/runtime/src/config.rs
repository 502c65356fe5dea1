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
    /// `SANDBOX_BANK_URL`: where the sandbox banks are, if there are any; may be a path of ours.
    pub sandbox_bank_url: Option<Url>,
    /// `OUTBOUND_REACH`: `public`, or `loopback` in development.
    pub reach: Reach,
    /// `OWN_ADDRESS`: where a process in development reaches itself, as it may not be able to do so
    /// by `PUBLIC_URL`. Set by the local process, never on AWS.
    pub own_address: Option<Url>,
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
        let master_key = given("MASTER_KEY_ID")?;
        let public_url = public_url(&given("PUBLIC_URL")?)?;
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
            sandbox_bank_url: sandbox
                .map(|text| sandbox_bank(public_url.as_str(), &text))
                .transpose()?,
            public_url,
            own_address: var("OWN_ADDRESS").map(|text| own_address(&text)).transpose()?,
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

/// Where the sandbox banks are: an address, or a path below `public_url`. Ends in a slash.
///
/// # Errors
/// It is neither.
pub fn sandbox_bank(public_url: &str, text: &str) -> Result<Url, ConfigError> {
    let refused = ConfigError { name: "SANDBOX_BANK_URL", expected: "a URL or a path" };
    self::public_url(public_url)?.join(&with_slash(text)).map_err(|_| refused)
}

fn public_url(text: &str) -> Result<Url, ConfigError> {
    let refused = ConfigError { name: "PUBLIC_URL", expected: "an absolute URL" };
    Url::parse(&with_slash(text)).map_err(|_| refused)
}

fn own_address(text: &str) -> Result<Url, ConfigError> {
    let refused = ConfigError { name: "OWN_ADDRESS", expected: "an absolute URL" };
    Url::parse(text).map_err(|_| refused)
}

/// Paths are joined to it, and a base URL without its slash would lose its last segment.
fn with_slash(text: &str) -> String {
    format!("{}/", text.trim_end_matches('/'))
}
