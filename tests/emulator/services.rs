//! The world's database and queues over TCP, for executables of their own.

use std::net::SocketAddr;

use countersign::{Backend, serve_connection};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Served until it is dropped.
pub struct Services {
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Services {
    pub async fn serve(backend: Backend) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve_connection(stream, backend.clone()));
            }
        });
        Self { address, serving }
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
