//! The person's browser: follows redirects and refreshes, keeps cookies, fills in forms.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use url::Url;

use super::page;
use super::stage::Failure;

/// How often a waiting page is looked at again before the story is given up.
const REFRESHES_MAX: u32 = 200;
/// A little faster than the page asks for, so that nobody has to wait for a demonstration.
const REFRESH_PAUSE: Duration = Duration::from_millis(50);

/// What the person does.
pub enum Choice<'a> {
    /// Logs in at a bank as somebody, leaving out some of what was asked for.
    LogIn {
        /// The bank's id.
        bank: &'a str,
        /// Who logs in.
        user: &'a str,
        /// Scopes that are unticked.
        without: &'a [&'a str],
    },
    /// Says no on our page.
    Cancel,
}

/// A browser without a window.
pub struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
    /// Every address that redirected, in order.
    trail: Vec<Url>,
    /// A path at whose beginning the browser stops following.
    stop: Option<String>,
    /// Where the browser is.
    url: Url,
    page: String,
}

/// A form, ready to be sent.
struct Form {
    action: Url,
    fields: Vec<(String, String)>,
}

impl Browser {
    /// Opens a link.
    ///
    /// # Errors
    /// A [`Failure`] where nothing answers.
    pub async fn open_link(link: &str) -> Result<Self, Failure> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.no_proxy().build().expect("TLS is compiled in and needs no files");
        let url = Url::parse(link).map_err(|_| Failure::Unexpected {
            step: "the browser".to_owned(),
            expected: "a URL".to_owned(),
            found: link.to_owned(),
        })?;
        let mut browser = Self {
            client,
            cookies: BTreeMap::new(),
            trail: Vec::new(),
            stop: None,
            url,
            page: String::new(),
        };
        browser.go(Method::GET, browser.url.clone(), Vec::new()).await?;
        Ok(browser)
    }

    /// Walks from the link to the bank and back. Gives the page on which the person waits.
    ///
    /// # Errors
    /// A [`Failure`] where the page does not offer what the person wants.
    pub async fn act(&mut self, choice: Choice<'_>) -> Result<(), Failure> {
        match choice {
            Choice::Cancel => {
                let form = self.form("/cancel", None)?;
                self.send(&form).await
            }
            Choice::LogIn { bank, user, without } => {
                let mut form = self.form("/bank", Some(("bank", bank)))?;
                form.fields
                    .retain(|(name, value)| name != "scope" || !without.contains(&value.as_str()));
                self.send(&form).await?;
                let form = self.form("/authorize", Some(("user", user)))?;
                self.send(&form).await?;
                if self.is_ours() {
                    return Ok(());
                }
                let form = self.form("/decide", Some(("decision", "allow")))?;
                self.send(&form).await
            }
        }
    }

    /// Waits where the page asks to wait, and gives the address the browser ends at.
    ///
    /// # Errors
    /// A [`Failure`] where the waiting has no end.
    pub async fn wait(&mut self) -> Result<Url, Failure> {
        for _ in 0..REFRESHES_MAX {
            let Some(next) = page::refresh(&self.page) else {
                return Ok(self.url.clone());
            };
            let next = self.url.join(&next).map_err(|_| self.lost("an address to go on to"))?;
            if next.origin() != self.url.origin() {
                return Ok(next);
            }
            tokio::time::sleep(REFRESH_PAUSE).await;
            self.go(Method::GET, next, Vec::new()).await?;
        }
        Err(self.lost("an end of the waiting"))
    }

    /// The page, as it came.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.page
    }

    /// Where the browser is.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Every address that redirected, in order.
    #[must_use]
    pub fn trail(&self) -> &[Url] {
        &self.trail
    }

    /// Goes to an address, as if it was typed.
    ///
    /// # Errors
    /// A [`Failure`] where nothing answers.
    pub async fn visit(&mut self, url: Url) -> Result<(), Failure> {
        self.go(Method::GET, url, Vec::new()).await
    }

    /// Stops following redirects before a path that begins so.
    pub fn stop_before(&mut self, path: &str) {
        self.stop = Some(path.to_owned());
    }

    fn stops_at(&self, url: &Url) -> bool {
        self.stop.as_ref().is_some_and(|stop| url.path().starts_with(stop))
    }

    /// The cookies, as the browser would send them.
    #[must_use]
    pub fn cookies(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("; ")
    }

    /// Forgets every cookie, as another browser would not have them.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    /// Sends the first form whose action ends so, pressing a button or typing a value.
    ///
    /// # Errors
    /// A [`Failure`] where the page has no such form.
    pub async fn press(
        &mut self,
        action: &str,
        button: Option<(&str, &str)>,
    ) -> Result<(), Failure> {
        let form = self.form(action, button)?;
        self.send(&form).await
    }

    fn is_ours(&self) -> bool {
        self.url.path().starts_with("/link/")
    }

    async fn send(&mut self, form: &Form) -> Result<(), Failure> {
        self.go(Method::POST, form.action.clone(), form.fields.clone()).await
    }

    /// One navigation with all its redirects, up to the first address that is not ours.
    async fn go(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut fields: Vec<(String, String)>,
    ) -> Result<(), Failure> {
        loop {
            let no_answer = |source| Failure::NoAnswer { step: "the browser".to_owned(), source };
            let cookies = self.cookies();
            let mut request = self.client.request(method.clone(), url.clone());
            request = request.header("accept-language", "en").header("user-agent", "demo browser");
            if !cookies.is_empty() {
                request = request.header("cookie", cookies);
            }
            if method == Method::POST {
                let body = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(&fields)
                    .finish();
                let form = "application/x-www-form-urlencoded";
                request = request.header("content-type", form).body(body);
            }
            let answer = request.send().await.map_err(no_answer)?;
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str().ok().and_then(|c| c.split(';').next()?.split_once('='));
                self.cookies.extend(pair.map(|(n, v)| (n.to_owned(), v.to_owned())));
            }
            let location = answer.headers().get("location").and_then(|l| l.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            self.trail.extend(next.is_some().then(|| url.clone()));
            match next {
                Some(next) if next.origin() == url.origin() && !self.stops_at(&next) => {
                    (method, url, fields) = (Method::GET, next, Vec::new());
                }
                Some(away) => {
                    (self.url, self.page) = (away, String::new());
                    return Ok(());
                }
                None => {
                    self.page = answer.text().await.map_err(no_answer)?;
                    self.url = url;
                    return Ok(());
                }
            }
        }
    }

    /// The first form whose action ends so and which has the button, with all its fields.
    fn form(&self, action: &str, button: Option<(&str, &str)>) -> Result<Form, Failure> {
        for form in page::forms(&self.page) {
            if !form.action.ends_with(action) {
                continue;
            }
            let mut fields = form.inputs;
            if let Some((name, wanted)) = button {
                let typed = fields.iter_mut().find(|(field, _)| field == name);
                let pressed = form.buttons.into_iter().find(|(n, v)| n == name && v == wanted);
                match (typed, pressed) {
                    (Some((_, text)), _) => wanted.clone_into(text),
                    (None, Some(pressed)) => fields.push(pressed),
                    (None, None) => continue,
                }
            }
            let action = self.url.join(&form.action).ok();
            return action.map(|action| Form { action, fields }).ok_or_else(|| self.lost("a form"));
        }
        Err(self.lost(&format!("a form to {action}")))
    }

    fn lost(&self, expected: &str) -> Failure {
        let title = self.page.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
        Failure::Unexpected {
            step: "the browser".to_owned(),
            expected: expected.to_owned(),
            found: format!("the page {:?}", title.unwrap_or("without a heading")),
        }
    }
}
