//! list_sessions
