//! Where things stand: a waiting page, or a notice with the ways on.

use model::ids::BankId;
use model::session::{CancelledAt, FailureReason, State, Status};
use pages::{Notice, NoticeKind, Waiting, Way};
use runtime::{Around, Response, redirect};

use crate::Visitor;

/// How long a page promises a moment, before it says that the bank takes longer.
const PATIENCE_S: i64 = 60;

impl Visitor<'_> {
    /// The page for a session that is past choosing a bank; others are sent to the link itself.
    pub(crate) fn stand(&self) -> Response {
        let again = Way::StartAgain(format!("{}/again", self.base));
        let request = self.session.request.expose();
        let back = |url: &Option<model::callback_url::CallbackUrl>| {
            let to = |url: &model::callback_url::CallbackUrl| url.as_url().to_string();
            url.as_ref().map(|url| Way::Back(to(url), self.entered.tenant.name.clone()))
        };
        let failed = |kind| Notice {
            ways: std::iter::once(again.clone()).chain(back(&request.error_url)).collect(),
            ..Notice::of(kind)
        };
        let page = match (self.session.status(self.app.now()), &self.session.state) {
            (Status::Expired, _) => Notice {
                ways: back(&request.error_url).into_iter().collect(),
                ..Notice::of(NoticeKind::Expired)
            },
            (_, State::Processing { bank, since, .. }) => {
                if self.app.now().duration_since(*since).as_secs() < PATIENCE_S {
                    return self.waiting(bank);
                }
                let wait = format!("{}/wait", self.base);
                Notice {
                    ways: vec![Way::Look(wait.clone())],
                    onward: Some(wait),
                    ..Notice::of(NoticeKind::StillReading)
                }
            }
            (_, State::Complete(_)) => Notice {
                ways: back(&request.success_url).into_iter().collect(),
                onward: request.success_url.as_ref().map(|url| url.as_url().to_string()),
                ..Notice::of(NoticeKind::Done)
            },
            (_, State::Failed { reason, .. }) => failed(match reason {
                FailureReason::NeedsNewLogin => NoticeKind::NeedsNewLogin,
                FailureReason::BankUnavailable => NoticeKind::BankUnavailable,
                FailureReason::BankRefused => NoticeKind::BankRefused,
                FailureReason::BankAnswerUnreadable => NoticeKind::BankUnreadable,
            }),
            (_, State::Cancelled { place: CancelledAt::Link, .. }) => failed(NoticeKind::Cancelled),
            (_, State::Cancelled { place: CancelledAt::Bank, .. }) => failed(NoticeKind::Denied),
            (_, State::Open | State::Started | State::AtBank { .. } | State::Expired { .. }) => {
                return redirect(&self.base, &[]);
            }
        };
        self.notice(200, page)
    }

    fn waiting(&self, bank: &BankId) -> Response {
        let known = self.app.banks.bank(bank);
        let page = Waiting {
            tenant: self.entered.tenant.name.clone(),
            bank: known.map_or_else(|| bank.to_string(), |bank| bank.name.clone()),
            href: format!("{}/wait", self.base),
        };
        let around = Around { language: self.language, csrf: "", form_targets: &[] };
        self.app.page(200, &self.marked, &around, |chrome| pages::waiting(&page, chrome))
    }
}
