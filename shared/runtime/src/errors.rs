//! From what the store says to what a client is told.

use cloud::StoreError;
use wire::Problem;

/// The problem a client sees for a store error.
#[must_use]
pub fn store_problem(error: StoreError) -> Problem {
    if error.is_reference_taken() {
        Problem::reference_in_use()
    } else if error.is_unavailable() || error.is_conflict() {
        Problem::unavailable(error.to_string())
    } else {
        Problem::internal(error.to_string())
    }
}
