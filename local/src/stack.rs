//! What the functions stand on: a database and queues, reached through AWS's own clients.
//!
//! Keeps true: tables and queues are as the template says, or starting fails. What a table holds
//! outlives the process; what a queue holds does not, and nothing relies on it. Nothing listens on
//! the network.

mod backend;
mod queues;
mod socket;
mod store;
mod tables;
mod transport;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::template::{Event, REGION, Table, Template};

pub use backend::{Answer as BackendAnswer, Backend};
pub(crate) use queues::Queues;
pub use socket::serve_connection;
pub(crate) use store::Store;
use store::StoreThread;
use transport::Transport;

/// The clients that functions use. They are the ones they use on AWS.
#[derive(Debug, Clone)]
pub struct Clients {
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
}

/// The settings that the clients share; each has types of its own for them. Nobody checks who asks, so
/// nothing is signed; nothing comes over a network, so no stream can stall.
macro_rules! client {
    ($sdk:ident, $transport:expr) => {{
        let config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new(REGION))
            .allow_no_auth()
            .stalled_stream_protection($sdk::config::StalledStreamProtectionConfig::disabled())
            .http_client($transport);
        $sdk::Client::from_conf(config.build())
    }};
}

impl Clients {
    /// Clients of the process whose socket is at `path`.
    pub(crate) fn through(path: &Path) -> Self {
        Self::over(&Transport::Socket(Arc::new(path.to_owned())))
    }

    fn over(transport: &Transport) -> Self {
        Self {
            dynamodb: client!(aws_sdk_dynamodb, transport.clone()),
            sqs: client!(aws_sdk_sqs, transport.clone()),
        }
    }
}

/// The database or a queue does not start.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The database file cannot be opened.
    #[error("the database cannot be opened: {0}")]
    Database(String),
    /// The operator's commands cannot reach it.
    #[error("the socket for the commands cannot be made: {0}")]
    Socket(std::io::Error),
    /// A table cannot be made or is not what the template says.
    #[error("table {table}: {reason}")]
    Table {
        /// Its logical id.
        table: String,
        /// What is wrong.
        reason: String,
    },
    /// A queue cannot be made.
    #[error("a queue cannot be made: {0}")]
    Queue(String),
}

/// The running database and queues.
pub(crate) struct Stack {
    pub(crate) clients: Clients,
    pub(crate) backend: Backend,
    tables: Vec<Table>,
    thread: StoreThread,
    socket: Option<socket::Served>,
}

impl Stack {
    /// Opens the database, in memory where there is no path, and makes what is missing.
    pub(crate) async fn open(template: &Template, path: Option<&Path>) -> Result<Self, StackError> {
        let sources: Vec<_> = template
            .functions
            .iter()
            .flat_map(|function| &function.events)
            .filter_map(|event| match event {
                Event::Queue(source) => Some(source.clone()),
                _ => None,
            })
            .collect();
        let queues = Queues::new(&template.queues, &sources).map_err(StackError::Queue)?;
        let (store, thread) = Store::open(path).map_err(StackError::Database)?;
        let backend = Backend { store, queues: Arc::new(queues) };
        let clients = Clients::over(&Transport::Here(backend.clone()));
        let tables = template.tables.clone();
        let stack = Self { clients, backend, tables, thread, socket: None };
        for table in &template.tables {
            let made = stack.make(template, table).await;
            made.map_err(|reason| StackError::Table { table: table.id.clone(), reason })?;
        }
        Ok(stack)
    }

    /// Tries to connect to `socket`; `true` if a process serves it.
    pub(crate) fn is_served(socket: &Path) -> bool {
        socket::is_served(socket)
    }

    /// Lets the operator's commands in, through a socket at `path`.
    pub(crate) fn listen(&mut self, path: &Path) -> Result<(), StackError> {
        let served = socket::serve(path, self.backend.clone()).map_err(StackError::Socket)?;
        self.socket = Some(served);
        Ok(())
    }

    /// Deletes the items whose time is over, as the table does on AWS.
    pub(crate) async fn expire(store: &Store, tables: &[Table]) -> Result<(), String> {
        let now_s = Timestamp::now().as_second();
        for table in tables {
            while store.expire(table.clone(), now_s).await? > 0 {}
        }
        Ok(())
    }

    /// The tables, as the template declares them.
    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Lets the requests that run finish and closes the database.
    pub(crate) async fn close(self) {
        drop(self.socket);
        self.thread.close().await;
    }

    async fn make(&self, template: &Template, table: &Table) -> Result<(), String> {
        tables::make(&self.clients.dynamodb, table).await?;
        self.backend.store.prepare(table.clone()).await?;
        let readers = template.functions.iter().filter(|function| {
            function.events.iter().any(|event| match event {
                Event::Stream(source) => source.stream_arn == table.stream_arn(),
                _ => false,
            })
        });
        let readers = readers.map(|function| function.id.clone()).collect();
        self.backend.store.declare_readers(table.name.clone(), readers).await
    }
}
