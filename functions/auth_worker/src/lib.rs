//! auth_worker
