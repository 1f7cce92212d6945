//! Passwords and encryption.

use aes::Aes256;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Result, text};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::value::{Kind, Value};

const STR: Type = Type::Str;

/// What sprig alone has.
pub(crate) const SPRIG: &[Function] = &[
    Function::new("bcrypt", &[STR], |call, args| {
        Ok(bcrypt(call, "bcrypt", text(args, 0)?.as_bytes()).into())
    }),
    Function::new("htpasswd", &[STR, STR], |call, args| {
        let user = text(args, 0)?.to_text();
        if user.contains(':') {
            return Ok(format!("invalid username: {user}").into());
        }
        let hash = bcrypt(call, "htpasswd", text(args, 1)?.as_bytes());
        Ok(format!("{user}:{hash}").into())
    }),
    Function::new(
        "derivePassword",
        &[Type::Uint32, STR, STR, STR, STR],
        derive_password,
    ),
    Function::new("encryptAES", &[STR, STR], encrypt),
    Function::new("decryptAES", &[STR, STR], decrypt),
];

/// Go's default.
const BCRYPT_COST: u32 = 10;

/// The hash, or Go's error as text.
fn bcrypt(call: &mut Call<'_>, function: &'static str, password: &[u8]) -> String {
    if password.len() > 72 {
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
            .to_owned();
    }
    let mut salt = [0; 16];
    call.random(function, &mut salt);
    match bcrypt::hash_with_salt(password, BCRYPT_COST, salt) {
        Ok(parts) => parts.format_for_version(bcrypt::Version::TwoA),
        Err(error) => format!("failed to encrypt string with bcrypt: {error}"),
    }
}

/// The key of a password: its first 32 bytes.
fn key(password: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password[..length]);
    key
}

const BLOCK: usize = 16;

fn encrypt(call: &mut Call<'_>, args: &[Value]) -> Result {
    let plain = text(args, 1)?.as_bytes();
    if plain.is_empty() {
        return Ok("".into());
    }
    call.reserve(plain.len().saturating_mul(2))?;
    let mut start = [0; BLOCK];
    call.random("encryptAES", &mut start);
    let key = key(text(args, 0)?.as_bytes());
    let cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &start.into());
    let encrypted = cipher.encrypt_padded_vec_mut::<Pkcs7>(plain);
    Ok(super::encoding::base64(&[&start[..], &encrypted].concat()).into())
}

fn decrypt(_: &mut Call<'_>, args: &[Value]) -> Result {
    let encoded = text(args, 1)?.as_bytes();
    if encoded.is_empty() {
        return Ok("".into());
    }
    let bytes = super::encoding::from_base64(encoded)?;
    let Some((start, encrypted)) = bytes.split_first_chunk::<BLOCK>() else {
        return Err(format!(
            "runtime error: slice bounds out of range [:{BLOCK}] with capacity {}",
            bytes.len()
        )
        .into());
    };
    if !encrypted.len().is_multiple_of(BLOCK) {
        return Err("crypto/cipher: input not full blocks".into());
    }
    let key = key(text(args, 0)?.as_bytes());
    let cipher = cbc::Decryptor::<Aes256>::new(&key.into(), start.into());
    let mut plain = encrypted.to_vec();
    let unpadded = cipher.decrypt_padded_mut::<cbc::cipher::block_padding::NoPadding>(&mut plain);
    let plain = unpadded.map_err(|_| "crypto/cipher: input not full blocks")?;
    // As many bytes go as the last one says, whatever they are.
    let padding = plain.last().map_or(0, |last| usize::from(*last));
    match plain.len().checked_sub(padding) {
        Some(length) => Ok(Value::from(&plain[..length])),
        None => Err("runtime error: slice bounds out of range".into()),
    }
}

/// The templates of a kind of passwords, a letter for each character.
fn templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

/// The characters that a letter of a template stands for.
fn alphabet(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The Master Password algorithm.
fn derive_password(_: &mut Call<'_>, args: &[Value]) -> Result {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let counter = match args[0].kind {
        Kind::Uint64(counter) => counter as u32,
        _ => 0,
    };
    let kind = text(args, 1)?;
    let Some(templates) = templates(kind.as_bytes()) else {
        return Ok(format!("cannot find password template {}", kind.to_text()).into());
    };
    let (password, user, site) = (text(args, 2)?, text(args, 3)?, text(args, 4)?);
    let length = |text: &[u8]| (text.len() as u32).to_be_bytes();
    let salt = [SEED, &length(user.as_bytes()), user.as_bytes()].concat();
    let refused = |error: String| format!("failed to derive password: {error}");
    let params = scrypt::Params::new(15, 8, 2, 64).map_err(|error| refused(error.to_string()))?;
    let mut key = [0; 64];
    scrypt::scrypt(password.as_bytes(), &salt, &params, &mut key)
        .map_err(|error| refused(error.to_string()))?;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&key).map_err(|error| refused(error.to_string()))?;
    for part in [
        SEED,
        &length(site.as_bytes()),
        site.as_bytes(),
        &counter.to_be_bytes(),
    ] {
        mac.update(part);
    }
    let seed = mac.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    let pick = |(letter, seed): (u8, &u8)| {
        let from = alphabet(letter);
        from[usize::from(*seed) % from.len()]
    };
    let out: Vec<u8> = template.bytes().zip(&seed[1..]).map(pick).collect();
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn passwords_are_derived_and_decrypted() {
        check(
            r#"{{ derivePassword 1 "long" "password" "user" "example.com" }}"#,
            "ZedaFaxcZaso9*",
        );
        check(
            r#"{{ decryptAES "secretkey" "30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=" }}"#,
            "plaintext",
        );
        check(
            r#"{{ encryptAES "k" "some text" | decryptAES "k" }}"#,
            "some text",
        );
        check(r#"{{ htpasswd "u" "p" | trunc 9 }}"#, "u:$2a$10$");
    }
}
