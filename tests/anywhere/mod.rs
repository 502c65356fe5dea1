//! The system runs anywhere: under any name, in a container, and stopped by whoever started it.

mod addresses;
mod command_line;
mod containers;
mod own_pages;
mod public_url;
mod stopping;
