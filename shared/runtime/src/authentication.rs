//! Who asks: an API key in one of three headers, or a bearer token.

use cloud::{ApiKey, Entered};
use model::tenant::Credential;
use wire::Problem;

use crate::app::App;
use crate::errors::store_problem;
use crate::function::Future;
use crate::http::{Reading as _, Request};
use crate::tokens::TokenUse;

impl App {
    /// Enters the tenant whose credential the request carries, and counts the request.
    ///
    /// # Errors
    /// [`Problem::unauthenticated`], which says what was missing or wrong, or
    /// [`Problem::too_many_requests`].
    pub fn authorize<'a>(&'a self, request: &'a Request) -> Future<'a, Result<Entered, Problem>> {
        // Boxed: nearly every function calls it, and none compiles it again.
        Box::pin(async move {
            let entered = self.identify(request).await?;
            self.count(request, &entered).await?;
            Ok(entered)
        })
    }

    async fn identify(&self, request: &Request) -> Result<Entered, Problem> {
        let key = request.header("x-ivy-api-key").or_else(|| request.header("x-api-key"));
        if let Some(key) = key {
            return self.check_key(key).await.map(|(entered, _)| entered);
        }
        let Some(authorization) = request.header("authorization") else {
            let what = "Send an API key in `X-Ivy-Api-Key` or `X-Api-Key`, or a bearer token in \
                        `Authorization`.";
            return Err(Problem::unauthenticated(what));
        };
        match authorization.split_once(' ') {
            Some((scheme, key)) if is_bearer(scheme) && key.trim().starts_with("cs_") => {
                self.check_key(key.trim()).await.map(|(entered, _)| entered)
            }
            Some((scheme, token)) if is_bearer(scheme) => {
                self.check_token(token.trim(), TokenUse::Access).await.map(|(entered, _)| entered)
            }
            _ => Err(Problem::unauthenticated("Send `Authorization: Bearer` and the token.")),
        }
    }

    /// Checks an API key and gives its credential along. An unknown tenant costs the same work as a
    /// wrong key.
    ///
    /// # Errors
    /// [`Problem::unauthenticated`], which says what is wrong with the key.
    pub async fn check_key(&self, text: &str) -> Result<(Entered, Credential), Problem> {
        let mistyped = "The API key is mistyped or cut off; copy it again.";
        let key = ApiKey::parse(text).ok_or_else(|| Problem::unauthenticated(mistyped))?;
        let entered = self.table.enter(key.tenant()).await.map_err(store_problem)?;
        let found = entered.and_then(|entered| {
            let mut credentials = entered.tenant.credentials.iter();
            let credential =
                credentials.rfind(|c| key.matches(&entered.keys, &c.secret_hmac)).cloned();
            credential.map(|credential| (entered, credential))
        });
        found
            .ok_or_else(|| Problem::unauthenticated("The API key is not known; it may be revoked."))
    }
}

fn is_bearer(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer")
}
