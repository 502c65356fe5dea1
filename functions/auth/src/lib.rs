//! Pentadata's `POST /persons/{id}/auth`: answers whether this person is who the tenant says, or
//! starts finding out. Calling it again is always safe: the answer is derived from what is stored.

use cloud::Entered;
use model::claim::Claim;
use model::contact::ExternalUser;
use model::person::{Answer, Known, Question};
use model::request::{Asked, SessionRequest};
use model::session::{Door, LIFETIME_MAX};
use runtime::{App, Function, Problem, Reading as _, Request, Response, json, store_problem};
use wire::{NewSession, pentadata};

/// The function.
pub const FUNCTION: Function = Function::Http(|app, request| Box::pin(handle(app, request)));

/// How often a call that met another call for the same person reads again.
const TRIES_MAX: u32 = 4;

/// Answers 0, 1, 2 with a link, or 3.
///
/// # Errors
/// A [`Problem`]; unknown and foreign ids answer alike.
pub async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let entered = app.authorize(&request).await?;
    let person = request.path_id("id")?;
    let claim = pentadata::claim(&request.json()?)?;
    for _ in 0..TRIES_MAX {
        let known = app.table.known(&entered, person).await.map_err(store_problem)?;
        let known = known.ok_or_else(Problem::not_found)?;
        if let Some((answer, url)) = answer(app, &entered, &known, &claim).await? {
            let policy = &entered.tenant.policy.matching;
            return Ok(json(200, &pentadata::answer(&answer, policy, url.as_deref())));
        }
    }
    Err(Problem::unavailable("auth: other calls for this person kept winning"))
}

/// The answer with its link; `None` where another call started a session meanwhile.
async fn answer(
    app: &App,
    entered: &Entered,
    known: &Known,
    claim: &Claim,
) -> Result<Option<(Answer, Option<String>)>, Problem> {
    let claim_hash = cloud::hex(&entered.keys.mac("claims", claim.fingerprint_text().as_bytes()));
    let policy = &entered.tenant.policy;
    let question = Question { claim, claim_hash: &claim_hash, policy, now: app.now() };
    let answer = known.authenticate(&question);
    let session = match &answer {
        Answer::Waiting { session, .. } => Some(*session),
        Answer::Start { .. } => {
            let person = &known.person;
            let asked = session_for(entered, known, claim);
            let who = Some((person.id, person.subject));
            let transition = app.open(entered, asked, Door::Pentadata, who).await?;
            match app.table.create_person_session(entered, person, &transition).await {
                Ok(_) => Some(transition.session.id),
                Err(error) if error.is_conflict() => return Ok(None),
                Err(error) => return Err(store_problem(error)),
            }
        }
        Answer::Verified(_) | Answer::Wrong(_) | Answer::InProgress { .. } => None,
    };
    Ok(Some((answer, session.map(|session| app.link(entered, session)))))
}

fn session_for(entered: &Entered, known: &Known, claim: &Claim) -> NewSession {
    let email = known.person.details.expose().email.clone();
    NewSession {
        asked: Asked::Ownership,
        market: entered.tenant.policy.market.clone(),
        locale: None,
        lifetime: LIFETIME_MAX,
        request: SessionRequest {
            external_user: ExternalUser { email: Some(email), ..ExternalUser::default() },
            claim: Some(claim.clone()),
            ..SessionRequest::default()
        },
    }
}
