//! The only crate that knows Lambda: HTTP, queue and schedule events in, answers out, and who asks.
//!
//! A function is a [`Function`]: one handler of one kind. On AWS [`run`] serves it; in one process
//! [`invoke`] is given the same event as JSON. Handlers see neither.

mod app;
mod authentication;
mod browser;
mod config;
mod delivering;
mod errors;
mod function;
mod http;
mod limits;
pub mod logs;
mod place;
mod publishing;
mod queue;
mod receipt;
mod routing;
mod stream;
mod tokens;

pub use app::{Ambient, App};
pub use browser::{Around, Marked, Sorry};
pub use cloud::Clients;
pub use config::{Config, ConfigError, sandbox_bank};
pub use delivering::{Attempted, Probed};
pub use errors::store_problem;
pub use function::{
    Function, Handler, QueueHandler, ScheduleHandler, StreamHandler, invoke, invoke_http, run,
    run_http,
};
pub use http::{Reading, Request, Response, empty, html, json, redirect};
pub use logs::start as start_logs;
pub use place::{Placed, Vars};
pub use queue::{Message, Outcome};
pub use routing::not_routed;
pub use stream::Change;
pub use tokens::{Lifetime, Token, TokenUse, self_test};
pub use wire::Problem;
