//! The master key: KMS in the cloud, a file of mode 0600 on a laptop.

use std::path::Path;

use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use zeroize::Zeroizing;

use crate::ambient::Entropy;
use crate::error::StoreError;
use crate::metrics;
use crate::seal;

/// What everything else is sealed under.
#[derive(Clone)]
pub enum MasterKey {
    /// A KMS key, by id or ARN.
    Kms {
        /// The client.
        client: aws_sdk_kms::Client,
        /// The key.
        key_id: String,
    },
    /// Thirty-two bytes from a file.
    File(std::sync::Arc<Zeroizing<[u8; 32]>>),
}

impl MasterKey {
    /// Reads the key file, or makes it with mode 0600 where there is none.
    ///
    /// # Errors
    /// The file cannot be read or written, or does not hold 32 bytes.
    pub fn from_file(path: &Path, entropy: &dyn Entropy) -> std::io::Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        match std::fs::read(path).map(Zeroizing::new) {
            Ok(bytes) if bytes.len() == key.len() => key.copy_from_slice(&bytes),
            Ok(_) => {
                return Err(std::io::Error::other("the master key file must hold 32 bytes"));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                entropy.fill(&mut *key);
                create_private(path, &*key)?;
            }
            Err(error) => return Err(error),
        }
        Ok(Self::File(std::sync::Arc::new(key)))
    }

    pub(crate) async fn seal(
        &self,
        plain: &[u8],
        context: &str,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, StoreError> {
        match self {
            Self::File(key) => Ok(seal::seal(key, context.as_bytes(), plain, entropy)),
            Self::Kms { client, key_id } => {
                let call = client.encrypt().key_id(key_id).plaintext(Blob::new(plain));
                let answer = call.encryption_context("countersign", context).send().await;
                let answer = answer.map_err(|e| failed("kms Encrypt", &e))?;
                let sealed = answer.ciphertext_blob.map(Blob::into_inner);
                sealed.ok_or_else(|| StoreError::unreadable("kms answered without a ciphertext"))
            }
        }
    }

    pub(crate) async fn open(
        &self,
        sealed: &[u8],
        context: &str,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        match self {
            Self::File(key) => seal::open(key, context.as_bytes(), sealed),
            Self::Kms { client, key_id } => {
                let call = client.decrypt().key_id(key_id).ciphertext_blob(Blob::new(sealed));
                let answer = call.encryption_context("countersign", context).send().await;
                let answer = answer.map_err(|e| failed("kms Decrypt", &e))?;
                let plain = answer.plaintext.map(|blob| Zeroizing::new(blob.into_inner()));
                plain.ok_or_else(|| StoreError::unreadable("kms answered without a plaintext"))
            }
        }
    }
}

fn failed<E: ProvideErrorMetadata, R>(operation: &str, error: &SdkError<E, R>) -> StoreError {
    // KMS that asks for patience is at work; what it refuses, or does not even hear, is counted.
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    if !code.is_some_and(|code| code.contains("Throttling") || code.contains("Timeout")) {
        metrics::kms_failed();
    }
    StoreError::from_sdk(operation, error)
}

/// Writes beside the final name first: a process killed half-way leaves no half key.
fn create_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let beside = path.with_extension("new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}
