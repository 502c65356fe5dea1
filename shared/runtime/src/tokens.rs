//! Access tokens: ES256 JWTs (RFC 9068), signed with a key that every function shares.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cloud::{Entered, FoundKeys, SigningKeys};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::ids::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::RwLock;
use wire::Problem;

use crate::app::App;
use crate::errors::store_problem;

const LEEWAY_S: i64 = 10;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenUse {
    /// Calling the API.
    Access,
    /// Getting another access token.
    Refresh,
}

/// How long a token lives.
#[derive(Debug, Clone, Copy)]
pub enum Lifetime {
    /// A day, where the contract says so.
    Day,
    /// Thirty days, for refresh tokens.
    Month,
}

impl Lifetime {
    const fn duration(self) -> SignedDuration {
        match self {
            Self::Day => SignedDuration::from_hours(24),
            Self::Month => SignedDuration::from_hours(24 * 30),
        }
    }
}

/// A token that was made.
pub struct Token {
    /// The JWT.
    pub text: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: TenantId,
    client_id: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(rename = "use")]
    used_for: TokenUse,
    epoch: u32,
}

/// For how long a process signs on with a key that was replaced, and publishes those it knew.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(5);

/// How soon a process looks again for a key that it does not know: whoever makes up ids has the
/// table asked no more often.
const UNKNOWN_FOR: SignedDuration = SignedDuration::from_secs(5);

/// The keys that this process knows, and when it looked last.
#[derive(Default)]
pub(crate) struct Signer(RwLock<Option<(Arc<Known>, Timestamp)>>);

struct Known {
    current: Keys,
    former: Option<Keys>,
    sealed: cloud::Sealed,
}

impl Known {
    fn read(stored: SigningKeys) -> Option<Self> {
        let former = match stored.former {
            Some(former) => Some(read_keys(&former)?),
            None => None,
        };
        Some(Self { current: read_keys(&stored.current)?, former, sealed: stored.sealed })
    }

    fn all(&self) -> impl Iterator<Item = &Keys> {
        std::iter::once(&self.current).chain(&self.former)
    }

    fn by_id(&self, id: &str) -> Option<&Keys> {
        self.all().find(|keys| keys.id == id)
    }
}

struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    /// The thumbprint of the public key (RFC 7638): another key is never taken for this one.
    id: String,
    jwk: Value,
}

impl Keys {
    fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, Problem> {
        let header = Header {
            typ: Some(kind.to_owned()),
            kid: Some(self.id.clone()),
            ..Header::new(Algorithm::ES256)
        };
        let text = jsonwebtoken::encode(&header, claims, &self.encoding);
        text.map_err(|_| Problem::internal("a token could not be signed"))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(redacted)")
    }
}

impl App {
    /// Makes a token for a tenant's credential.
    ///
    /// # Errors
    /// A [`Problem`] when the signing key cannot be had.
    pub async fn issue(
        &self,
        entered: &Entered,
        client_id: &str,
        used_for: TokenUse,
        lifetime: Lifetime,
    ) -> Result<Token, Problem> {
        let issued_at = self.now();
        let expires_at = issued_at.checked_add(lifetime.duration()).unwrap_or(issued_at);
        let issuer = self.config.public_url.to_string();
        let claims = Claims {
            aud: issuer.clone(),
            iss: issuer,
            sub: entered.scope.tenant(),
            client_id: client_id.to_owned(),
            iat: issued_at.as_second(),
            exp: expires_at.as_second(),
            jti: cloud::hex(&self.random::<16>()),
            used_for,
            epoch: entered.tenant.epoch,
        };
        let text = self.sign("at+jwt", &claims).await?;
        Ok(Token { text, issued_at, expires_at })
    }

    /// Checks a token and enters its tenant. Gives the client id along.
    ///
    /// # Errors
    /// A [`Problem`] that says what is wrong with the token.
    pub async fn check_token(
        &self,
        text: &str,
        used_for: TokenUse,
    ) -> Result<(Entered, String), Problem> {
        let wrong = "The bearer token is not one of ours, or was altered; log in again.";
        let header = jsonwebtoken::decode_header(text);
        let id = header.ok().and_then(|header| header.kid);
        let id = id.ok_or_else(|| Problem::unauthenticated(wrong))?;
        let known = self.known_with(&id).await?;
        let keys = known.as_deref().and_then(|known| known.by_id(&id));
        let keys = keys.ok_or_else(|| Problem::unauthenticated(wrong))?;
        let issuer = self.config.public_url.to_string();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[&issuer]);
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(text, &keys.decoding, &validation)
            .map_err(|_| Problem::unauthenticated(wrong))?
            .claims;
        if self.now().as_second() > claims.exp + LEEWAY_S {
            return Err(Problem::unauthenticated("The bearer token has expired; log in again."));
        }
        if claims.used_for != used_for {
            let what = "The bearer token is of another kind; send the access token to the API and \
                        the refresh token to the refresh call.";
            return Err(Problem::unauthenticated(what));
        }
        let entered = self.table.enter(claims.sub).await.map_err(store_problem)?;
        let stands = |entered: &Entered| {
            let mut credentials = entered.tenant.credentials.iter();
            entered.tenant.epoch == claims.epoch
                && credentials.any(|credential| credential.client_id == claims.client_id)
        };
        match entered.filter(stands) {
            Some(entered) => Ok((entered, claims.client_id)),
            None => Err(Problem::unauthenticated("The bearer token was revoked; log in again.")),
        }
    }

    /// The public keys (RFC 7517): of the key that signs, and of the one before it.
    ///
    /// # Errors
    /// A [`Problem`] when the signing key cannot be had.
    pub async fn jwks(&self) -> Result<Value, Problem> {
        let known = self.keys().await?;
        Ok(json!({ "keys": known.all().map(|keys| &keys.jwk).collect::<Vec<_>>() }))
    }

    /// A JWT of some kind, under the key that signs.
    pub(crate) async fn sign(
        &self,
        kind: &str,
        claims: &impl Serialize,
    ) -> Result<String, Problem> {
        self.keys().await?.current.sign(kind, claims)
    }

    /// Has another key sign from now on; see [`cloud::Table::rotate_signing_key`].
    ///
    /// # Errors
    /// A [`Problem`] when the table or the master key does not answer.
    pub async fn rotate_signing_key(&self, keep_former: bool) -> Result<(), Problem> {
        self.table.rotate_signing_key(generate, keep_former).await.map_err(store_problem)
    }

    /// The keys, made if there are none.
    async fn keys(&self) -> Result<Arc<Known>, Problem> {
        if let Some(known) = self.known_for(KNOWN_FOR).await {
            return Ok(known);
        }
        if let Some(known) = self.stored_keys().await? {
            return Ok(known);
        }
        let made = self.table.first_signing_key(generate).await.map_err(store_problem)?;
        self.know(made).await
    }

    /// The keys, with that of this id if there is one. Who only checks tokens may not make keys.
    async fn known_with(&self, id: &str) -> Result<Option<Arc<Known>>, Problem> {
        match self.known_for(KNOWN_FOR).await.filter(|known| known.by_id(id).is_some()) {
            Some(known) => Ok(Some(known)),
            None => match self.known_for(UNKNOWN_FOR).await {
                Some(known) => Ok(Some(known)),
                None => self.stored_keys().await,
            },
        }
    }

    /// The keys, where the last look is not as long ago as this.
    async fn known_for(&self, time: SignedDuration) -> Option<Arc<Known>> {
        let known = self.signer.0.read().await.clone();
        let lately = |at: Timestamp| self.now().duration_since(at) < time;
        known.and_then(|(known, at)| lately(at).then_some(known))
    }

    /// Looks what is stored. What is known already is not opened again.
    async fn stored_keys(&self) -> Result<Option<Arc<Known>>, Problem> {
        let known = self.signer.0.read().await.clone().map(|(known, _)| known);
        let sealed = known.as_ref().map(|known| &known.sealed);
        match self.table.stored_signing_keys(sealed).await.map_err(store_problem)? {
            FoundKeys::Nothing => Ok(None),
            FoundKeys::Keys(stored) => self.know(stored).await.map(Some),
            FoundKeys::Same => {
                let again = known.clone().map(|known| (known, self.now()));
                *self.signer.0.write().await = again;
                Ok(known)
            }
        }
    }

    async fn know(&self, stored: SigningKeys) -> Result<Arc<Known>, Problem> {
        let known = Arc::new(Known::read(stored).ok_or_else(unreadable)?);
        *self.signer.0.write().await = Some((Arc::clone(&known), self.now()));
        Ok(known)
    }
}

fn unreadable() -> Problem {
    Problem::internal("the signing key is unreadable")
}

/// Signs and verifies one token with a fresh key, and sees an altered one refused.
///
/// # Errors
/// What does not work; the process must not start then.
pub fn self_test() -> Result<(), &'static str> {
    cloud::self_test()?;
    webhooks::self_test()?;
    let keys = read_keys(&generate()).ok_or("an ES256 key cannot be read")?;
    let header = Header::new(Algorithm::ES256);
    let token = jsonwebtoken::encode(&header, &json!({ "sub": "test" }), &keys.encoding);
    let token = token.map_err(|_| "ES256 does not sign")?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let check = |token: &str| jsonwebtoken::decode::<Value>(token, &keys.decoding, &validation);
    check(&token).map_err(|_| "ES256 does not verify")?;
    let altered = token.replacen('.', ".e30", 1);
    if check(&altered).is_ok() { Err("ES256 verifies what was altered") } else { Ok(()) }
}

fn generate() -> Vec<u8> {
    let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    pair.expect("the operating system gives random bytes").as_ref().to_vec()
}

fn read_keys(pkcs8: &[u8]) -> Option<Keys> {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?;
    let [4, point @ ..] = pair.public_key().as_ref() else {
        return None;
    };
    let (x, y) = point.split_at_checked(32)?;
    let (x, y) = (BASE64.encode(x), BASE64.encode(y));
    let decoding = DecodingKey::from_ec_components(&x, &y).ok()?;
    let mut jwk =
        json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": x, "y": y });
    let read: Jwk = serde_json::from_value(jwk.clone()).ok()?;
    let id = read.thumbprint(ThumbprintHash::SHA256).ok()?;
    jwk["kid"] = json!(id);
    Some(Keys { encoding: EncodingKey::from_ec_der(pkcs8), decoding, id, jwk })
}
