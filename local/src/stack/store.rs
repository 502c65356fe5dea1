//! The database: dynoxide's engine over one SQLite file, owned by one thread.
//!
//! Keeps true: a request is answered only after its writes are on the disk; requests that arrive
//! together share one flush. The file's schema is dynoxide's, with the indexes and the table of
//! readers that [`schema`] adds.

mod operations;
mod schema;
mod tokens;
mod wal;

use std::cell::RefCell;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use dynoxide::actions::get_records::Record;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use tokio::sync::{oneshot, watch};

use super::backend::Answer;
use crate::template::Table;
use tokens::Tokens;
use wal::Wal;

/// The most requests that share one flush. Requests that arrive later wait for the next.
const BATCH_MAX: usize = 256;

/// Work for the thread, and what it does once the work is on the disk.
type Work = Box<dyn FnOnce(&Engine) -> Reply + Send>;
type Reply = Box<dyn FnOnce(Flushed) + Send>;

/// Tells if the writes of a batch reached the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flushed {
    Yes,
    No,
}

enum Message {
    Work(Work),
    Close,
}

/// The thread has ended, or could not flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database does not answer")]
pub(crate) struct Unavailable;

/// A handle to the database; clones share it.
#[derive(Clone)]
pub(crate) struct Store {
    messages: mpsc::Sender<Message>,
    /// Counts the batches that wrote something.
    changes: watch::Receiver<u64>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// The thread that owns the database.
pub(crate) struct StoreThread {
    messages: mpsc::Sender<Message>,
    closed: oneshot::Receiver<()>,
}

/// The database and its state, owned by the thread.
struct Engine {
    storage: Storage,
    vector_indexes: VectorIndexLifecycle,
    tokens: RefCell<Tokens>,
}

impl Store {
    /// Opens the database file, or one in memory where there is no path.
    ///
    /// # Errors
    /// The database's own words, if it cannot be opened.
    pub(crate) fn open(path: Option<&Path>) -> Result<(Self, StoreThread), String> {
        let engine = Engine::open(path)?;
        let wal = engine.wal().map_err(|error| error.to_string())?;
        let (messages, received) = mpsc::channel();
        let (changed, changes) = watch::channel(0);
        let (ended, closed) = oneshot::channel();
        let thread = thread::Builder::new().name("database".to_owned());
        let run = move || {
            serve(&engine, wal, &received, &changed);
            drop(engine);
            // Nobody waits where the process ends without closing.
            let _ = ended.send(());
        };
        thread.spawn(run).map_err(|error| error.to_string())?;
        let store = Self { messages: messages.clone(), changes };
        Ok((store, StoreThread { messages, closed }))
    }

    /// Answers one request of DynamoDB's wire protocol (AWS JSON 1.0).
    pub(crate) async fn call(&self, operation: String, body: Bytes) -> Answer {
        let answer = self.run(move |engine| engine.answer(&operation, &body)).await;
        answer.unwrap_or_else(|Unavailable| operations::internal("the database has stopped"))
    }

    /// A receiver that changes whenever something was written.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Says which functions read the stream of a table.
    pub(crate) async fn declare_readers(
        &self,
        table: String,
        functions: Vec<String>,
    ) -> Result<(), String> {
        let declare = move |engine: &Engine| engine.declare_readers(&table, &functions);
        self.run(declare).await.map_err(|error| error.to_string())?
    }

    /// Changes of a table that come after those the function has passed, oldest first.
    pub(crate) async fn records(
        &self,
        table: String,
        function: String,
        limit: usize,
    ) -> Result<Vec<Record>, String> {
        let read = move |engine: &Engine| engine.records(&table, &function, limit);
        self.run(read).await.map_err(|error| error.to_string())?
    }

    /// Notes that a function has passed a change; changes that all readers have passed are deleted.
    pub(crate) async fn pass(
        &self,
        table: String,
        function: String,
        sequence_number: String,
    ) -> Result<(), String> {
        let pass = move |engine: &Engine| engine.pass(&table, &function, &sequence_number);
        self.run(pass).await.map_err(|error| error.to_string())?
    }

    /// Deletes items whose time is over, a hundred at most, and answers how many.
    pub(crate) async fn expire(&self, table: Table, now_s: i64) -> Result<usize, String> {
        let expire = move |engine: &Engine| engine.expire(&table, now_s);
        self.run(expire).await.map_err(|error| error.to_string())?
    }

    /// Adds to the file what this process needs besides the tables themselves.
    pub(crate) async fn prepare(&self, table: Table) -> Result<(), String> {
        let prepare = move |engine: &Engine| engine.prepare(&table);
        self.run(prepare).await.map_err(|error| error.to_string())?
    }

    async fn run<T, F>(&self, work: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&Engine) -> T + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let work: Work = Box::new(move |engine| {
            let result = work(engine);
            Box::new(move |flushed| {
                let result = (flushed == Flushed::Yes).then_some(result);
                // A caller that went away does not need the result.
                let _ = tell.send(result);
            })
        });
        self.messages.send(Message::Work(work)).map_err(|_| Unavailable)?;
        told.await.ok().flatten().ok_or(Unavailable)
    }
}

impl StoreThread {
    /// Lets the requests that wait finish and closes the file.
    pub(crate) async fn close(self) {
        if self.messages.send(Message::Close).is_ok() {
            // A thread that panicked has closed the file, too.
            let _ = self.closed.await;
        }
    }
}

/// Works off messages until told to close, or until a flush fails: after that nobody can say what is
/// on the disk, and every later request is answered that the database does not answer.
fn serve(
    engine: &Engine,
    mut wal: Option<Wal>,
    messages: &mpsc::Receiver<Message>,
    changed: &watch::Sender<u64>,
) {
    while let Ok(first) = messages.recv() {
        let before = engine.changes();
        let mut replies = Vec::new();
        let mut closing = false;
        let rest = std::iter::from_fn(|| messages.try_recv().ok()).take(BATCH_MAX - 1);
        for message in std::iter::once(first).chain(rest) {
            match message {
                Message::Work(work) => replies.extend(engine.work(work)),
                Message::Close => {
                    closing = true;
                    break;
                }
            }
        }
        let wrote = engine.changes() != before;
        let flushed = if wrote { flush(wal.as_mut()) } else { Flushed::Yes };
        for reply in replies {
            reply(flushed);
        }
        if wrote {
            changed.send_modify(|count| *count += 1);
        }
        if closing || flushed == Flushed::No {
            return;
        }
    }
}

fn flush(wal: Option<&mut Wal>) -> Flushed {
    match wal.map_or(Ok(()), Wal::flush) {
        Ok(()) => Flushed::Yes,
        Err(error) => {
            tracing::error!(error = %error, "the database is not flushed and stops; start again");
            Flushed::No
        }
    }
}

impl Engine {
    fn open(path: Option<&Path>) -> Result<Self, String> {
        let opened = match path {
            Some(path) => Storage::new(&path.to_string_lossy()),
            None => Storage::memory(),
        };
        let storage = opened.map_err(|error| error.to_string())?;
        schema::open(storage.conn()).map_err(|error| error.to_string())?;
        let tokens = RefCell::default();
        Ok(Self { storage, vector_indexes: VectorIndexLifecycle::new(), tokens })
    }

    /// The log of a file, once it is flushed. A database in memory has none.
    fn wal(&self) -> io::Result<Option<Wal>> {
        let path = self.storage.conn().path().filter(|path| !path.is_empty());
        let mut wal = path.map(Wal::of);
        wal.as_mut().map_or(Ok(()), Wal::flush)?;
        Ok(wal)
    }

    /// Does one piece of work. If it panics its caller hears so, and nothing of it stays.
    fn work(&self, work: Work) -> Option<Reply> {
        let done = panic::catch_unwind(AssertUnwindSafe(|| work(self)));
        if !self.storage.conn().is_autocommit()
            && let Err(error) = self.storage.conn().execute_batch("ROLLBACK")
        {
            tracing::error!(error = %error, "a transaction is not rolled back");
        }
        done.ok()
    }

    /// Counts the rows written since the file was opened.
    fn changes(&self) -> u64 {
        self.storage.conn().total_changes()
    }
}
