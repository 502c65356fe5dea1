//! create_session
