//! The operator's way to the tables: those of a data directory, alone or beside the process that has
//! it, or those of a stack on AWS.

#[cfg(feature = "aws")]
mod stack;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use runtime::{Ambient, App};

use crate::data::{DataDir, DataError};
use crate::handlers;
use crate::stack::{Clients, Stack, StackError};
use crate::system::TEMPLATE;
use crate::template::{Locals, Template, TemplateError};

/// Which tables are meant.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Where data and the master key are kept
    #[arg(
        long,
        env = "COUNTERSIGN_DATA",
        default_value = ".countersign",
        value_name = "DIRECTORY"
    )]
    pub data: PathBuf,
    /// The stack on AWS that is meant instead, reached with your own AWS credentials
    #[arg(long, env = "COUNTERSIGN_STACK", value_name = "NAME", conflicts_with = "data")]
    pub stack: Option<String>,
}

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
    /// The stack on AWS is not there, or not ours.
    #[error("{0}")]
    Aws(String),
    /// The master key cannot be had.
    #[error("{0}")]
    App(String),
}

/// An app for the tables of one place.
pub struct Operator {
    app: App,
    /// The database, where this process opened it.
    own: Option<(Stack, DataDir)>,
}

impl Operator {
    /// Opens the tables: of a stack where one is named, else of the directory, through the running
    /// system where there is one.
    ///
    /// # Errors
    /// An [`OperatorError`] that says which part is in the way.
    pub async fn open(place: &Place) -> Result<Self, OperatorError> {
        match &place.stack {
            Some(name) => {
                let app = stack::app(name).await.map_err(OperatorError::Aws)?;
                Ok(Self { app, own: None })
            }
            None => Self::here(&place.data).await,
        }
    }

    async fn here(directory: &Path) -> Result<Self, OperatorError> {
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
        let (clients, own) = match DataDir::open(Some(directory)) {
            Ok(data) => {
                let stack = Stack::open(&template, data.database().as_deref()).await?;
                (stack.clients.clone(), Some((stack, data)))
            }
            Err(DataError::InUse(path)) => {
                let socket = DataDir::socket_in(directory);
                if !Stack::is_served(&socket) {
                    return Err(DataError::InUse(path).into());
                }
                (Clients::through(&socket), None)
            }
            Err(error) => return Err(error.into()),
        };
        let app = handlers::operator(&template, &clients, &Ambient::default());
        Ok(Self { app: app.map_err(OperatorError::App)?, own })
    }

    /// The app.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Closes the database, where this process opened it.
    pub async fn close(self) {
        drop(self.app);
        if let Some((stack, data)) = self.own {
            stack.close().await;
            drop(data);
        }
    }
}

/// Stands for the module above where it is not built.
#[cfg(not(feature = "aws"))]
mod stack {
    /// The refusal of `--stack`, which says how to get it.
    pub(super) async fn app(name: &str) -> Result<runtime::App, String> {
        Err(format!(
            "stack {name} cannot be reached: this command was built without AWS; \
             run `cargo install --locked --path local --features aws`"
        ))
    }
}
