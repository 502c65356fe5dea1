//! The receipt of an erasure: a JWS that the tenant keeps and anybody may check against the JWKS.

use cloud::Entered;
use jiff::Timestamp;
use model::ids::{SubjectId, TenantId};
use serde::Serialize;
use wire::Problem;

use crate::app::App;

/// Tells a receipt from an access token, so that neither passes for the other (RFC 8725, 3.11).
const TYPE: &str = "erasure-receipt+jwt";

#[derive(Serialize)]
struct Claims {
    iss: String,
    /// Whose data were erased.
    sub: SubjectId,
    /// Who had asked for them.
    tenant: TenantId,
    /// When nothing was left.
    iat: i64,
}

impl App {
    /// Says under our signature that nothing is left of a subject.
    ///
    /// # Errors
    /// A [`Problem`] when the signing key cannot be had.
    pub async fn erasure_receipt(
        &self,
        entered: &Entered,
        subject: SubjectId,
        erased_at: Timestamp,
    ) -> Result<String, Problem> {
        let claims = Claims {
            iss: self.config.public_url.to_string(),
            sub: subject,
            tenant: entered.scope.tenant(),
            iat: erased_at.as_second(),
        };
        self.sign(TYPE, &claims).await
    }
}
