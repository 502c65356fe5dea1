//! Story 1: a recurring user. Two logins, and every later question is answered without one.

use serde_json::{Value, json};

use super::browser::{Browser, Choice};
use super::stage::{Call, Failure, Stage};

const CREATE: &str = "/api/service/data/session/create";
const LIST: &str = "/api/service/data/session/list";

/// The e-mail of the external user, who appears again in story 2.
pub(super) const EMAIL: &str = "john.doe@example.com";

pub(super) async fn tell(stage: &mut Stage) -> Result<(), Failure> {
    stage.begin("Story 1: a recurring user (Ivy data sessions)");
    verify(stage, "123456789", "john-doe").await?;
    verify(stage, "123456123", "doe-john").await?;
    for (title, filter) in [
        ("List by e-mail", json!({ "externalUserEmail": EMAIL })),
        ("List by phone", json!({ "externalUserPhone": "+49123456789" })),
        ("List by reference", json!({ "externalUserReferenceId": "user-1" })),
        (
            "List by metadata",
            json!({ "externalUserMetadata": { "key": "key1", "value": "value1" } }),
        ),
    ] {
        let answer = stage.call(keyed(stage, Call::post(title, LIST, filter))).await?;
        let references: Vec<Value> = answer["dataSessions"]
            .as_array()
            .map(|all| all.iter().map(|session| session["referenceId"].clone()).collect())
            .unwrap_or_default();
        let newest_first = vec![json!("123456123"), json!("123456789")];
        stage.expect(title, &newest_first, &references)?;
    }
    let two = json!({ "externalUserEmail": EMAIL, "externalUserPhone": "+49123456789" });
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
            "referenceId": "user-1",
            "email": EMAIL,
            "phone": "+49123456789",
            "metadata": { "key1": "value1", "key2": "value2" },
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
