//! The transport under AWS's own clients: in this process, or through the socket of another.

use std::path::PathBuf;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use super::backend::{Answer, Backend, QUERY_ERROR};
use super::socket;

/// The way to the services.
#[derive(Debug, Clone)]
pub(super) enum Transport {
    /// In this process.
    Here(Backend),
    /// Behind the socket of a process that runs.
    Socket(Arc<PathBuf>),
}

impl Transport {
    async fn send(self, target: String, body: Bytes) -> Result<Answer, ConnectorError> {
        match self {
            Self::Here(backend) => Ok(backend.call(&target, body).await),
            Self::Socket(path) => {
                let answer = socket::call(&path, &target, body).await;
                answer.map_err(|error| ConnectorError::io(error.into()))
            }
        }
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = request.body().bytes().map(Bytes::copy_from_slice).unwrap_or_default();
        let sent = self.clone().send(target, body);
        HttpConnectorFuture::new(async move { response(sent.await?) })
    }
}

impl HttpClient for Transport {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn response(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(answer.status);
    let status = status.map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    if let Some(error) = answer.query_error {
        response.headers_mut().insert(QUERY_ERROR, error);
    }
    Ok(response)
}
