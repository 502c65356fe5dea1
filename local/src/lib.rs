//! The whole service in one process: reads `template.yaml` and runs what it declares.
//!
//! Keeps true: functions get the events they get on AWS and use the clients they use on AWS; what
//! the template does not declare does not run. Only `handlers` knows which functions there are.

mod address;
pub mod command;
mod data;
pub mod demo;
pub mod docs;
mod filter;
mod function;
mod gateway;
pub mod handlers;
mod operator;
mod options;
mod route;
mod sources;
mod stack;
mod system;
mod template;
pub mod tenant;

pub use address::{ListenAddress, NotAPublicUrl, NotAnAddress, PublicUrl};
pub use data::DataError;
pub use filter::Filters;
pub use function::{Answer, FunctionError, Functions, InvokeError, Invoker};
pub use gateway::OwnPage;
pub use operator::{Operator, OperatorError, Place};
pub use options::{Background, Options};
pub use route::{Route, Router, Taken, segments};
pub use sources::{Delivered, Held, SourceError};
pub use stack::{Backend, BackendAnswer, Clients, StackError, serve_connection};
pub use system::{StartError, System, TEMPLATE};
pub use template::{
    Event, Function, Index, Key, Locals, Queue, QueueSource, REGION, Redrive, ScheduleSource,
    Scheduler, StreamSource, Table, Template, TemplateError,
};
