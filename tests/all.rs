//! Every behaviour test, in one executable.
