//! One operation as data: what it is called, who may call it, what it reads and answers.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::Shapes;

/// A shape, as a generator describes it.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

/// The shape of a type.
pub fn shape<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A tenant, by API key or access token.
    Tenant,
    /// A tenant, or whoever has the session's own token.
    TenantOrSession,
    /// A tenant; without a key the answer says less.
    TenantOrNobody,
    /// A client, by id and secret (HTTP Basic).
    Client,
    /// Whoever has a refresh token.
    Refresh,
    /// Anybody.
    Anybody,
}

impl Access {
    pub(super) fn requirement(self) -> Value {
        let tenant = ["IvyApiKey", "ApiKey", "Bearer"];
        let all = |names: &[&str]| names.iter().map(|name| json!({ *name: [] })).collect();
        match self {
            Self::Tenant => all(&tenant),
            Self::TenantOrSession => all(&["IvyApiKey", "ApiKey", "Bearer", "SessionToken"]),
            Self::TenantOrNobody => {
                json!([{ "IvyApiKey": [] }, { "ApiKey": [] }, { "Bearer": [] }, {}])
            }
            Self::Client => all(&["Basic"]),
            Self::Refresh => all(&["Refresh"]),
            Self::Anybody => json!([]),
        }
    }

    /// Whether somebody must be known, and may be unknown.
    const fn is_checked(self) -> bool {
        !matches!(self, Self::Anybody)
    }

    /// Whether requests are counted against a tenant.
    pub(super) const fn is_limited(self) -> bool {
        matches!(self, Self::Tenant | Self::TenantOrSession | Self::TenantOrNobody)
    }
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub description: &'static str,
    /// What it looks like.
    pub shape: Shape,
    /// Whether it must be given.
    pub required: bool,
}

impl Parameter {
    pub(super) fn describe(&self, shapes: &mut Shapes) -> Value {
        let place = match self.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        };
        json!({
            "name": self.name,
            "in": place,
            "required": self.required,
            "description": self.description,
            "schema": shapes.read(self.shape),
        })
    }
}

/// 1 to 255 visible characters.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "describes the header for OpenAPI; the functions read it")]
struct IdempotencyKey(#[schemars(regex(pattern = "^[!-~]{1,255}$"))] String);

/// The header by which a request may be repeated.
#[must_use]
pub fn idempotency_key() -> Parameter {
    Parameter {
        name: "Idempotency-Key",
        place: Place::Header,
        description: "The same key with the same body has the same answer, for a day.",
        shape: shape::<IdempotencyKey>,
        required: false,
    }
}

/// What may be called next with something of the answer.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The operation that may be called.
    pub operation: &'static str,
    /// The member of the answer, as a JSON pointer.
    pub from: &'static str,
    /// The path parameter it becomes; without one it is the member `id` of the body.
    pub parameter: Option<&'static str>,
}

impl Link {
    pub(super) fn describe(&self) -> Value {
        let value = format!("$response.body#{}", self.from);
        match self.parameter {
            Some(name) => json!({ "operationId": self.operation, "parameters": { name: value } }),
            None => json!({ "operationId": self.operation, "requestBody": { "id": value } }),
        }
    }
}

/// An operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `GET`
    pub method: &'static str,
    /// The path, with variables in braces.
    pub path: &'static str,
    /// Its name for generated clients.
    pub id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: Option<&'static str>,
    pub(super) access: Access,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Shape>,
    pub(super) body_required: bool,
    pub(super) also_form: bool,
    pub(super) answer: (u16, &'static str, Option<Shape>),
    pub(super) also: Vec<(u16, &'static str, Shape)>,
    pub(super) links: Vec<Link>,
    more_refusals: &'static [u16],
}

impl Operation {
    /// An operation of a contract that any tenant may call.
    #[must_use]
    pub fn new(
        tag: &'static str,
        (method, path): (&'static str, &'static str),
        id: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            id,
            tag,
            summary,
            description: None,
            access: Access::Tenant,
            parameters: Vec::new(),
            body: None,
            body_required: true,
            also_form: false,
            answer: (204, "Done.", None),
            also: Vec::new(),
            links: Vec::new(),
            more_refusals: &[],
        }
    }

    /// What else is to be known.
    #[must_use]
    pub const fn described(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Who may call.
    #[must_use]
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// A variable of the path.
    #[must_use]
    pub fn path_id<T: JsonSchema>(self, name: &'static str, description: &'static str) -> Self {
        let (place, shape) = (Place::Path, shape::<T>);
        self.with(Parameter { name, place, description, shape, required: true })
    }

    /// A member of the query.
    #[must_use]
    pub fn query<T: JsonSchema>(self, name: &'static str, description: &'static str) -> Self {
        let (place, shape) = (Place::Query, shape::<T>);
        self.with(Parameter { name, place, description, shape, required: false })
    }

    /// A member of the query that must be given.
    #[must_use]
    pub fn required_query<T: JsonSchema>(
        self,
        name: &'static str,
        description: &'static str,
    ) -> Self {
        let (place, shape) = (Place::Query, shape::<T>);
        self.with(Parameter { name, place, description, shape, required: true })
    }

    /// Any other parameter.
    #[must_use]
    pub fn with(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// The body that is read.
    #[must_use]
    pub fn reads<T: JsonSchema>(mut self) -> Self {
        self.body = Some(shape::<T>);
        self
    }

    /// The body may also be a form.
    #[must_use]
    pub const fn also_form(mut self) -> Self {
        self.also_form = true;
        self
    }

    /// The body may be left out.
    #[must_use]
    pub const fn body_optional(mut self) -> Self {
        self.body_required = false;
        self
    }

    /// The answer when all goes well.
    #[must_use]
    pub fn answers<T: JsonSchema>(mut self, status: u16, said: &'static str) -> Self {
        self.answer = (status, said, Some(shape::<T>));
        self
    }

    /// Another answer when all goes well.
    #[must_use]
    pub fn also_answers<T: JsonSchema>(mut self, status: u16, said: &'static str) -> Self {
        self.also.push((status, said, shape::<T>));
        self
    }

    /// Refusals besides those that follow from access, parameters and body.
    #[must_use]
    pub const fn refuses(mut self, statuses: &'static [u16]) -> Self {
        self.more_refusals = statuses;
        self
    }

    /// What may be called next.
    #[must_use]
    pub fn leads_to(
        mut self,
        operation: &'static str,
        from: &'static str,
        parameter: Option<&'static str>,
    ) -> Self {
        self.links.push(Link { operation, from, parameter });
        self
    }

    /// Every refusal, in order.
    pub(super) fn refusals(&self) -> Vec<u16> {
        let query = self.parameters.iter().any(|p| p.place != Place::Path);
        let path = self.parameters.iter().any(|p| p.place == Place::Path);
        let mut statuses: Vec<u16> = self.more_refusals.to_vec();
        statuses.extend(
            [(400, self.body.is_some() || query), (413, self.body.is_some())]
                .iter()
                .filter(|(_, is)| *is)
                .map(|(s, _)| *s),
        );
        statuses.extend(Some(404).filter(|_| path));
        statuses.extend(Some(401).filter(|_| self.access.is_checked()));
        statuses.extend(Some(429).filter(|_| self.access.is_limited()));
        statuses.push(503);
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }

    /// Everything that may be answered, as `GET /persons/{id}` would say it in a log.
    #[must_use]
    pub fn route(&self) -> String {
        format!("{} {}", self.method, self.path.trim_end_matches('/'))
    }
}
