//! bank_callback
