//! The decision with reasons: ours, also inside Pentadata's answer.

use model::decision::{Decision, FieldResult};
use serde_json::{Map, Value, json};

/// Renders a decision. It holds no name, address or number.
#[must_use]
pub fn render(decision: &Decision) -> Value {
    let mut fields = Map::new();
    for (name, result) in [
        ("name", decision.name),
        ("address", decision.address),
        ("birth_date", decision.birth_date),
        ("account", decision.account),
    ] {
        fields.insert(name.to_owned(), field(result));
    }
    json!({
        "fields": fields,
        "rules": decision.rules,
        "vop_code": decision.vop_code,
        "explanation": decision.explanation,
        "verified_at": format!("{:.3}", decision.verified_at),
        "basis": {
            "session_id": decision.basis.session,
            "bank_id": decision.basis.bank,
            "fetched_at": format!("{:.3}", decision.basis.fetched_at),
        },
        "matcher": decision.matcher,
    })
}

fn field(result: FieldResult) -> Value {
    json!({ "result": result.agreement.as_str(), "score": result.score })
}
