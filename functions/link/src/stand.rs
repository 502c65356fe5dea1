//! Where things stand: a waiting page, or a notice with the ways on.

use model::session::{CancelledAt, FailureReason, State, Status};
use pages::{Notice, NoticeKind, Waiting, Way};
use runtime::{Around, Response, redirect};

use crate::Visitor;

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
            (_, State::Processing { .. }) => return self.waiting(),
            (_, State::Complete(_)) => Notice {
                ways: back(&request.success_url).into_iter().collect(),
                onward: request.success_url.as_ref().map(|url| url.as_url().to_string()),
                ..Notice::of(NoticeKind::Done)
            },
            (_, State::Failed { reason, .. }) => failed(match reason {
                FailureReason::NeedsNewLogin => NoticeKind::NeedsNewLogin,
                FailureReason::BankUnavailable | FailureReason::BankRefused => {
                    NoticeKind::BankUnavailable
                }
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

    fn waiting(&self) -> Response {
        let page = Waiting { href: format!("{}/wait", self.base) };
        let around = Around { language: self.language, csrf: "", form_targets: &[] };
        self.app.page(200, &self.marked, &around, |chrome| pages::waiting(&page, chrome))
    }
}
