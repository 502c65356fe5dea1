//! Every behaviour test, in one executable.

mod engine;
mod faults;
mod stories;
mod support;
