//! A KMS that keeps nothing: what it encrypts names the key and the context it was encrypted for.

use aws_sdk_kms::config::http::{HttpRequest, HttpResponse};
use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

#[derive(Debug)]
struct Kms;

impl HttpConnector for Kms {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().expect("a body in memory");
        let asked: Value = serde_json::from_slice(body).expect("JSON");
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let answer = match target.rsplit('.').next() {
            Some("Encrypt") => encrypt(&asked),
            Some("Decrypt") => decrypt(&asked),
            other => panic!("KMS is asked for {other:?}"),
        };
        let status = StatusCode::try_from(200).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, answer.to_string().into())))
    }
}

fn label(asked: &Value) -> String {
    format!("{} {}|", asked["KeyId"].as_str().expect("a key"), asked["EncryptionContext"])
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().expect("base64")).expect("base64")
}

fn encrypt(asked: &Value) -> Value {
    let sealed = [label(asked).into_bytes(), bytes(&asked["Plaintext"])].concat();
    json!({ "KeyId": asked["KeyId"], "CiphertextBlob": STANDARD.encode(sealed) })
}

fn decrypt(asked: &Value) -> Value {
    let sealed = bytes(&asked["CiphertextBlob"]);
    let plain = sealed.strip_prefix(label(asked).as_bytes()).expect("sealed for another place");
    json!({ "KeyId": asked["KeyId"], "Plaintext": STANDARD.encode(plain) })
}

/// A client of it.
pub fn client() -> aws_sdk_kms::Client {
    let http = http_client_fn(|_, _| SharedHttpConnector::new(Kms));
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
        .http_client(http);
    aws_sdk_kms::Client::from_conf(config.build())
}
