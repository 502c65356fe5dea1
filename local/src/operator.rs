//! The operator's way to the tables: alone in the data directory, or beside the process that has it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use crate::data::{DataDir, DataError};
use crate::stack::{Clients, Stack, StackError};
use crate::system::TEMPLATE;
use crate::template::{Locals, Template, TemplateError};

/// The tables cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The template does not say what it must.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The database does not start.
    #[error(transparent)]
    Stack(#[from] StackError),
}

/// Clients for the tables of one data directory.
pub struct Operator {
    template: Template,
    clients: Clients,
    /// The database, where this process opened it.
    own: Option<(Stack, DataDir)>,
}

impl Operator {
    /// Opens the tables in `directory`, through the running system where there is one.
    ///
    /// # Errors
    /// An [`OperatorError`] that says which part is in the way.
    pub async fn open(directory: &Path) -> Result<Self, OperatorError> {
        let master_key = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
        let locals = Locals {
            parameters: BTreeMap::from([
                ("PublicUrl".to_owned(), "http://127.0.0.1".to_owned()),
                ("SandboxBank".to_owned(), "true".to_owned()),
                ("Stage".to_owned(), "development".to_owned()),
            ]),
            master_key: format!("file:{}", master_key.join("master.key").display()),
        };
        let template = Template::parse(TEMPLATE, &locals)?;
        match DataDir::open(Some(directory)) {
            Ok(data) => {
                let stack = Stack::open(&template, data.database().as_deref()).await?;
                let clients = stack.clients.clone();
                Ok(Self { template, clients, own: Some((stack, data)) })
            }
            Err(DataError::InUse(path)) => {
                let address = running(directory).ok_or(DataError::InUse(path))?;
                Ok(Self { template, clients: Clients::at(address), own: None })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is declared.
    #[must_use]
    pub const fn template(&self) -> &Template {
        &self.template
    }

    /// The clients.
    #[must_use]
    pub const fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Closes the database, where this process opened it.
    pub async fn close(self) {
        drop(self.clients);
        if let Some((stack, data)) = self.own {
            stack.close().await;
            drop(data);
        }
    }
}

/// Where the process that has the directory serves its database.
fn running(directory: &Path) -> Option<SocketAddr> {
    let text = std::fs::read_to_string(directory.join(DataDir::ADDRESS)).ok()?;
    text.trim().parse().ok()
}
