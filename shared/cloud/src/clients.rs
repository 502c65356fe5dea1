//! The AWS clients of a function, made from what Lambda puts into the environment.
//!
//! Nothing is looked for that Lambda does not use: no profiles, no metadata service, no roots of
//! the system. That is most of the time of a cold start.

use std::time::Duration;

use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

const AMAZON_ROOTS: &[u8] = include_bytes!("clients/amazon_roots.pem");

/// The AWS clients.
#[derive(Debug, Clone)]
pub struct Clients {
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// KMS; absent where the master key is a file.
    pub kms: Option<aws_sdk_kms::Client>,
}

/// A variable that Lambda sets is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {0} must be set, as Lambda does")]
pub struct Unset(&'static str);

/// The settings that the three clients share; each has types of its own for them.
macro_rules! client {
    ($sdk:ident, $endpoint:literal, $var:expr, $http:expr) => {{
        let var = |name| $var(name).filter(|value: &String| !value.is_empty());
        let given = |name| var(name).ok_or(Unset(name));
        let credentials = Credentials::new(
            given("AWS_ACCESS_KEY_ID")?,
            given("AWS_SECRET_ACCESS_KEY")?,
            var("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let mut config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(given("AWS_REGION")?))
            .credentials_provider(credentials)
            .timeout_config(timeouts())
            .http_client($http.clone());
        config.set_endpoint_url(var($endpoint).or_else(|| var("AWS_ENDPOINT_URL")));
        $sdk::Client::from_conf(config.build())
    }};
}

impl Clients {
    /// The clients that Lambda's variables describe. `AWS_ENDPOINT_URL` and its kin lead elsewhere,
    /// as they do in every SDK.
    ///
    /// # Errors
    /// A variable is not set.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, Unset> {
        let http = http();
        Ok(Self {
            dynamodb: client!(aws_sdk_dynamodb, "AWS_ENDPOINT_URL_DYNAMODB", var, http),
            sqs: client!(aws_sdk_sqs, "AWS_ENDPOINT_URL_SQS", var, http),
            kms: Some(client!(aws_sdk_kms, "AWS_ENDPOINT_URL_KMS", var, http)),
        })
    }
}

fn http() -> SharedHttpClient {
    let trusted = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let tls = TlsContext::builder().with_trust_store(trusted).build();
    let tls = tls.expect("a context of a trust store alone is whole");
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls).build_https()
}

/// A table answers in milliseconds. What takes longer is asked again while there is time.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(500))
        .operation_attempt_timeout(Duration::from_millis(700))
        .operation_timeout(Duration::from_secs(2))
        .build()
}
