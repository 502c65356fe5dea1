//! The steps of delivery, taken one by one.

use jiff::SignedDuration;
use model::ids::DeliveryId;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Reply, World};

pub const DELIVERIES: &str = "DeliveryQueue";
pub const FANOUT: &str = "WebhookFanoutFunction";

impl World {
    /// Any request with the tenant's key.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Reply {
        let key = self.key();
        let headers = [("x-api-key", &*key), ("content-type", "application/json")];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, path, &headers, body).await
    }

    /// An endpoint: id and secret.
    pub async fn endpoint(&self, url: &str, more: Value) -> (String, String) {
        let mut body = json!({ "url": url });
        for (name, value) in more.as_object().expect("members") {
            body[name] = value.clone();
        }
        let reply = self.call(Method::POST, "/v1/webhook-endpoints", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        (reply.text("id"), reply.text("secret"))
    }

    /// Brings every change of the table to the fan-out.
    pub async fn fan_out(&self) {
        loop {
            let delivered = self.system.deliver_changes(FANOUT).await.expect("a stream");
            assert_eq!((&delivered.error, delivered.failures.len()), (&None, 0));
            // Changes that pass no filter are read, too.
            if delivered.records == 0 && self.system.caught_up(FANOUT).await.expect("a stream") {
                return;
            }
        }
    }

    /// Brings messages to the deliverer until there are none, or only such as wait.
    pub async fn deliver(&self) {
        self.system.show(DELIVERIES).await.expect("the queue is there");
        loop {
            let delivered = self.system.deliver(DELIVERIES).await.expect("the queue is there");
            assert_eq!(delivered.error, None);
            if delivered.records == 0 {
                return;
            }
        }
    }

    /// Everything that happened is told to everybody, once.
    pub async fn tell(&self) {
        self.fan_out().await;
        self.deliver().await;
    }

    /// Minutes pass, one sweep in each, and what that brings is delivered.
    pub async fn minutes(&self, count: i64) {
        for _ in 0..count {
            self.advance(SignedDuration::from_mins(1));
            self.sweep().await;
            self.tell().await;
        }
    }

    /// A delivery as the tenant sees it.
    pub async fn delivery(&self, id: &str) -> Value {
        let reply = self.call(Method::GET, &format!("/v1/deliveries/{id}"), &Value::Null).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body
    }

    /// The deliveries that fit a query, newest first.
    pub async fn deliveries(&self, query: &str) -> Vec<Value> {
        let reply = self.call(Method::GET, &format!("/v1/deliveries?{query}"), &Value::Null).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body["deliveries"].as_array().expect("a list").clone()
    }

    /// A session that is complete.
    pub async fn completed(&self, reference: &str) -> String {
        let (id, link) = self.session(reference, "john.doe@example.com").await;
        self.returned(&link, "john-doe").await;
        self.work().await;
        id
    }
}

/// Reads an id, so that a typing error in a test is one.
pub fn delivery_id(text: &str) -> DeliveryId {
    text.parse().expect("the id of a delivery")
}
