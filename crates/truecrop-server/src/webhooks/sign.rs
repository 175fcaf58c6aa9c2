//! The signature of an event, as Standard Webhooks has it: HMAC-SHA-256 over id, time and body, with each of the secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The value of `webhook-signature`. `timestamp`: seconds since 1970.
pub fn signature(secrets: &[Vec<u8>], id: &str, timestamp: u64, body: &[u8]) -> String {
    let signed = |secret: &Vec<u8>| {
        // Keys of any length are taken.
        let mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        let mac = mac.chain_update(format!("{id}.{timestamp}.")).chain_update(body).finalize();
        Some(format!("v1,{}", STANDARD.encode(mac.into_bytes())))
    };
    secrets.iter().filter_map(signed).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the reference libraries (standard-webhooks, `libraries`).
    #[test]
    fn it_is_that_of_the_reference_libraries() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(
            std::slice::from_ref(&secret),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = signature(&[secret, vec![1; 32]], "x", 1, b"{}");
        assert_eq!(both.split(' ').filter(|one| one.starts_with("v1,")).count(), 2);
    }
}
