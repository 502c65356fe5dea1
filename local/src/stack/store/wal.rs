//! The write-ahead log, flushed once for all transactions of a batch.
//!
//! SQLite would flush it with each transaction (`synchronous = FULL`). With `NORMAL` it appends and
//! leaves the flush to us; it still flushes by itself around each checkpoint, as it must
//! (<https://www.sqlite.org/pragma.html#pragma_synchronous>).

use std::fs::File;
use std::io;
use std::path::PathBuf;

pub(super) struct Wal {
    path: PathBuf,
    file: Option<File>,
}

impl Wal {
    /// The log of a database file, by the name that SQLite knows the file by.
    pub(super) fn of(database: &str) -> Self {
        Self { path: format!("{database}-wal").into(), file: None }
    }

    /// Returns once everything that was appended is on the disk.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            // SQLite makes the log when it opens the database and keeps it while that is open.
            None => File::open(&self.path)?,
        };
        self.file.insert(file).sync_data()
    }
}
