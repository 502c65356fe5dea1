//! Every behaviour test, in one executable.

mod bad_input;
mod browser;
mod budget;
mod canary;
mod engine;
mod events;
mod faults;
mod match_command;
mod secrets;
mod stories;
mod stream;
mod support;
mod tidy;
mod twins;
