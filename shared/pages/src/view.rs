//! The pages.

use askama::Template;

use crate::text::{DataItem, Language, Texts};

/// What every page has around it.
#[derive(Debug, Clone, Copy)]
pub struct Chrome<'a> {
    /// The language.
    pub language: Language,
    /// The nonce of the one style sheet.
    pub nonce: &'a str,
    /// Proves that a form was ours; checked by the handler.
    pub csrf: &'a str,
    /// Origins that a form may lead to in the end: browsers apply `form-action` to redirects too.
    pub form_targets: &'a [String],
}

/// A page, whole.
#[derive(Debug, Clone)]
pub struct Html {
    /// The document.
    pub body: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
}

/// A bank to choose.
#[derive(Debug, Clone)]
pub struct Bank {
    /// Its slug.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether its customers are fictitious.
    pub test: bool,
}

/// One thing that may be handed over.
#[derive(Debug, Clone)]
pub struct ScopeRow {
    /// The scope's name in the form.
    pub name: String,
    /// What it is.
    pub item: DataItem,
    /// Whether the person may leave it out, and has.
    pub choice: Choice,
}

/// Whether something is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It belongs to what was asked for.
    Required,
    /// The person may leave it out, and has not.
    Ticked,
    /// The person has left it out.
    Unticked,
}

/// Who asks for what, and which bank it shall be.
#[derive(Debug, Clone)]
pub struct Choose {
    /// Who asks.
    pub tenant: String,
    /// What for.
    pub scopes: Vec<ScopeRow>,
    /// For how many days the answer may be used again without a login, if it may.
    pub reuse_days: Option<u16>,
    /// The banks found.
    pub banks: Vec<Bank>,
    /// What was searched for.
    pub query: String,
    /// Whether the bank is settled, so that there is nothing to search.
    pub settled: bool,
    /// Where the forms go: `/link/<token>`.
    pub base: String,
}

/// The bank is being read.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Who asks.
    pub tenant: String,
    /// The name of the bank that is read.
    pub bank: String,
    /// The page itself.
    pub href: String,
}

/// Something that ends or interrupts the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is said in full in the language tables")]
pub enum NoticeKind {
    Expired,
    Done,
    Unknown,
    Cancelled,
    Denied,
    BankUnavailable,
    BankRefused,
    StillReading,
    NeedsNewLogin,
    BankUnreadable,
    OtherBrowser,
    WrongBrowser,
    AlreadyUsed,
    Internal,
}

/// A way on.
#[derive(Debug, Clone)]
pub enum Way {
    /// Start again: a form to this address.
    StartAgain(String),
    /// Go on: a form to this address with these hidden fields.
    GoOn(String, Vec<(String, String)>),
    /// Back to who asked: a link.
    Back(String, String),
    /// See where things stand: a link.
    Look(String),
}

/// A page that says one thing honestly and offers the ways on.
#[derive(Debug, Clone)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// What the person can do.
    pub ways: Vec<Way>,
    /// A number to tell, where something broke.
    pub request_id: Option<String>,
    /// Where the browser goes at once; after ten seconds while the bank is still being read. Not a redirect: the redirects after a form are subject to
    /// the bank page's `form-action`, which cannot know the tenant.
    pub onward: Option<String>,
}

impl Notice {
    /// A page that says what happened and nothing more.
    #[must_use]
    pub const fn of(kind: NoticeKind) -> Self {
        Self { kind, ways: Vec::new(), request_id: None, onward: None }
    }
}

/// Where the page goes by itself, and when.
struct Refresh<'a> {
    after_s: u8,
    url: &'a str,
}

#[derive(Template)]
#[template(path = "choose.html")]
struct ChoosePage<'a> {
    t: &'a Texts,
    lang: &'a str,
    nonce: &'a str,
    csrf: &'a str,
    refresh: Option<Refresh<'a>>,
    title: &'a str,
    page: &'a Choose,
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage<'a> {
    t: &'a Texts,
    lang: &'a str,
    nonce: &'a str,
    refresh: Option<Refresh<'a>>,
    title: &'a str,
    page: &'a Waiting,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    t: &'a Texts,
    lang: &'a str,
    nonce: &'a str,
    csrf: &'a str,
    refresh: Option<Refresh<'a>>,
    title: &'a str,
    sentence: &'a str,
    page: &'a Notice,
}

impl ChoosePage<'_> {
    fn data(&self, item: &DataItem) -> &'static str {
        self.t.data[*item as usize]
    }

    const fn day(&self, days: &u16) -> &'static str {
        if *days == 1 { self.t.reuse.day } else { self.t.reuse.days }
    }
}

/// The page on which the person chooses a bank.
#[must_use]
pub fn choose(page: &Choose, chrome: &Chrome<'_>) -> Html {
    let t = chrome.language.texts();
    let (lang, nonce, csrf) = (chrome.language.tag(), chrome.nonce, chrome.csrf);
    let title = t.choose_title;
    finish(&ChoosePage { t, lang, nonce, csrf, refresh: None, title, page }, chrome)
}

/// The page that waits.
#[must_use]
pub fn waiting(page: &Waiting, chrome: &Chrome<'_>) -> Html {
    let t = chrome.language.texts();
    let (lang, nonce) = (chrome.language.tag(), chrome.nonce);
    finish(
        &WaitingPage {
            t,
            lang,
            nonce,
            refresh: Some(Refresh { after_s: 2, url: &page.href }),
            title: t.waiting_title,
            page,
        },
        chrome,
    )
}

/// A page that says one thing.
#[must_use]
pub fn notice(page: &Notice, chrome: &Chrome<'_>) -> Html {
    let t = chrome.language.texts();
    let (lang, nonce, csrf) = (chrome.language.tag(), chrome.nonce, chrome.csrf);
    let (title, sentence) = t.notices[page.kind as usize];
    let refresh = page.onward.as_deref().map(|url| Refresh {
        after_s: if page.kind == NoticeKind::StillReading { 10 } else { 0 },
        url,
    });
    finish(&NoticePage { t, lang, nonce, csrf, refresh, title, sentence, page }, chrome)
}

fn finish(page: &impl Template, chrome: &Chrome<'_>) -> Html {
    let body = page.render().expect("templates write into memory");
    let targets = chrome.form_targets.iter().map(String::as_str).filter(|text| is_origin(text));
    let targets: Vec<&str> = std::iter::once("'self'").chain(targets).collect();
    let policy = format!(
        "default-src 'none'; img-src data:; style-src 'nonce-{}'; form-action {}; \
         frame-ancestors 'none'; base-uri 'none'",
        chrome.nonce,
        targets.join(" ")
    );
    let fixed = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ("content-language", chrome.language.tag()),
    ];
    let mut headers = vec![("content-security-policy", policy)];
    headers.extend(fixed.map(|(name, value)| (name, value.to_owned())));
    Html { body, headers }
}

/// Only scheme, host and port may stand in the policy: a `;` would begin a directive of its own.
/// Addresses in brackets are left out, as the policy's grammar knows none.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some((host, port)) = rest.map(|rest| rest.split_once(':').unwrap_or((rest, "443"))) else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    !host.is_empty()
        && host.chars().all(plain)
        && (1..=5).contains(&port.len())
        && port.chars().all(|c| c.is_ascii_digit())
}
