//! What goes wrong on the way, and that nobody is lost.
