//! Every behaviour test, in one executable.

mod budget;
mod engine;
mod faults;
mod stories;
mod support;
mod tidy;
