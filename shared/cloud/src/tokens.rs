//! Texts that carry a tenant: API keys, link tokens and the `state` of a bank visit.
//!
//! Each begins with the tenant's id, so that no table key is ever built without one, and each ends
//! in enough secret bits that the id alone is worth nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use model::ids::{SessionId, TenantId};
use model::private::Secret;
use model::tenant::Mode;
use subtle::ConstantTimeEq as _;

use crate::seal::{hex, sha256_hex};
use crate::vault::TenantKeys;

const ID_LEN: usize = 16;
const SECRET_LEN: usize = 32;
const CHECKSUM_LEN: usize = 4;
const LINK_MAC_LEN: usize = 16;

/// An API key: `cs_test_` or `cs_live_`, then tenant, 256 random bits and a checksum.
#[derive(Debug, Clone)]
pub struct ApiKey {
    tenant: TenantId,
    text: Secret<String>,
}

impl ApiKey {
    /// Makes the key of a tenant.
    #[must_use]
    pub fn new(mode: Mode, tenant: TenantId, random: [u8; SECRET_LEN]) -> Self {
        let mut bytes = tenant.bits().to_vec();
        bytes.extend_from_slice(&random);
        let checksum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&checksum.to_be_bytes());
        let prefix = match mode {
            Mode::Live => "cs_live_",
            Mode::Test => "cs_test_",
        };
        Self { tenant, text: Secret::new(format!("{prefix}{}", BASE64.encode(bytes))) }
    }

    /// Reads a key; `None` where the text is none. The checksum tells a typing error from an
    /// unknown key without asking the table.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix("cs_live_").or_else(|| text.strip_prefix("cs_test_"))?;
        let bytes = BASE64.decode(body).ok()?;
        if bytes.len() != ID_LEN + SECRET_LEN + CHECKSUM_LEN {
            return None;
        }
        let (content, checksum) = bytes.split_at(ID_LEN + SECRET_LEN);
        if crc32fast::hash(content).to_be_bytes() != checksum {
            return None;
        }
        let tenant = TenantId::from_bits(content[..ID_LEN].try_into().ok()?);
        Some(Self { tenant, text: Secret::new(text.to_owned()) })
    }

    /// Whose key it says it is; proven only by [`Self::matches`].
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The text, shown once when the key is made.
    #[must_use]
    pub const fn text(&self) -> &Secret<String> {
        &self.text
    }

    /// What is stored of the key.
    #[must_use]
    pub fn hmac(&self, keys: &TenantKeys) -> String {
        hex(&keys.mac("api keys", self.text.expose().as_bytes()))
    }

    /// Whether this is the key of which `stored` was kept; in constant time.
    #[must_use]
    pub fn matches(&self, keys: &TenantKeys, stored: &str) -> bool {
        self.hmac(keys).as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

/// The secret part of a session's link. The same session always has the same link, and the link
/// is not stored: it is a MAC over the session's id.
#[derive(Debug, Clone)]
pub struct LinkToken {
    tenant: TenantId,
    session: SessionId,
    mac: Secret<Vec<u8>>,
}

impl LinkToken {
    /// The token of a session.
    #[must_use]
    pub fn of(keys: &TenantKeys, tenant: TenantId, session: SessionId) -> Self {
        let mac = keys.mac("link tokens", session.bits())[..LINK_MAC_LEN].to_vec();
        Self { tenant, session, mac: Secret::new(mac) }
    }

    /// Reads a token; proven only by [`Self::is_genuine`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(text).ok()?;
        if bytes.len() != 2 * ID_LEN + LINK_MAC_LEN {
            return None;
        }
        Some(Self {
            tenant: TenantId::from_bits(bytes[..ID_LEN].try_into().ok()?),
            session: SessionId::from_bits(bytes[ID_LEN..2 * ID_LEN].try_into().ok()?),
            mac: Secret::new(bytes[2 * ID_LEN..].to_vec()),
        })
    }

    /// Whether the token was made by us.
    #[must_use]
    pub fn is_genuine(&self, keys: &TenantKeys) -> bool {
        let expected = Self::of(keys, self.tenant, self.session);
        self.mac.expose().ct_eq(expected.mac.expose()).into()
    }

    /// Whose session.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Which session.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The text that stands in the URL.
    #[must_use]
    pub fn text(&self) -> String {
        let mut bytes = self.tenant.bits().to_vec();
        bytes.extend_from_slice(self.session.bits());
        bytes.extend_from_slice(self.mac.expose());
        BASE64.encode(bytes)
    }
}

/// The `state` parameter of one visit to a bank: tenant, session and 256 random bits. Only its
/// hash is stored.
#[derive(Debug, Clone)]
pub struct StateToken {
    tenant: TenantId,
    session: SessionId,
    text: Secret<String>,
}

impl StateToken {
    /// Makes the state of a visit.
    #[must_use]
    pub fn new(tenant: TenantId, session: SessionId, random: [u8; SECRET_LEN]) -> Self {
        let mut bytes = tenant.bits().to_vec();
        bytes.extend_from_slice(session.bits());
        bytes.extend_from_slice(&random);
        Self { tenant, session, text: Secret::new(BASE64.encode(bytes)) }
    }

    /// Reads a state; proven only by [`Self::matches`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(text).ok()?;
        if bytes.len() != 2 * ID_LEN + SECRET_LEN {
            return None;
        }
        Some(Self {
            tenant: TenantId::from_bits(bytes[..ID_LEN].try_into().ok()?),
            session: SessionId::from_bits(bytes[ID_LEN..2 * ID_LEN].try_into().ok()?),
            text: Secret::new(text.to_owned()),
        })
    }

    /// Whose session.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Which session.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The text that travels through the bank.
    #[must_use]
    pub const fn text(&self) -> &Secret<String> {
        &self.text
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256_hex(self.text.expose().as_bytes())
    }

    /// Whether this is the state of which `stored` was kept; in constant time.
    #[must_use]
    pub fn matches(&self, stored: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored.as_bytes()).into()
    }
}
