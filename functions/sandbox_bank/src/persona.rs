//! The sandbox bank's customers: fictitious, deterministic, from `data/personas.json`, and one for
//! each rule of matching from `data/rules.json`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

static PERSONAS: LazyLock<Vec<Persona>> = LazyLock::new(|| {
    let files = [include_str!("../data/personas.json"), include_str!("../data/rules.json")];
    let read = |file| -> Vec<Persona> {
        serde_json::from_str(file).expect("the data files are checked by a test")
    };
    files.into_iter().flat_map(read).collect()
});

/// A customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Persona {
    /// What is typed at the login.
    pub user: String,
    /// The naming culture the persona stands for.
    pub culture: String,
    /// The holder names, as the bank writes them; one for each account, or one for all.
    pub holders: Vec<String>,
    /// `PRIV` or `ORGA`.
    pub usage: String,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The extension: date of birth.
    pub birth_date: Option<String>,
    /// The extension: address.
    pub address: Option<Address>,
    /// The extension: e-mail.
    pub email: Option<String>,
    /// The extension: phone.
    pub phone: Option<String>,
    /// What the persona is good for.
    pub note: Option<String>,
    /// The rule of matching that the persona shows, such as `R12`.
    pub rule: Option<String>,
    /// Names to claim, to see what they give; `docs/personas.md` says what that is.
    pub claims: Vec<String>,
}

/// An account.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// What it is called.
    pub name: String,
    /// ISO 20022 cash account type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Fictitious, with a valid checksum.
    pub iban: String,
    /// ISO 4217.
    pub currency: String,
}

/// An address in the words of ISO 20022.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members are ISO 20022's own")]
pub struct Address {
    pub street_name: String,
    pub building_number: String,
    pub town_name: String,
    pub post_code: String,
    pub country: String,
}

/// How a login misbehaves, by its user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The customer refuses.
    Denied,
    /// The account list takes its time.
    Slow {
        /// Seconds.
        seconds: u64,
    },
    /// The account list always fails.
    Error500,
    /// The account list is refused twice, then given.
    TooManyThenOk,
    /// The first reading of balances fails, after the account list was given.
    BalancesFailOnce,
    /// The code is dead when it is issued.
    CodeExpired,
    /// The bank states no owner name.
    NoName,
    /// The account list ends half-way.
    HalfAnswer,
    /// The redirect names another issuer.
    WrongIssuer,
    /// The customer is never sent back.
    NeverReturns,
}

/// The slowest a bank gets: below the product's own time-out.
const SLOW_S_MAX: u64 = 5;

impl Trigger {
    /// Every trigger with what it does, for the login page.
    pub const NAMES: [(&'static str, &'static str); 10] = [
        ("user_denied", "refuses consent"),
        ("user_slow_3", "the bank answers after 3 seconds"),
        ("user_error_500", "the bank fails"),
        ("user_429_then_ok", "the bank is busy twice, then answers"),
        ("user_balances_fail_once", "the bank fails at the balances once"),
        ("user_code_expired", "the code has expired"),
        ("user_no_name", "the bank states no owner name"),
        ("user_half_answer", "the answer ends half-way"),
        ("user_wrong_issuer", "the answer names another issuer"),
        ("user_never_returns", "nobody is sent back"),
    ];

    /// The trigger that a user name asks for.
    #[must_use]
    pub fn of(user: &str) -> Option<Self> {
        Some(match user {
            "user_denied" => Self::Denied,
            "user_error_500" => Self::Error500,
            "user_429_then_ok" => Self::TooManyThenOk,
            "user_balances_fail_once" => Self::BalancesFailOnce,
            "user_code_expired" => Self::CodeExpired,
            "user_no_name" => Self::NoName,
            "user_half_answer" => Self::HalfAnswer,
            "user_wrong_issuer" => Self::WrongIssuer,
            "user_never_returns" => Self::NeverReturns,
            slow => {
                let seconds: u64 = slow.strip_prefix("user_slow_")?.parse().ok()?;
                Self::Slow { seconds: seconds.min(SLOW_S_MAX) }
            }
        })
    }
}

/// All customers.
#[must_use]
pub fn all() -> &'static [Persona] {
    &PERSONAS
}

/// The customer who logs in as `user`; a trigger logs in as the first one.
#[must_use]
pub fn find(user: &str) -> Option<&'static Persona> {
    if Trigger::of(user).is_some() {
        return PERSONAS.first();
    }
    PERSONAS.iter().find(|persona| persona.user == user)
}
