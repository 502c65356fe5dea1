//! Story 3: what a person agrees to hand over, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::browser::{Browser, Choice};
use super::stage::{Call, Failure, Stage};

pub(super) async fn tell(stage: &mut Stage) -> Result<(), Failure> {
    stage.begin("Story 3: decision (Didit data transfer)");
    let access = &stage.access;
    let basic = STANDARD.encode(format!("{}:{}", access.client_id, access.api_key));
    let body = json!({ "grant_type": "client_credentials" });
    let call = Call::post("Get a client token", "/auth/v2/token/", body);
    let token = stage.call(call.with("Authorization", format!("Basic {basic}"))).await?;
    let mut application = Application { token: stage.member(&token, "access_token")?, stage };
    application.confirms("john-doe", &[], "names email bank_account").await?;
    application.confirms("jean-dupont", &["bank_account"], "names").await?;
    application.cancels().await
}

struct Application<'a> {
    stage: &'a mut Stage,
    token: String,
}

impl Application<'_> {
    async fn confirms(&mut self, user: &str, without: &[&str], scope: &str) -> Result<(), Failure> {
        let (id, link) = self.create(user).await?;
        self.status(&id, "initialized").await?;
        let mut browser = Browser::open_link(&link).await?;
        self.status(&id, "retrieved").await?;
        let answer = self.decision(&id, "Before the person confirms").await?;
        self.stage.expect("before", &Value::Null, &answer["user_data"])?;
        let bank = "sandbox-bank";
        browser.act(Choice::LogIn { bank, user, without }).await?;
        browser.wait().await?;
        self.stage.tell(&format!("The person logs in as {user} and hands over: {scope}"));
        let answer = self.decision(&id, "The decision").await?;
        self.stage.expect("status", &json!("Confirmed"), &answer["status"])?;
        self.stage.expect("scope", &json!(scope), &answer["scope"])?;
        let sub = answer["user_data"]["sub"].is_string();
        self.stage.expect("a sub", &true, &sub)
    }

    async fn cancels(&mut self) -> Result<(), Failure> {
        let (id, link) = self.create("user-3").await?;
        let mut browser = Browser::open_link(&link).await?;
        browser.act(Choice::Cancel).await?;
        self.stage.tell("The person cancels");
        let answer = self.decision(&id, "The decision").await?;
        self.stage.expect("status", &json!("Cancelled"), &answer["status"])?;
        self.status(&id, "declined").await
    }

    async fn create(&mut self, user: &str) -> Result<(String, String), Failure> {
        let body = json!({
            "scope": "names email bank_account",
            "vendor_data": user,
            "callback": "https://example.com/verification/callback",
        });
        let call = Call::post("Create a session", "/auth/v2/session/", body).answered(201);
        let answer = self.call(call).await?;
        let id = self.stage.member(&answer, "session_id")?;
        Ok((id, self.stage.member(&answer, "url")?))
    }

    async fn status(&mut self, id: &str, expected: &str) -> Result<(), Failure> {
        let path = self_path(id, "status");
        let answer = self.call(Call::get("The status", &path)).await?;
        self.stage.expect("status", &json!(expected), &answer["status"])
    }

    async fn decision(&mut self, id: &str, title: &str) -> Result<Value, Failure> {
        let path = self_path(id, "decision");
        self.call(Call::get(title, &path)).await
    }

    async fn call(&mut self, call: Call<'_>) -> Result<Value, Failure> {
        let bearer = format!("Bearer {}", self.token);
        self.stage.call(call.with("Authorization", bearer)).await
    }
}

fn self_path(id: &str, what: &str) -> String {
    format!("/auth/v2/session/{id}/{what}/")
}
