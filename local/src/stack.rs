//! What the functions stand on: a database and queues, reached through AWS's own clients.
//!
//! Keeps true: tables and queues are as the template says, or starting fails. What a table holds
//! outlives the process; what a queue holds does not, and nothing relies on it.

mod queues;
mod tables;

use std::net::SocketAddr;
use std::path::Path;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use winterbaume_core::MockAws;
use winterbaume_sqs::SqsService;

use crate::template::{REGION, Template};

/// The clients that functions use. They are the ones they use on AWS.
#[derive(Debug, Clone)]
pub struct Clients {
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// Clients of the database at `address`, and of queues of their own.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { dynamodb: dynamodb(&format!("http://{address}")), sqs: sqs() }
    }
}

/// The database or a queue does not start.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The database file cannot be opened.
    #[error("the database cannot be opened: {0}")]
    Database(String),
    /// The database cannot be reached.
    #[error("the database cannot listen: {0}")]
    Listen(std::io::Error),
    /// A table cannot be made or is not what the template says.
    #[error("table {table}: {reason}")]
    Table {
        /// Its logical id.
        table: String,
        /// What is wrong.
        reason: String,
    },
    /// A queue cannot be made.
    #[error("queue {queue}: {reason}")]
    Queue {
        /// Its logical id.
        queue: String,
        /// What is wrong.
        reason: String,
    },
}

/// The running database and queues.
pub(crate) struct Stack {
    pub(crate) clients: Clients,
    pub(crate) database: Database,
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), String>>,
}

impl Stack {
    /// Opens the database, in memory where there is no path, and makes what is missing.
    pub(crate) async fn open(template: &Template, path: Option<&Path>) -> Result<Self, StackError> {
        let opened = match path {
            Some(path) => Database::new(&path.to_string_lossy()),
            None => Database::memory(),
        };
        let database = opened.map_err(|error| StackError::Database(error.to_string()))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(StackError::Listen)?;
        let address = listener.local_addr().map_err(StackError::Listen)?;
        let (stop, stopped) = oneshot::channel();
        let served = database.clone();
        let server = tokio::spawn(dynoxide::server::serve_with_shutdown(listener, served, async {
            // A sender that is gone says the same as one that sent.
            let _ = stopped.await;
        }));
        let stack = Self { clients: Clients::at(address), database, address, stop, server };
        for table in &template.tables {
            let made = tables::make(&stack.clients.dynamodb, table).await;
            made.map_err(|reason| StackError::Table { table: table.id.clone(), reason })?;
        }
        queues::make_all(&stack.clients.sqs, &template.queues).await?;
        Ok(stack)
    }

    /// Lets the requests that run finish and closes the database.
    pub(crate) async fn close(self) {
        let Self { clients, stop, server, .. } = self;
        // The clients' idle connections would hold the server open.
        drop(clients);
        if stop.send(()).is_err() {
            return;
        }
        if let Ok(Err(error)) = server.await {
            tracing::warn!(error = %error, "database did not close");
        }
    }
}

/// Fixed and worthless: the database checks that a request is signed, not by whom.
fn credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "countersign")
}

fn dynamodb(endpoint: &str) -> aws_sdk_dynamodb::Client {
    let plain = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(credentials())
        .endpoint_url(endpoint)
        .http_client(plain);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

fn sqs() -> aws_sdk_sqs::Client {
    let queues = MockAws::builder().with_service(SqsService::new()).build();
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .region(aws_sdk_sqs::config::Region::new(REGION))
        .credentials_provider(credentials())
        .http_client(queues.http_client());
    aws_sdk_sqs::Client::from_conf(config.build())
}
