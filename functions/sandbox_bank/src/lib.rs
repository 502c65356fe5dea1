//! sandbox_bank
