//! The stage: sends a request, shows it with its answer, and remembers both.

use std::io::Write as _;

use super::Access;
use anstyle::{AnsiColor, Style};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

/// A step was not answered as the story goes.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No answer at all.
    #[error("{step}: no answer ({source})")]
    NoAnswer {
        /// Which step.
        step: String,
        /// Why.
        source: reqwest::Error,
    },
    /// Another answer.
    #[error("{step}: expected {expected}, got {found}")]
    Unexpected {
        /// Which step.
        step: String,
        /// What the story says.
        expected: String,
        /// What came.
        found: String,
    },
}

/// Whether the stories are shown while they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// On standard output; colour where it is a terminal.
    Steps,
    /// Not at all.
    Nothing,
}

/// One request with its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Which story.
    pub story: String,
    /// What happens here.
    pub title: String,
    /// `POST /persons`
    pub request: String,
    /// The body that was sent.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub body: Value,
    /// The status that came.
    pub status: u16,
    /// The body that came.
    pub answer: Value,
}

/// A request to be made.
pub(super) struct Call<'a> {
    pub(super) title: &'a str,
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) headers: Vec<(&'a str, String)>,
    pub(super) body: Value,
    pub(super) status: u16,
}

impl<'a> Call<'a> {
    /// A POST of JSON that is answered 200.
    pub(super) fn post(title: &'a str, path: &'a str, body: Value) -> Self {
        Self { title, method: Method::POST, path, headers: Vec::new(), body, status: 200 }
    }

    /// A GET that is answered 200.
    pub(super) fn get(title: &'a str, path: &'a str) -> Self {
        Self {
            title,
            method: Method::GET,
            path,
            headers: Vec::new(),
            body: Value::Null,
            status: 200,
        }
    }

    pub(super) fn with(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn answered(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

pub(super) struct Stage {
    pub(super) access: Access,
    pub(super) client: reqwest::Client,
    show: Show,
    story: String,
    steps: Vec<Step>,
}

impl Stage {
    pub(super) fn new(access: &Access, show: Show) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.no_proxy().build().expect("TLS is compiled in and needs no files");
        let (story, steps) = (String::new(), Vec::new());
        Self { access: access.clone(), client, show, story, steps }
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// A new story begins.
    pub(super) fn begin(&mut self, story: &str) {
        story.clone_into(&mut self.story);
        let bold = Style::new().bold().fg_color(Some(AnsiColor::Cyan.into()));
        self.say(&format!("\n{bold}{story}{bold:#}"));
    }

    /// Something happens that is no call of the API.
    pub(super) fn tell(&mut self, text: &str) {
        let quiet = Style::new().italic();
        self.say(&format!("\n  {quiet}{text}{quiet:#}"));
        self.steps.push(Step {
            story: self.story.clone(),
            title: text.to_owned(),
            request: String::new(),
            body: Value::Null,
            status: 0,
            answer: Value::Null,
        });
    }

    /// Makes a call; its answer must have the status that the story says.
    pub(super) async fn call(&mut self, call: Call<'_>) -> Result<Value, Failure> {
        let url = self.access.base.join(call.path.trim_start_matches('/'));
        let url = url.expect("the stories' paths are constant");
        let mut request = self.client.request(call.method.clone(), url);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if !call.body.is_null() {
            let json = call.body.to_string();
            request = request.header("content-type", "application/json").body(json);
        }
        let no_answer = |source| Failure::NoAnswer { step: call.title.to_owned(), source };
        let answer = request.send().await.map_err(no_answer)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(no_answer)?;
        let answer: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        let step = Step {
            story: self.story.clone(),
            title: call.title.to_owned(),
            request: format!("{} {}", call.method, call.path),
            body: call.body,
            status,
            answer: answer.clone(),
        };
        self.print(&step);
        self.steps.push(step);
        self.expect(call.title, &call.status, &status)?;
        Ok(answer)
    }

    /// What came must be what the story says.
    pub(super) fn expect<T: PartialEq + std::fmt::Debug>(
        &self,
        step: &str,
        expected: &T,
        found: &T,
    ) -> Result<(), Failure> {
        if expected == found {
            return Ok(());
        }
        Err(Failure::Unexpected {
            step: format!("{}: {step}", self.story),
            expected: format!("{expected:?}"),
            found: format!("{found:?}"),
        })
    }

    pub(super) fn member(&self, answer: &Value, name: &str) -> Result<String, Failure> {
        answer[name].as_str().map(str::to_owned).ok_or_else(|| Failure::Unexpected {
            step: self.story.clone(),
            expected: format!("a member {name}"),
            found: answer.to_string(),
        })
    }

    fn print(&self, step: &Step) {
        let bold = Style::new().bold();
        let (good, bad) = (AnsiColor::Green, AnsiColor::Yellow);
        let colour = if step.status < 400 { good } else { bad };
        let status = Style::new().fg_color(Some(colour.into()));
        self.say(&format!("\n  {bold}{}{bold:#}\n  {}", step.title, step.request));
        if !step.body.is_null() {
            self.say(&indented(&step.body));
        }
        self.say(&format!("  {status}{}{status:#}", step.status));
        self.say(&indented(&step.answer));
    }

    fn say(&self, text: &str) {
        if self.show == Show::Steps {
            // A closed pipe ends the showing, not the stories.
            let _ = writeln!(anstream::stdout(), "{text}");
        }
    }
}

fn indented(value: &Value) -> String {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    pretty.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
