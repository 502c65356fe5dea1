//! The contracts as a client sees them: what is read, what is answered, and that nothing read can
//! break the reader.

mod cast;
mod properties;
mod requests;
mod shapes;
