//! Wrappers that keep personal data and secrets out of logs, errors and answers.
//!
//! Neither wrapper has `Display` or `Serialize`, and `Debug` shows nothing. The one way into a
//! serializer is [`inside_seal`], named field by field on types that only the vault serializes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! wrapper {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default)]
        pub struct $name<T>(T);

        impl<T> $name<T> {
            /// Wraps `value`.
            pub const fn new(value: T) -> Self {
                Self(value)
            }

            /// The value itself. Every call is a place to review.
            pub const fn expose(&self) -> &T {
                &self.0
            }

            /// The value itself, given away.
            pub fn into_exposed(self) -> T {
                self.0
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl<T: Serialize + for<'de> Deserialize<'de>> inside_seal::Exposed for $name<T> {
            type Inner = T;

            fn inner(&self) -> &T {
                &self.0
            }

            fn wrap(inner: T) -> Self {
                Self(inner)
            }
        }
    };
}

wrapper! {
    /// Personal data: names, addresses, account numbers, what a person claimed.
    Pii
}

wrapper! {
    /// A credential: tokens, codes, keys.
    Secret
}

/// `#[serde(with = "inside_seal")]`: this field is serialized only into sealed storage.
pub mod inside_seal {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    /// A wrapper that the vault may open.
    pub trait Exposed {
        /// What is wrapped.
        type Inner: Serialize + for<'de> Deserialize<'de>;
        /// The value inside.
        fn inner(&self) -> &Self::Inner;
        /// Wraps it again.
        fn wrap(inner: Self::Inner) -> Self;
    }

    /// Writes the value inside the wrapper.
    ///
    /// # Errors
    /// Whatever the serializer answers.
    pub fn serialize<W: Exposed, S: Serializer>(value: &W, to: S) -> Result<S::Ok, S::Error> {
        value.inner().serialize(to)
    }

    /// Reads a value and wraps it.
    ///
    /// # Errors
    /// Whatever the deserializer answers.
    pub fn deserialize<'de, W: Exposed, D: Deserializer<'de>>(from: D) -> Result<W, D::Error> {
        W::Inner::deserialize(from).map(W::wrap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Pii::new("Anna Schmidt")), "Pii(redacted)");
        assert_eq!(format!("{:?}", Secret::new("cs_live_x")), "Secret(redacted)");
    }
}
