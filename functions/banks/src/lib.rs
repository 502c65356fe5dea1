//! bank_directory
