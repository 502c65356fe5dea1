//! A tenant, its credentials and its policy.

use jiff::Timestamp;
pub use matching::{CloseMatch, Disclosure, MustAgree, Policy as MatchingPolicy, Thresholds};
use serde::{Deserialize, Serialize};

use crate::callback_url::Origin;
use crate::contact::EmailAddress;
use crate::ids::TenantId;
use crate::locale::Market;
use crate::private::{Pii, inside_seal};
use crate::request::Scope;

/// The business that asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name, shown to the person.
    pub name: String,
    /// Whether it may use real banks.
    pub mode: Mode,
    /// Who logs in through the Pentadata contract.
    #[serde(with = "inside_seal")]
    pub email: Pii<EmailAddress>,
    /// What it may log in with.
    pub credentials: Vec<Credential>,
    /// Where browsers may be sent.
    pub origins: Vec<Origin>,
    /// Its choices.
    pub policy: Policy,
    /// Raised to revoke every token at once.
    pub epoch: u32,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Live or test, also visible in the API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Real banks.
    Live,
    /// Sandbox banks.
    Test,
}

/// A client id and the HMAC of its secret. The secret is also the API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Public.
    pub client_id: String,
    /// HMAC-SHA256 of the secret under a key of the tenant, in lower-case hex.
    pub secret_hmac: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What a tenant may choose. The defaults are the safe ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What a comparison is worth, and what is told of it.
    #[serde(flatten)]
    pub matching: MatchingPolicy,
    /// Whether evidence answers again without a bank login, and for how long.
    pub reuse: Reuse,
    /// What to answer when a bank states no name.
    pub name_not_provided: NameNotProvided,
    /// The market of sessions that name none.
    pub market: Market,
    /// The scopes of Didit sessions that name none.
    pub scopes: Vec<Scope>,
    /// How many requests a minute it may make.
    #[serde(default)]
    pub limits: Limits,
}

/// How many requests a minute a tenant may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests that create something.
    pub create: u32,
    /// Requests about one thing, for each thing.
    pub poll: u32,
    /// All others.
    pub other: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { create: 600, poll: 100, other: 300 }
    }
}

impl Policy {
    /// The defaults, for a market.
    #[must_use]
    pub fn for_market(market: Market) -> Self {
        Self {
            matching: MatchingPolicy::default(),
            reuse: Reuse::UpTo { age_days_max: 90 },
            name_not_provided: NameNotProvided::AskAnotherBank,
            market,
            scopes: vec![Scope::Names],
            limits: Limits::default(),
        }
    }
}

/// Reuse of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reuse {
    /// Evidence of other sessions never answers.
    Off,
    /// Evidence answers until it is this old.
    UpTo {
        /// Days.
        age_days_max: u16,
    },
}

/// What to answer when a bank states no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameNotProvided {
    /// Offer a fresh bank login (Pentadata: 2).
    AskAnotherBank,
    /// Stay undecided, with the reason (Pentadata: 3).
    StayUndecided,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored() -> serde_json::Value {
        json!({
            "close_match": "verifies", "reuse": { "up_to": { "age_days_max": 90 } },
            "name_not_provided": "ask_another_bank", "market": "DE", "scopes": ["names"],
        })
    }

    #[test]
    fn a_policy_of_before_is_read_with_the_safe_defaults() {
        let policy: Policy = serde_json::from_value(stored()).expect("a policy");
        let close_match = CloseMatch::Verifies;
        assert_eq!(policy.matching, MatchingPolicy { close_match, ..MatchingPolicy::default() });
        let again = serde_json::to_value(&policy).expect("a policy is written");
        assert_eq!(serde_json::from_value::<Policy>(again).expect("and read"), policy);
    }

    #[test]
    fn thresholds_out_of_range_are_not_read() {
        let mut policy = stored();
        policy["thresholds"] = json!({ "match_min": 50, "close_min": 40 });
        assert!(serde_json::from_value::<Policy>(policy).is_err());
    }
}
