//! The directory where everything is kept, or a private one that goes away with the process.
//!
//! Keeps true: one process per directory; nobody else on the machine may read it.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

/// The directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// It cannot be made or written.
    #[error("{path}: {source}", path = path.display())]
    Unusable {
        /// Which path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has it.
    #[error("{path} is in use by another process", path = .0.display())]
    InUse(PathBuf),
}

/// A directory that this process holds.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    keeping: Keeping,
}

#[derive(Debug)]
enum Keeping {
    /// Held by a lock that the system gives back however the process ends.
    Kept { _lock: File },
    /// Removed at the end.
    Scratch,
}

impl DataDir {
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, DataError> {
        match path {
            Some(path) => Self::kept(path),
            None => Self::scratch(),
        }
    }

    fn kept(path: &Path) -> Result<Self, DataError> {
        make(path, Parents::Make)?;
        let lock_path = path.join("lock");
        let unusable = |source| DataError::Unusable { path: lock_path.clone(), source };
        let lock = File::options().create(true).append(true).open(&lock_path).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), keeping: Keeping::Kept { _lock: lock } }),
            Err(fs::TryLockError::WouldBlock) => Err(DataError::InUse(path.to_owned())),
            Err(fs::TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    fn scratch() -> Result<Self, DataError> {
        let name = format!("countersign-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        make(&path, Parents::MustExist)?;
        Ok(Self { path, keeping: Keeping::Scratch })
    }

    /// Where the database is; nothing where it lives in memory.
    pub(crate) fn database(&self) -> Option<PathBuf> {
        matches!(self.keeping, Keeping::Kept { .. }).then(|| self.path.join("table.sqlite"))
    }

    /// The path of the socket that a directory's process opens for the operator's commands.
    pub(crate) fn socket_in(directory: &Path) -> PathBuf {
        directory.join("commands.sock")
    }

    /// The path of the socket for the operator's commands; a private directory has none. What a process
    /// that died left there is removed.
    pub(crate) fn socket(&self) -> Result<Option<PathBuf>, DataError> {
        let Keeping::Kept { .. } = self.keeping else {
            return Ok(None);
        };
        let path = Self::socket_in(&self.path);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(DataError::Unusable { path, source })
            }
            _ => Ok(Some(path)),
        }
    }

    /// Where the master key is.
    pub(crate) fn master_key(&self) -> PathBuf {
        self.path.join("master.key")
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if matches!(self.keeping, Keeping::Scratch)
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(error = %error, "scratch directory not removed");
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parents {
    Make,
    MustExist,
}

fn make(path: &Path, parents: Parents) -> Result<(), DataError> {
    let mut builder = DirBuilder::new();
    builder.recursive(parents == Parents::Make);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| DataError::Unusable { path: path.to_owned(), source })
}
