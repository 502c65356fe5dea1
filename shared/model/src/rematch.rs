//! Deciding a stored session again with the matcher of today, in shadow: nothing is changed by it.

use crate::decision::Decision;
use crate::session::Session;

/// A decision as it was made, and as it would be made today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rematch {
    /// As it is stored.
    pub before: Decision,
    /// As the matcher of today decides, under the thresholds of then.
    pub after: Decision,
}

/// What deciding again comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// It was decided again.
    Decided(Box<Rematch>),
    /// Nothing was claimed, or the session is not complete.
    NothingDecided,
    /// The consent was taken back, and the evidence with it.
    Revoked,
}

/// Decides a session again. The thresholds are those of the stored decision, so that what differs
/// comes from the matcher and not from a policy that changed meanwhile.
#[must_use]
pub fn rematch(session: &Session) -> Again {
    let request = session.request.expose();
    let (Some(claim), Some(completion)) = (&request.claim, session.completion()) else {
        return Again::NothingDecided;
    };
    let Some(before) = &completion.decision else {
        return Again::NothingDecided;
    };
    if completion.revoked_at.is_some() {
        return Again::Revoked;
    }
    let policy = matching::Policy { thresholds: before.thresholds, ..matching::Policy::default() };
    let after = Decision::of(claim, completion.evidence.expose(), &policy, before.verified_at);
    Again::Decided(Box::new(Rematch { before: before.clone(), after }))
}

impl Rematch {
    /// Whether a field compares in another way; another score alone counts, another version does not.
    #[must_use]
    pub fn differs(&self) -> bool {
        let fields = |d: &Decision| (d.name, d.address, d.birth_date, d.account);
        fields(&self.before) != fields(&self.after) || self.before.rules != self.after.rules
    }

    /// Whether one field has another outcome.
    #[must_use]
    pub fn differs_in_outcome(&self) -> bool {
        let outcomes = |decision: &Decision| {
            [decision.name, decision.address, decision.birth_date, decision.account]
                .map(|field| field.agreement)
        };
        outcomes(&self.before) != outcomes(&self.after)
    }
}
