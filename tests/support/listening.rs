//! What is logged while a test listens, and by its thread only.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

/// Another subscriber than that of the test, and always there.
///
/// `tracing` remembers of each place in the code whether anybody listens to it. While one subscriber
/// is all there is, it asks that of the thread which comes there first, and in this executable that
/// is mostly the thread of another test, where nobody does. Where there are two it asks both.
static OTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Has this thread heard by the subscriber for as long as the guard is kept.
pub fn listen(subscriber: impl Into<Dispatch>) -> DefaultGuard {
    LazyLock::force(&OTHER);
    tracing::dispatcher::set_default(&subscriber.into())
}

/// What was written.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic here").clone()).expect("text")
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic here").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
