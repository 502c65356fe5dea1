//! What the person sees: view data in, a whole page with its headers out.
//!
//! Server-rendered, no script, one inline style sheet under a nonce. Knows nothing of sessions,
//! HTTP or the table; every form carries the `csrf` field it is given.

mod text;
mod view;

pub use text::{DataItem, Language};
pub use view::{
    Bank, Choice, Choose, Chrome, Html, Notice, NoticeKind, ScopeRow, Waiting, Way, choose, notice,
    waiting,
};

#[cfg(test)]
mod tests;
