//! The decision with reasons: ours, also inside Pentadata's answer and Ivy's session.

use model::decision::{Agreement, Decision, FieldResult, Verdict};
use model::tenant::MatchingPolicy;
use schemars::JsonSchema;
use serde::Serialize;

use crate::shape::{BankIdText, Moment, UuidText};

/// A claim held against what a bank said. It holds no address and no number, and the holder's name
/// only where the tenant's policy discloses it and the person was told so.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Decision")]
pub struct DecisionShape<'a> {
    /// What it is worth under the tenant's policy of today.
    verdict: VerdictShape,
    /// Field by field.
    fields: Fields,
    /// The rules of matching that fired for the name.
    rules: &'a [String],
    /// EPC Verification of Payee: MTCH, CMTC, NMTC or NOAP.
    vop_code: &'a str,
    /// One sentence for a support agent.
    explanation: &'a str,
    /// The holder's name at the bank, where it is disclosed.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder_name: Option<&'a str>,
    /// When the claim was compared.
    #[schemars(with = "Moment")]
    verified_at: String,
    /// What the decision rests on.
    basis: Basis<'a>,
    /// The version of the matcher.
    matcher: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum VerdictShape {
    /// The person is who the tenant says.
    Verified,
    /// The bank names somebody else.
    Wrong,
    /// The bank names nobody.
    Undecided,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Fields {
    name: Field,
    address: Field,
    birth_date: Field,
    account: Field,
}

/// How one field compares.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DecisionField")]
struct Field {
    /// In one word.
    result: ResultShape,
    /// 0 to 100, where there was something to compare.
    #[schemars(range(min = 0, max = 100))]
    score: Option<u8>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum ResultShape {
    Match,
    Partial,
    Mismatch,
    NotProvided,
    NotClaimed,
}

/// On which session and bank a decision rests.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DecisionBasis")]
struct Basis<'a> {
    /// The session in which the person logged in.
    #[schemars(with = "UuidText")]
    session_id: String,
    /// The bank.
    #[schemars(with = "BankIdText")]
    bank_id: &'a str,
    /// When the bank answered.
    #[schemars(with = "Moment")]
    fetched_at: String,
}

/// Renders a decision for a tenant of this policy.
#[must_use]
pub fn shape<'a>(decision: &'a Decision, policy: &MatchingPolicy) -> DecisionShape<'a> {
    DecisionShape {
        verdict: match decision.verdict(policy) {
            Verdict::Verified => VerdictShape::Verified,
            Verdict::Wrong => VerdictShape::Wrong,
            Verdict::Undecided => VerdictShape::Undecided,
        },
        fields: Fields {
            name: field(decision.name),
            address: field(decision.address),
            birth_date: field(decision.birth_date),
            account: field(decision.account),
        },
        rules: &decision.rules,
        vop_code: &decision.vop_code,
        explanation: &decision.explanation,
        holder_name: decision.disclosed(policy),
        verified_at: format!("{:.3}", decision.verified_at),
        basis: Basis {
            session_id: decision.basis.session.to_string(),
            bank_id: decision.basis.bank.as_str(),
            fetched_at: format!("{:.3}", decision.basis.fetched_at),
        },
        matcher: &decision.matcher,
    }
}

fn field(result: FieldResult) -> Field {
    let word = match result.agreement {
        Agreement::Match => ResultShape::Match,
        Agreement::Partial => ResultShape::Partial,
        Agreement::Mismatch => ResultShape::Mismatch,
        Agreement::NotProvided => ResultShape::NotProvided,
        Agreement::NotClaimed => ResultShape::NotClaimed,
    };
    Field { result: word, score: result.score }
}
