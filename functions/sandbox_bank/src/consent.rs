//! Consents.

use runtime::{Problem, Reading as _, Request, Response, empty, json, store_problem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as object};

use crate::{Sandbox, refuse};

/// A consent as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Consent {
    pub(crate) status: Status,
    pub(crate) redirect_uri: String,
    /// What it was asked for, in the dialect's own words.
    pub(crate) access: Value,
}

impl Consent {
    /// Whether it is for `what`: a member of `access`.
    pub(crate) fn is_for(&self, what: &str) -> bool {
        self.access.get(what).is_some_and(Value::is_array)
    }

    /// Whether the names of the holders may be stated.
    pub(crate) fn names_holders(&self) -> bool {
        self.access["additionalInformation"]["ownerName"].is_array()
    }
}

/// The dialect's names of a consent's states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Status {
    Received,
    Rejected,
    Valid,
    TerminatedByTpp,
}

/// The five members that a consent request must have.
const REQUIRED: [&str; 5] =
    ["access", "recurringIndicator", "validUntil", "frequencyPerDay", "combinedServiceIndicator"];

pub(crate) fn key(id: &str) -> String {
    format!("consent:{id}")
}

/// `POST /v1/consents`
pub(crate) async fn create(
    sandbox: &Sandbox,
    bank: &str,
    request: &Request,
) -> Result<Response, Problem> {
    if request.header("psu-ip-address").is_none() {
        return Ok(refuse(400, "FORMAT_ERROR", "PSU-IP-Address is missing"));
    }
    let Some(redirect_uri) = request.header("tpp-redirect-uri") else {
        return Ok(refuse(400, "FORMAT_ERROR", "TPP-Redirect-URI is missing"));
    };
    let body: Value = serde_json::from_slice(request.bytes()).unwrap_or_default();
    if let Some(missing) = REQUIRED.iter().find(|name| body.get(*name).is_none()) {
        return Ok(refuse(400, "FORMAT_ERROR", &format!("{missing} is missing")));
    }
    let access = body["access"].clone();
    if !access["accounts"].is_array() {
        return Ok(refuse(400, "FORMAT_ERROR", "access.accounts is missing"));
    }
    let id = sandbox.secret();
    let redirect_uri = redirect_uri.to_owned();
    let consent = Consent { status: Status::Received, redirect_uri, access };
    sandbox.write(&key(&id), &consent, None).await.map_err(store_problem)?;
    let issuer = sandbox.issuer(bank);
    let answer = object!({
        "consentStatus": consent.status,
        "consentId": id,
        "_links": {
            "scaOAuth": { "href": format!("{issuer}/.well-known/oauth-authorization-server") },
            "self": { "href": format!("{issuer}/v1/consents/{id}") },
            "status": { "href": format!("{issuer}/v1/consents/{id}/status") },
        },
    });
    let mut response = json(201, &answer);
    let approach = http::HeaderValue::from_static("REDIRECT");
    response.headers_mut().insert("aspsp-sca-approach", approach);
    Ok(response)
}

/// `GET /v1/consents/{id}/status`
pub(crate) async fn status(sandbox: &Sandbox, id: &str) -> Result<Response, Problem> {
    Ok(match sandbox.read::<Consent>(&key(id)).await? {
        Some((consent, _)) => json(200, &object!({ "consentStatus": consent.status })),
        None => refuse(403, "CONSENT_UNKNOWN", "there is no such consent"),
    })
}

/// `DELETE /v1/consents/{id}`
pub(crate) async fn delete(sandbox: &Sandbox, id: &str) -> Result<Response, Problem> {
    let Some((mut consent, version)) = sandbox.read::<Consent>(&key(id)).await? else {
        return Ok(refuse(403, "CONSENT_UNKNOWN", "there is no such consent"));
    };
    consent.status = Status::TerminatedByTpp;
    sandbox.write(&key(id), &consent, Some(version)).await.map_err(store_problem)?;
    Ok(empty(204))
}
