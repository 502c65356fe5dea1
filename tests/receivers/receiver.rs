fn receive(secret: &str, headers: &http::HeaderMap, body: &[u8], seen: &mut Seen) -> u16 {
    let Ok(webhook) = standardwebhooks::Webhook::new(secret) else { return 500 };
    let Ok(()) = webhook.verify(body, headers) else { return 400 }; // the bytes as they came
    let id = headers["webhook-id"].to_str().unwrap_or_default().to_owned();
    if seen.insert(id.clone()) { // the same with every try: keep it in your database
        println!("received {id}");
    }
    204
}
type Seen = std::collections::HashSet<String>;
