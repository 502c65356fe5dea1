//! The page on which the person sees who asks for what, and chooses a bank.

use model::request::{Asked, BankChoice, Permission, Scope};
use model::session::{Session, Status};
use model::tenant::{Disclosure, Reuse};
use model::transition::{Command, apply};
use pages::{Bank, Choice, Choose, DataItem, Notice, NoticeKind, ScopeRow, Way};
use runtime::{Around, Problem, Reading as _, Request, Response, redirect, store_problem};

use crate::Visitor;
use crate::leave::approved;

/// The longest search; no bank is called longer.
const QUERY_CHARS_MAX: usize = 60;

impl Visitor<'_> {
    /// The link itself was opened.
    pub(crate) async fn open(mut self, request: &Request) -> Result<Response, Problem> {
        let status = self.session.status(self.app.now());
        if !status.is_before_return() {
            return Ok(self.ended(status));
        }
        if let Ok(change) = apply(&self.session, Command::OpenLink, self.app.now()) {
            match self.app.commit(&self.entered, &change).await {
                Ok(()) => self.session = change.session,
                // Browsers fetch a page twice now and then: the other request has opened it.
                Err(problem) => self.session = self.read_again().await?.ok_or(problem)?,
            }
        }
        let query = request.query();
        let get = |wanted: &str| {
            query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        Ok(self.choose(get("q"), get("keep")))
    }

    /// The session, if somebody else has moved it on.
    async fn read_again(&self) -> Result<Option<Session>, Problem> {
        let read = self.app.table.session(&self.entered, self.session.id).await;
        let read = read.map_err(store_problem)?;
        Ok(read.filter(|session| session.version != self.session.version))
    }

    /// The form searched: back to the page, with what was typed and what was left ticked.
    pub(crate) fn search(&self, form: &[(String, String)]) -> Response {
        let get = |wanted: &str| form.iter().find(|(name, _)| name == wanted);
        let typed = get("q").filter(|_| get("all").is_none()).map_or("", |(_, value)| value);
        let typed: String = typed.chars().take(QUERY_CHARS_MAX).collect();
        let mut url = self.app.config.public(self.base.trim_start_matches('/'));
        let mut query = url.query_pairs_mut();
        query.append_pair("q", &typed);
        if let Asked::Scopes(asked) = approved(&self.session.asked, form) {
            let kept: Vec<&str> = asked.into_iter().map(Scope::as_str).collect();
            query.append_pair("keep", &kept.join(","));
        }
        drop(query);
        redirect(&format!("{}?{}", self.base, url.query().unwrap_or_default()), &[])
    }

    /// A finished session's link says so; only the waiting page leads on by itself.
    fn ended(&self, status: Status) -> Response {
        if status != Status::Complete {
            return self.stand();
        }
        let success = self.session.request.expose().success_url.as_ref();
        let name = || self.entered.tenant.name.clone();
        let back = success.map(|url| Way::Back(url.as_url().to_string(), name()));
        let ways = back.into_iter().collect();
        self.notice(200, Notice { ways, ..Notice::of(NoticeKind::Done) })
    }

    fn choose(&self, query: Option<&str>, keep: Option<&str>) -> Response {
        let request = self.session.request.expose();
        let banks = &self.app.banks;
        let market = self.session.market.as_str();
        let known = request.bank.as_ref().and_then(|id| banks.bank(id));
        let settled = request.bank_choice == BankChoice::Fixed && known.is_some();
        let found = match known {
            // The tenant's bank comes first only until the person looks for another one.
            Some(bank) if settled || query.is_none() => vec![bank],
            _ => banks.search(query.unwrap_or_default(), Some(market)),
        };
        let bank = |bank: &&banks::Bank| Bank {
            id: bank.id.to_string(),
            name: bank.name.clone(),
            test: bank.test,
        };
        let page = Choose {
            tenant: self.entered.tenant.name.clone(),
            scopes: rows(&self.session, keep),
            reuse_days: match self.entered.tenant.policy.reuse {
                Reuse::Off | Reuse::UpTo { age_days_max: 0 } => None,
                Reuse::UpTo { age_days_max } => Some(age_days_max),
            },
            banks: found.iter().map(bank).collect(),
            query: query.unwrap_or_default().chars().take(QUERY_CHARS_MAX).collect(),
            settled,
            base: self.base.clone(),
        };
        let csrf = self.marked.csrf(&self.entered, self.session.id);
        let mut targets = self.targets();
        targets.extend(banks.origins());
        let around = Around { language: self.language, csrf: &csrf, form_targets: &targets };
        self.app.page(200, &self.marked, &around, |chrome| pages::choose(&page, chrome))
    }
}

/// What is asked for; `keep` names what stays ticked, and without it everything does.
fn rows(session: &Session, keep: Option<&str>) -> Vec<ScopeRow> {
    let comparison = match session.request.expose().disclosure {
        Disclosure::Nothing => DataItem::Comparison,
        Disclosure::OnClose => DataItem::ComparisonAndCloseName,
        Disclosure::Always => DataItem::ComparisonAndName,
    };
    let fixed =
        |name: &str, item| ScopeRow { name: name.to_owned(), item, choice: Choice::Required };
    match &session.asked {
        Asked::Ownership => vec![fixed("comparison", comparison)],
        Asked::Permissions(permissions) => permissions
            .iter()
            .flat_map(|permission| match permission {
                Permission::Identity => vec![
                    fixed("names", DataItem::Name),
                    fixed("birthdate", DataItem::BirthDate),
                    fixed("bank_account", DataItem::BankAccount),
                ],
                Permission::Balances => vec![fixed("balances", DataItem::Balances)],
                Permission::Transactions => vec![fixed("transactions", DataItem::Transactions)],
                Permission::MatchIdentity => {
                    vec![fixed("comparison", comparison), fixed("bank_name", DataItem::BankName)]
                }
            })
            .collect(),
        Asked::Scopes(scopes) => scopes
            .iter()
            .map(|scope| ScopeRow {
                name: scope.as_str().to_owned(),
                item: item(*scope),
                choice: match keep {
                    Some(keep) if !keep.split(',').any(|name| name == scope.as_str()) => {
                        Choice::Unticked
                    }
                    _ => Choice::Ticked,
                },
            })
            .collect(),
    }
}

const fn item(scope: Scope) -> DataItem {
    match scope {
        Scope::Names => DataItem::Name,
        Scope::Email => DataItem::Email,
        Scope::Phone => DataItem::Phone,
        Scope::Birthdate => DataItem::BirthDate,
        Scope::Address => DataItem::Address,
        Scope::BankAccount => DataItem::BankAccount,
        Scope::IsOver18 | Scope::IsOver21 => DataItem::Age,
        Scope::Picture
        | Scope::Pictures
        | Scope::UserId
        | Scope::Gender
        | Scope::DocumentDetail
        | Scope::Preferences
        | Scope::IsVerified => DataItem::Other,
    }
}
