//! Every behaviour test, in one executable.

mod bad_input;
mod browser;
mod budget;
mod canary;
mod command;
mod contracts;
mod data;
mod engine;
mod erasure;
mod events;
mod faults;
mod match_command;
mod openapi;
mod personas;
mod rematch;
mod secrets;
mod stories;
mod stream;
mod support;
mod tenants;
mod tidy;
mod twins;
mod webhooks;
