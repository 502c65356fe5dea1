//! What goes wrong on the way, and that nobody is lost.

mod banks;
mod callback;
mod restart;
mod worker;
