//! `countersign serve`: the whole system, staying up.

#[cfg(unix)]
use std::future::poll_fn;
use std::io;
#[cfg(unix)]
use std::task::Poll;

use runtime::Ambient;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Serving;
use crate::{Options, System, handlers};

pub(super) async fn run(serving: &Serving) -> Result<(), Box<dyn std::error::Error>> {
    // Heard from here on: a container's first process has no default to fall back on.
    let mut signals = Signals::listen()?;
    runtime::start_logs();
    runtime::self_test()?;
    let options = Options {
        data_dir: Some(serving.site.data.clone()),
        listen: serving.site.listening.listen.socket(),
        public_url: serving.public_url.clone(),
        ..Options::default()
    };
    let ambient = Ambient::default();
    let system = System::start(options, handlers::functions(&ambient)).await;
    let system = system.map_err(|error| format!("{error}; `countersign doctor` may know more"))?;
    let app = handlers::operator(system.template(), system.clients(), &ambient)?;
    let tenants = app.table.tenant_ids().await?;
    drop(app);
    let (url, data) = (system.public_url(), serving.site.data.display());
    anstream::eprintln!("countersign serves {url}/ (data in {data})");
    if url.as_url() != system.base_url() {
        anstream::eprintln!("it listens on {}", serving.site.listening.listen);
    }
    anstream::eprintln!("it is for development, demos and tests, not for production");
    anstream::eprintln!("the API is described at {url}/docs");
    if tenants.is_empty() {
        anstream::eprintln!(
            "there is no tenant yet; in another terminal: countersign tenant create \
             --name 'Example Shop' --email developer@example.com --origin {url}"
        );
    }
    signals.next().await;
    anstream::eprintln!("stopping");
    tokio::select! {
        () = system.stop() => {}
        () = signals.next() => {}
    }
    Ok(())
}

/// What asks a process to stop: Ctrl-C, and SIGTERM from whatever started it. Asked for the second
/// time, it stops at once.
#[cfg(unix)]
struct Signals([Signal; 2]);

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    async fn next(&mut self) {
        poll_fn(|context| {
            let mut polled = self.0.iter_mut().map(|signal| signal.poll_recv(context));
            if polled.any(|polled| polled.is_ready()) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// Elsewhere there is Ctrl-C only.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
