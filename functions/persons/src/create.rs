//! `POST /persons`: the person with this e-mail, made where there is none.

use cloud::Entered;
use jiff::tz::TimeZone;
use model::contact::SubjectKey;
use model::ids::PersonId;
use model::person::{Person, PersonDetails};
use model::private::Pii;
use runtime::{App, Problem, Reading as _, Request, Response, json, store_problem};
use wire::pentadata;

/// Answers with the person's id.
pub(crate) async fn create(
    app: &App,
    entered: &Entered,
    request: &Request,
) -> Result<Response, Problem> {
    let asked = pentadata::new_person(&request.json()?)?;
    let now = app.now();
    let fresh = Person {
        id: PersonId::draw(app.random()),
        tenant: entered.scope.tenant(),
        subject: entered.keys.subject(&SubjectKey::Email(&asked.email)),
        details: Pii::new(PersonDetails {
            email: asked.email,
            first_name: asked.first_name,
            last_name: asked.last_name,
            consent: asked.consent,
            last_opt_in: now.to_zoned_datetime(TimeZone::UTC).date(),
        }),
        created_at: now,
        version: 1,
    };
    let person = app.table.person_or_new(entered, fresh).await.map_err(store_problem)?;
    Ok(json(201, &pentadata::created(person)))
}
