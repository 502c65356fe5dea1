//! Story 2: is this person who we think? Asked as often as one likes.

use serde_json::{Value, json};

use super::Worker;
use super::browser::{Browser, Choice};
use super::ivy;
use super::stage::{Call, Failure, Stage};

pub(super) async fn tell(stage: &mut Stage, worker: Worker<'_>) -> Result<(), Failure> {
    stage.begin("Story 2: auth via banking (Pentadata)");
    let body = json!({ "email": stage.access.email, "api_key": stage.access.api_key });
    let login = stage.call(Call::post("Log in", "/subscribers/login", body)).await?;
    let mut subscriber = Subscriber { token: stage.member(&login, "token")?, stage };
    subscriber.agrees(worker).await?;
    subscriber.contradicts().await?;
    subscriber.nameless().await?;
    subscriber.across_the_doors().await
}

struct Subscriber<'a> {
    stage: &'a mut Stage,
    token: String,
}

impl Subscriber<'_> {
    async fn agrees(&mut self, worker: Worker<'_>) -> Result<(), Failure> {
        let person = self.person("max.weber", "Max", "Weber").await?;
        let first = self.auth(person, ("Max", "Weber"), "Ask: a bank login is needed", 2).await?;
        let again = self.auth(person, ("Max", "Weber"), "Ask again: the same link", 2).await?;
        self.stage.expect("the same link", &first["url"], &again["url"])?;
        let held = worker.hold().await;
        let mut browser = self.log_in(&first, "sandbox-bank", "max-weber").await?;
        if let Some(held) = held {
            let title = "The person is back, the bank is being read: wait";
            self.auth(person, ("Max", "Weber"), title, 3).await?;
            drop(held);
        }
        browser.wait().await?;
        self.auth(person, ("Max", "Weber"), "The bank agrees", 0).await.map(|_| ())
    }

    async fn contradicts(&mut self) -> Result<(), Failure> {
        let person = self.person("jane.roe", "Jane", "Roe").await?;
        let asked = self.auth(person, ("Jane", "Roe"), "Another person", 2).await?;
        self.log_in_and_wait(&asked, "sandbox-bank", "jean-dupont").await?;
        self.auth(person, ("Jane", "Roe"), "The account is somebody else's", 1).await?;
        let title = "A corrected claim is decided at once, from what the bank said before";
        self.auth(person, ("Jean", "Dupont"), title, 0).await.map(|_| ())
    }

    async fn nameless(&mut self) -> Result<(), Failure> {
        let person = self.person("anna.mueller", "Anna", "Müller").await?;
        let asked = self.auth(person, ("Anna", "Müller"), "A third person", 2).await?;
        self.log_in_and_wait(&asked, "sandbox-private", "anna-mueller").await?;
        let title = "This bank states no name: never wrong, but another bank is needed";
        let answer = self.auth(person, ("Anna", "Müller"), title, 2).await?;
        let result = &answer["decision"]["fields"]["name"]["result"];
        self.stage.expect(title, &json!("not_provided"), result)
    }

    async fn across_the_doors(&mut self) -> Result<(), Failure> {
        let person = self.person(ivy::NAME, "John", "Doe").await?;
        let title = "Verified in story 1: answered without any bank login";
        let answer = self.auth(person, ("John", "Doe"), title, 0).await?;
        self.stage.expect(title, &json!(false), &answer["billable"])
    }

    async fn person(&mut self, name: &str, first: &str, last: &str) -> Result<u64, Failure> {
        let email = self.stage.access.email(name);
        let body = json!({ "email": email, "first_name": first, "last_name": last });
        let call = Call::post("Create a person", "/persons", body).answered(201);
        let answer = self.call(call).await?;
        answer["person_id"].as_u64().ok_or_else(|| Failure::Unexpected {
            step: "create a person".to_owned(),
            expected: "an integer person_id".to_owned(),
            found: answer.to_string(),
        })
    }

    async fn auth(
        &mut self,
        person: u64,
        (first, last): (&str, &str),
        title: &str,
        code: u64,
    ) -> Result<Value, Failure> {
        let path = format!("/persons/{person}/auth");
        let body = json!({ "first_name": first, "last_name": last });
        let answer = self.call(Call::post(title, &path, body)).await?;
        self.stage.expect(title, &json!(code), &answer["code"])?;
        Ok(answer)
    }

    async fn call(&mut self, call: Call<'_>) -> Result<Value, Failure> {
        let bearer = format!("Bearer {}", self.token);
        self.stage.call(call.with("Authorization", bearer)).await
    }

    async fn log_in(&mut self, answer: &Value, bank: &str, user: &str) -> Result<Browser, Failure> {
        let link = self.stage.member(answer, "url")?;
        self.stage.tell(&format!("The person logs in at {bank} as {user}"));
        let mut browser = Browser::open_link(&link).await?;
        browser.act(Choice::LogIn { bank, user, without: &[] }).await?;
        Ok(browser)
    }

    async fn log_in_and_wait(
        &mut self,
        answer: &Value,
        bank: &str,
        user: &str,
    ) -> Result<(), Failure> {
        self.log_in(answer, bank, user).await?.wait().await.map(|_| ())
    }
}
