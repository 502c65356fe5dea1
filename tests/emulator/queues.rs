//! The world's queues over HTTP, for executables of their own: the two calls that functions make.

use std::net::SocketAddr;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub struct Queues {
    pub address: SocketAddr,
}

impl Queues {
    pub async fn serve(client: Client) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, client.clone()));
            }
        });
        Self { address }
    }
}

/// One request of each connection.
async fn answer(mut stream: TcpStream, client: Client) -> Option<()> {
    let (head, body) = read(&mut stream).await?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    let answer = if head.contains("AmazonSQS.SendMessageBatch") {
        send_batch(&client, &body).await
    } else if head.contains("AmazonSQS.SendMessage") {
        send(&client, &body).await
    } else {
        panic!("functions only send: {head}")
    };
    let text = answer.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\nconnection: close";
    let whole = format!("{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len());
    stream.write_all(whole.as_bytes()).await.ok()
}

async fn send(client: &Client, body: &Value) -> Value {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let call = client.send_message().set_queue_url(text("QueueUrl"));
    let call = call.set_message_body(text("MessageBody")).set_delay_seconds(delay(body));
    let sent = call.set_message_group_id(text("MessageGroupId")).send().await.expect("sent");
    json!({ "MessageId": sent.message_id(), "MD5OfMessageBody": sent.md5_of_message_body() })
}

async fn send_batch(client: &Client, body: &Value) -> Value {
    let entries = body["Entries"].as_array().cloned().unwrap_or_default();
    let made = entries.iter().map(|entry| {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        let made = SendMessageBatchRequestEntry::builder().set_id(text("Id"));
        let made = made.set_message_body(text("MessageBody")).set_delay_seconds(delay(entry));
        made.set_message_group_id(text("MessageGroupId")).build().expect("an entry")
    });
    let call = client.send_message_batch().set_queue_url(body["QueueUrl"].as_str().map(Into::into));
    let sent = call.set_entries(Some(made.collect())).send().await.expect("sent");
    let successful = sent.successful().iter().map(|one| {
        let (id, message) = (one.id(), one.message_id());
        json!({ "Id": id, "MessageId": message, "MD5OfMessageBody": one.md5_of_message_body() })
    });
    json!({ "Successful": successful.collect::<Vec<_>>(), "Failed": [] })
}

fn delay(entry: &Value) -> Option<i32> {
    entry["DelaySeconds"].as_i64().and_then(|delay_s| i32::try_from(delay_s).ok())
}

async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            let body = &bytes[end + 4..];
            if body.len() >= length.unwrap_or(0) {
                return Some((head, body.to_vec()));
            }
        }
        match stream.read(&mut chunk).await.ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
