//! Every behaviour test, in one executable.

mod bad_input;
mod browser;
mod budget;
mod canary;
mod command;
mod contracts;
mod data;
mod emulator;
mod engine;
mod erasure;
mod events;
mod faults;
mod match_command;
mod metrics;
mod openapi;
mod place;
mod roles;
mod secrets;
mod stories;
mod stream;
mod support;
mod template;
mod tenants;
mod tidy;
mod twins;
mod webhooks;
