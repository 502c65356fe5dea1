//! The person leaves for a bank.

use banks::{BankErrorKind, Start};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud::StateToken;
use model::ids::BankId;
use model::private::Secret;
use model::request::Asked;
use model::transition::{Command, apply};
use model::visit::Visit;
use pages::{Notice, NoticeKind, Way};
use runtime::{Problem, Reading as _, Request, Response, redirect};

use crate::Visitor;

impl Visitor<'_> {
    /// Starts the consent at the bank only now: what banks hand out here lives about a minute.
    pub(crate) async fn leave(
        self,
        form: &[(String, String)],
        request: &Request,
    ) -> Result<Response, Problem> {
        let chosen = form.iter().find(|(name, _)| name == "bank");
        let bank = chosen.and_then(|(_, value)| value.parse::<BankId>().ok());
        let connector = bank.as_ref().and_then(|bank| self.app.banks.connector(bank));
        let (Some(bank), Some(connector)) = (bank, connector) else {
            return Ok(redirect(&self.base, &[]));
        };
        if !self.session.status(self.app.now()).is_before_return() {
            return Ok(self.stand());
        }
        let state =
            StateToken::new(self.entered.scope.tenant(), self.session.id, self.app.random());
        let redirect_uri = self.app.config.public(&format!("callback/{bank}"));
        let browser = request.browser();
        let approved = approved(&self.session.asked, form);
        let start = Start {
            state: state.text().expose(),
            verifier: Secret::new(URL_SAFE_NO_PAD.encode(self.app.random::<32>())),
            redirect_uri: &redirect_uri,
            browser: &browser,
            reading: approved.reading(),
            now: self.app.now(),
        };
        let started = match connector.start(&start).await {
            Ok(started) => started,
            Err(error) => {
                tracing::warn!(bank.id = %bank, error = %error, "visit not started");
                let ways = vec![Way::StartAgain(format!("{}/again", self.base))];
                let kind = match error.kind() {
                    BankErrorKind::Refused => NoticeKind::BankRefused,
                    _ => NoticeKind::BankUnavailable,
                };
                return Ok(self.notice(200, Notice { ways, ..Notice::of(kind) }));
            }
        };
        let visit = Visit {
            state_hash: state.hash(),
            cookie_hash: self.marked.hash(),
            memory: started.memory,
            browser: Secret::new(browser),
            started_at: self.app.now(),
        };
        let command = Command::Leave { bank, approved, visit };
        let Ok(change) = apply(&self.session, command, self.app.now()) else {
            return Ok(self.stand());
        };
        self.app.commit(&self.entered, &change).await?;
        Ok(redirect(started.redirect_url.as_str(), &[]))
    }
}

/// What of the asked the person left ticked. Permissions of the other contracts are all or nothing.
pub(crate) fn approved(asked: &Asked, form: &[(String, String)]) -> Asked {
    let ticked = |name: &str| form.iter().any(|(n, value)| n == "scope" && value == name);
    match asked {
        Asked::Scopes(scopes) => {
            Asked::Scopes(scopes.iter().copied().filter(|scope| ticked(scope.as_str())).collect())
        }
        other => other.clone(),
    }
}
