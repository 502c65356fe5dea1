//! Requests of DynamoDB's wire protocol, given to dynoxide's actions.

use std::time::Instant;

use bytes::Bytes;
use dynoxide::DynoxideError;
use dynoxide::actions as act;
use futures_util::FutureExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Engine;
use super::tokens::Known;
use crate::stack::backend::Answer;

type Done<T> = Result<T, DynoxideError>;

impl Engine {
    pub(super) fn answer(&self, operation: &str, body: &Bytes) -> Answer {
        match self.dispatch(operation, body) {
            Ok(body) => Answer::new(200, body),
            Err(error) => refused(operation, &error),
        }
    }

    fn dispatch(&self, operation: &str, body: &Bytes) -> Done<Vec<u8>> {
        let (on, indexes) = (&self.storage, &self.vector_indexes);
        match operation {
            "GetItem" => act(body, |request| act::get_item::execute(on, request)),
            "PutItem" => act(body, |request| act::put_item::execute(on, request)),
            "UpdateItem" => act(body, |request| act::update_item::execute(on, request)),
            "DeleteItem" => act(body, |request| act::delete_item::execute(on, request)),
            "Query" => act(body, |request| act::query::execute(on, request)),
            "Scan" => act(body, |request| act::scan::execute(on, request)),
            "BatchGetItem" => act(body, |request| act::batch_get_item::execute(on, request)),
            "BatchWriteItem" => act(body, |request| act::batch_write_item::execute(on, request)),
            "TransactWriteItems" => self.transact(body),
            "TransactGetItems" => {
                act(body, |request| act::transact_get_items::execute(on, request))
            }
            "ListTables" => act(body, |request| act::list_tables::execute(on, request)),
            "CreateTable" => act(body, |request| act::create_table::execute(on, request)),
            "DescribeTable" => {
                act(body, |request| act::describe_table::execute(on, request, indexes))
            }
            "UpdateTable" => act(body, |request| act::update_table::execute(on, request, indexes)),
            "DeleteTable" => act(body, |request| act::delete_table::execute(on, request, indexes)),
            "DescribeTimeToLive" => {
                act(body, |request| act::describe_time_to_live::execute(on, request))
            }
            "UpdateTimeToLive" => {
                act(body, |request| act::update_time_to_live::execute(on, request))
            }
            other => Err(DynoxideError::ValidationException(format!("{other} is not run here"))),
        }
    }

    /// The first answer to a token is the answer to its repetitions.
    fn transact(&self, body: &Bytes) -> Done<Vec<u8>> {
        let request: act::transact_write_items::TransactWriteItemsRequest = parse(body)?;
        let token = request.client_request_token.clone();
        let write = || finish(act::transact_write_items::execute(&self.storage, request));
        let Some(token) = token else {
            return write();
        };
        let mut tokens = self.tokens.borrow_mut();
        match tokens.look(&token, body, Instant::now()) {
            Known::Same(answer) => Ok(answer),
            Known::Other => Err(DynoxideError::IdempotentParameterMismatchException(
                "the token was used for another transaction".to_owned(),
            )),
            Known::New => {
                let answer = write()?;
                tokens.note(token, body.clone(), &answer, Instant::now());
                Ok(answer)
            }
        }
    }
}

/// An answer for what only this process can have done wrong.
pub(super) fn internal(reason: &str) -> Answer {
    let error = DynoxideError::InternalServerError(reason.to_owned());
    Answer::new(error.status_code(), error.to_json())
}

fn refused(operation: &str, error: &DynoxideError) -> Answer {
    let status = error.status_code();
    if status >= 500 {
        tracing::error!(operation, error = %error, "the database failed");
    }
    Answer::new(status, error.to_json())
}

fn act<Q, A, F>(body: &[u8], execute: impl FnOnce(Q) -> F) -> Done<Vec<u8>>
where
    Q: DeserializeOwned,
    A: Serialize,
    F: Future<Output = Done<A>>,
{
    finish(execute(parse(body)?))
}

/// Actions on a file never wait, so their futures are ready at the first look.
pub(super) fn finish<A, F>(action: F) -> Done<Vec<u8>>
where
    A: Serialize,
    F: Future<Output = Done<A>>,
{
    let answer = action.now_or_never().ok_or_else(suspended)??;
    serde_json::to_vec(&answer).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}

pub(super) fn suspended() -> DynoxideError {
    DynoxideError::InternalServerError("an action did not end".to_owned())
}

fn parse<Q: DeserializeOwned>(body: &[u8]) -> Done<Q> {
    serde_json::from_slice(body).map_err(|e| DynoxideError::SerializationException(e.to_string()))
}
