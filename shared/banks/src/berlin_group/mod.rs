//! Berlin Group NextGenPSD2 XS2A 1.3.x, account information, redirect with OAuth2 and PKCE.
//! Source: XS2A Framework Implementation Guidelines 1.3.16 (CC BY 4.0); RFC 6749, 7636, 8414, 9207.

pub(crate) mod messages;
pub(crate) mod statement;

use async_trait::async_trait;
use http::Request;
use model::evidence::{Account, BankIdentity};
use model::private::Secret;
use model::statement::{Balance, Booking, Extent};
use model::visit::{Callback, Grant, Visit};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::connector::{
    BankError, BankErrorKind, Capabilities, Completed, Connector, Fetched, Start, Started, Wanted,
};
use outbound::{Answer, Outbound, OutboundError};

/// One bank that speaks the dialect.
pub(crate) struct BerlinGroup {
    name: String,
    base: Url,
    outbound: Outbound,
}

/// What is remembered between leaving and returning.
#[derive(Serialize, Deserialize)]
struct VisitMemory {
    consent_id: String,
    verifier: String,
    issuer: String,
    token_endpoint: Url,
    redirect_uri: Url,
}

/// What is remembered to read the bank.
#[derive(Serialize, Deserialize)]
struct GrantMemory {
    consent_id: String,
    access_token: String,
}

impl BerlinGroup {
    pub(crate) fn new(name: String, base: Url, outbound: Outbound) -> Self {
        Self { name, base, outbound }
    }

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Answer, BankError> {
        let answer = self.outbound.send(request).await.map_err(|error| {
            let kind = match error {
                OutboundError::Forbidden => BankErrorKind::Refused,
                OutboundError::NotDelivered => BankErrorKind::NotDelivered,
                OutboundError::Lost | OutboundError::TimedOut => BankErrorKind::Uncertain,
                OutboundError::TooLarge => BankErrorKind::Unreadable,
            };
            BankError::new(kind, error.to_string())
        })?;
        messages::check_status(answer)
    }

    /// Balances and bookings of the accounts, all accounts at once: one slow account costs its own
    /// time and not that of all.
    async fn with_statement(
        &self,
        identity: BankIdentity,
        access: &messages::Access<'_>,
        wanted: &Wanted,
    ) -> Result<Fetched, BankError> {
        let (balances, bookings) = (Vec::new(), Vec::new());
        let mut fetched = Fetched { identity, balances, bookings, extent: Extent::Whole };
        if !wanted.reading.balances && !wanted.reading.transactions {
            return Ok(fetched);
        }
        let named = |account: &&Account| !account.resource_id.is_empty();
        let accounts: Vec<&Account> = fetched.identity.accounts.iter().filter(named).collect();
        let read = accounts.iter().take(statement::ACCOUNTS_MAX);
        let read = read.map(|account| self.account(&account.resource_id, access, wanted));
        let read = futures_util::future::try_join_all(read).await?;
        if accounts.len() > statement::ACCOUNTS_MAX {
            fetched.extent = Extent::Cut;
        }
        for (balances, bookings, extent) in read {
            fetched.balances.extend(balances);
            fetched.bookings.extend(bookings);
            if extent == Extent::Cut {
                fetched.extent = Extent::Cut;
            }
        }
        Ok(fetched)
    }

    /// One account, page by page.
    async fn account(
        &self,
        account: &str,
        access: &messages::Access<'_>,
        wanted: &Wanted,
    ) -> Result<(Vec<Balance>, Vec<Booking>, Extent), BankError> {
        let (mut balances, mut bookings) = (Vec::new(), Vec::new());
        if wanted.reading.balances {
            let url = statement::balances_url(&self.base, account)?;
            let answer = self.send(messages::read_of(&url, access)).await?;
            balances = statement::read_balances(&answer, account)?;
        }
        if !wanted.reading.transactions {
            return Ok((balances, bookings, Extent::Whole));
        }
        let mut next = Some(statement::transactions_url(&self.base, account, wanted.since)?);
        for _ in 0..statement::PAGES_MAX {
            let Some(url) = next else { break };
            let answer = self.send(messages::read_of(&url, access)).await?;
            let page = statement::read_transactions(&answer, account, bookings.len())?;
            bookings.extend(page.bookings);
            next = page.next.map(|href| self.own_link(&href)).transpose()?;
        }
        Ok((balances, bookings, if next.is_some() { Extent::Cut } else { Extent::Whole }))
    }

    /// A link from the bank's own answer must lead to the bank.
    fn own_link(&self, href: &str) -> Result<Url, BankError> {
        let url = self.base.join(href).ok().filter(|url| url.origin() == self.base.origin());
        url.ok_or_else(|| messages::unreadable("a link leads away from the bank"))
    }
}

#[async_trait]
impl Connector for BerlinGroup {
    fn capabilities(&self) -> Capabilities {
        Capabilities { names: true, birth_date: true, address: true, contact: true }
    }

    fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    async fn start(&self, start: &Start<'_>) -> Result<Started, BankError> {
        let consent = self.send(messages::create_consent(&self.base, start)).await?;
        let consent = messages::read_consent(&consent)?;
        let metadata = self.own_link(&consent.oauth_metadata)?;
        let metadata = self.send(messages::get(&metadata, start.browser)).await?;
        let metadata = messages::read_metadata(&metadata)?;
        let authorize = self.own_link(&metadata.authorization_endpoint)?;
        let token_endpoint = self.own_link(&metadata.token_endpoint)?;
        let redirect_url = messages::authorize_url(authorize, &consent.id, start);
        let memory = VisitMemory {
            consent_id: consent.id,
            verifier: start.verifier.expose().clone(),
            issuer: metadata.issuer,
            token_endpoint,
            redirect_uri: start.redirect_uri.clone(),
        };
        Ok(Started { redirect_url, memory: remember(&memory) })
    }

    async fn complete(&self, visit: &Visit, callback: &Callback) -> Result<Completed, BankError> {
        let memory: VisitMemory = recall(&visit.memory)?;
        if callback.get("iss").is_some_and(|issuer| issuer != memory.issuer) {
            return Ok(Completed::NeedsNewLogin("the answer names another issuer"));
        }
        let Some(code) = callback.get("code") else {
            return Ok(Completed::NeedsNewLogin("the answer carries no code"));
        };
        let browser = visit.browser.expose();
        let exchange = messages::exchange(&memory.token_endpoint, browser, |form| {
            form.append_pair("grant_type", "authorization_code")
                .append_pair("code", code)
                .append_pair("code_verifier", &memory.verifier)
                .append_pair("redirect_uri", memory.redirect_uri.as_str());
        });
        let answer = match self.send(exchange).await {
            Err(error) if error.kind() == BankErrorKind::Refused => {
                return Ok(Completed::NeedsNewLogin("the bank refused the code"));
            }
            answer => answer?,
        };
        let access_token = messages::read_token(&answer)?;
        let memory = GrantMemory { consent_id: memory.consent_id, access_token };
        let browser = visit.browser.clone();
        Ok(Completed::Granted(Grant { memory: remember(&memory), browser }))
    }

    async fn fetch(&self, grant: &Grant, wanted: &Wanted) -> Result<Fetched, BankError> {
        let memory: GrantMemory = recall(&grant.memory)?;
        let access = messages::Access {
            consent_id: &memory.consent_id,
            token: &memory.access_token,
            browser: grant.browser.expose(),
        };
        let accounts = self.send(messages::accounts(&self.base, &access)).await?;
        let identity = messages::read_accounts(&accounts, &self.name)?;
        self.with_statement(identity, &access, wanted).await
    }

    async fn revoke(&self, grant: &Grant) -> Result<(), BankError> {
        let memory: GrantMemory = recall(&grant.memory)?;
        let access = messages::Access {
            consent_id: &memory.consent_id,
            token: &memory.access_token,
            browser: grant.browser.expose(),
        };
        self.send(messages::delete_consent(&self.base, &access)).await.map(|_| ())
    }
}

fn remember<T: Serialize>(memory: &T) -> Secret<String> {
    Secret::new(serde_json::to_string(memory).expect("text and URLs serialize"))
}

fn recall<T: for<'de> Deserialize<'de>>(memory: &Secret<String>) -> Result<T, BankError> {
    serde_json::from_str(memory.expose())
        .map_err(|_| messages::unreadable("the notes of another version"))
}
