//! One error for everything the store may answer: opaque, with questions.

use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Why the store did not do what was asked. Carries no key, no value and no name.
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Conflict,
    KeyErased,
    ReferenceTaken,
    Unavailable,
    Unreadable,
    Refused,
}

impl StoreError {
    pub(crate) fn conflict(detail: &str) -> Self {
        Self { kind: Kind::Conflict, detail: detail.to_owned() }
    }

    pub(crate) fn reference_taken() -> Self {
        Self { kind: Kind::ReferenceTaken, detail: "reference id is in use".to_owned() }
    }

    pub(crate) fn key_erased() -> Self {
        Self { kind: Kind::KeyErased, detail: "the subject is erased".to_owned() }
    }

    pub(crate) fn unavailable(detail: &str) -> Self {
        Self { kind: Kind::Unavailable, detail: detail.to_owned() }
    }

    pub(crate) fn unreadable(detail: &str) -> Self {
        Self { kind: Kind::Unreadable, detail: detail.to_owned() }
    }

    pub(crate) fn from_sdk<E, R>(operation: &str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        let kind = match (error, code) {
            (_, Some("ConditionalCheckFailedException")) => Kind::Conflict,
            (
                _,
                Some(
                    "ProvisionedThroughputExceededException"
                    | "ThrottlingException"
                    | "RequestLimitExceeded"
                    | "InternalServerError"
                    | "TransactionInProgressException"
                    | "KMSInternalException"
                    | "DependencyTimeoutException",
                ),
            ) => Kind::Unavailable,
            (SdkError::ServiceError(_), _) => Kind::Refused,
            _ => Kind::Unavailable,
        };
        let reason = code.unwrap_or(match error {
            SdkError::TimeoutError(_) => "timed out",
            SdkError::DispatchFailure(_) => "could not be reached",
            SdkError::ConstructionFailure(_) => "could not be built",
            _ => "failed",
        });
        Self { kind, detail: format!("{operation}: {reason}") }
    }

    /// Somebody else changed the item first; reading again and deciding again is right.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.kind, Kind::Conflict | Kind::KeyErased)
    }

    /// The subject whose key seals the write is erased, or is being erased. A conflict, too.
    #[must_use]
    pub fn is_key_erased(&self) -> bool {
        self.kind == Kind::KeyErased
    }

    /// Another session of the tenant has this reference.
    #[must_use]
    pub fn is_reference_taken(&self) -> bool {
        self.kind == Kind::ReferenceTaken
    }

    /// The same call may succeed a moment later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store: {}", self.detail)
    }
}

impl std::error::Error for StoreError {}
