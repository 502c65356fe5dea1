//! Story 1: a recurring user. Two logins, and every later question is answered without one.

use serde_json::{Value, json};

use super::browser::{Browser, Choice};
use super::stage::{Call, Failure, Stage};

const CREATE: &str = "/api/service/data/session/create";
const LIST: &str = "/api/service/data/session/list";

/// The name in the e-mail of the external user, who appears again in story 2.
pub(super) const NAME: &str = "john.doe";

pub(super) async fn tell(stage: &mut Stage) -> Result<(), Failure> {
    stage.begin("Story 1: a recurring user (Ivy data sessions)");
    let (first, second) =
        (stage.access.reference("123456789"), stage.access.reference("123456123"));
    verify(stage, &first, "john-doe").await?;
    verify(stage, &second, "doe-john").await?;
    let (email, phone) = (stage.access.email(NAME), stage.access.phone());
    let (user, value) = (stage.access.reference("user-1"), stage.access.reference("value1"));
    for (title, filter) in [
        ("List by e-mail", json!({ "externalUserEmail": email })),
        ("List by phone", json!({ "externalUserPhone": phone })),
        ("List by reference", json!({ "externalUserReferenceId": user })),
        ("List by metadata", json!({ "externalUserMetadata": { "key": "key1", "value": value } })),
    ] {
        let answer = stage.call(keyed(stage, Call::post(title, LIST, filter))).await?;
        let references: Vec<Value> = answer["dataSessions"]
            .as_array()
            .map(|all| all.iter().map(|session| session["referenceId"].clone()).collect())
            .unwrap_or_default();
        let newest_first = vec![json!(second), json!(first)];
        stage.expect(title, &newest_first, &references)?;
    }
    let two = json!({ "externalUserEmail": email, "externalUserPhone": phone });
    let call = Call::post("Two filters at once are refused", LIST, two).answered(400);
    stage.call(keyed(stage, call)).await?;
    let call = Call::post("So is none", LIST, json!({})).answered(400);
    stage.call(keyed(stage, call)).await?;
    let nobody = json!({ "externalUserEmail": "nobody@example.com" });
    let call = Call::post("A user who never verified has an empty list", LIST, nobody);
    let answer = stage.call(keyed(stage, call)).await?;
    stage.expect("empty list", &json!([]), &answer["dataSessions"])
}

fn keyed<'a>(stage: &Stage, call: Call<'a>) -> Call<'a> {
    call.with("X-Ivy-Api-Key", stage.access.api_key.clone())
}

async fn verify(stage: &mut Stage, reference: &str, persona: &str) -> Result<(), Failure> {
    let body = json!({
        "referenceId": reference,
        "permissions": ["identity"],
        "market": "DE",
        "externalUser": {
            "referenceId": stage.access.reference("user-1"),
            "email": stage.access.email(NAME),
            "phone": stage.access.phone(),
            "metadata": { "key1": stage.access.reference("value1"), "key2": "value2" },
        },
        "successCallbackUrl": "https://example.com/callback/success",
        "errorCallbackUrl": "https://example.com/callback/error",
        "resultCallbackUrl": "https://example.com/callback/result",
    });
    let call = Call::post("Create a data session", CREATE, body);
    let session = stage.call(keyed(stage, call)).await?;
    let link = stage.member(&session, "redirectUrl")?;
    let mut browser = Browser::open_link(&link).await?;
    let (bank, without) = ("sandbox-bank", &[][..]);
    browser.act(Choice::LogIn { bank, user: persona, without }).await?;
    let end = browser.wait().await?;
    stage.tell(&format!(
        "The person opens the link, picks the bank, logs in as {persona}, consents, and ends at {end}"
    ));
    stage.expect("the end", &"https://example.com/callback/success", &end.as_str())
}
