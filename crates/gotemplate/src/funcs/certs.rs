//! Private keys and certificates. They are random, so no one can compare them with Helm's: all are made
//! with ECDSA P-256, where sprig makes RSA keys too, which cost a second each. The output that holds them
//! is marked as not deterministic.

use std::borrow::Cow;
use std::net::IpAddr;

use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::LineEnding;

use super::der::{Certificate, certificate, pem};
use super::{Result, int, text};
use crate::functions::{Call, Failure, Function};
use crate::object::{Object, Type};
use crate::value::{Kind, Value};

use Type::{Int, List};

const STR: Type = Type::Str;
const CERTIFICATE: Type = Type::Object("sprig.certificate");

/// What sprig alone has.
pub(crate) const SPRIG: &[Function] = &[
    Function::new("genPrivateKey", &[STR], |call, args| {
        match text(args, 0)?.as_bytes() {
            b"" | b"rsa" | b"dsa" | b"ecdsa" | b"ed25519" => {
                Ok(key_pem(&new_key(call, "genPrivateKey")?)?.into())
            }
            other => Ok(format!("Unknown type {}", crate::text::lossy(other)).into()),
        }
    }),
    Function::new("buildCustomCert", &[STR, STR], build_custom),
    Function::new("genCA", &[STR, Int], |call, args| {
        let key = new_key(call, "genCA")?;
        authority(call, "genCA", args, key)
    }),
    Function::new("genCAWithKey", &[STR, Int, STR], |call, args| {
        let key = given_key(call, "genCAWithKey", args, 2)?;
        authority(call, "genCAWithKey", args, key)
    }),
    Function::new(
        "genSelfSignedCert",
        &[STR, List, List, Int],
        |call, args| {
            let key = new_key(call, "genSelfSignedCert")?;
            leaf(call, "genSelfSignedCert", args, key, None)
        },
    ),
    Function::new(
        "genSelfSignedCertWithKey",
        &[STR, List, List, Int, STR],
        |call, args| {
            let key = given_key(call, "genSelfSignedCertWithKey", args, 4)?;
            leaf(call, "genSelfSignedCertWithKey", args, key, None)
        },
    ),
    Function::new(
        "genSignedCert",
        &[STR, List, List, Int, CERTIFICATE],
        |call, args| {
            let key = new_key(call, "genSignedCert")?;
            leaf(call, "genSignedCert", args, key, Some(4))
        },
    ),
    Function::new(
        "genSignedCertWithKey",
        &[STR, List, List, Int, CERTIFICATE, STR],
        |call, args| {
            let key = given_key(call, "genSignedCertWithKey", args, 5)?;
            leaf(call, "genSignedCertWithKey", args, key, Some(4))
        },
    ),
];

/// A certificate and its key, as text.
#[derive(Debug)]
struct Pair {
    cert: String,
    key: String,
    /// What it says of its subject: what it signs names it as issuer.
    name: String,
}

impl Object for Pair {
    fn type_name(&self) -> Cow<'static, str> {
        "sprig.certificate".into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(self.cert.as_str().into()),
            "Key" => Some(self.key.as_str().into()),
            _ => None,
        }
    }

    fn display(&self) -> String {
        format!("{{{} {}}}", self.cert, self.key)
    }

    fn to_data(&self) -> Value {
        Value::map(
            [
                ("Cert".into(), self.cert.as_str().into()),
                ("Key".into(), self.key.as_str().into()),
            ]
            .into(),
        )
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn new_key(call: &mut Call<'_>, function: &'static str) -> Result<SecretKey> {
    // Nearly every number of 32 bytes is a key.
    for _ in 0..100 {
        let mut bytes = [0; 32];
        call.random(function, &mut bytes);
        if let Ok(key) = SecretKey::from_slice(&bytes) {
            return Ok(key);
        }
    }
    Err("error generating key: the source of random numbers gives no fit ones".into())
}

/// The key of a PEM text; another one for keys of a kind that is not made here.
fn given_key(
    call: &mut Call<'_>,
    function: &'static str,
    args: &[Value],
    index: usize,
) -> Result<SecretKey> {
    let pem = text(args, index)?.to_text();
    if !pem.contains("-----BEGIN ") {
        return Err("parsing private key: no PEM data in input".into());
    }
    match SecretKey::from_sec1_pem(&pem) {
        Ok(key) => Ok(key),
        Err(_) => new_key(call, function),
    }
}

fn key_pem(key: &SecretKey) -> Result<String> {
    match key.to_sec1_pem(LineEnding::LF) {
        Ok(pem) => Ok(pem.to_string()),
        Err(error) => Err(format!("failed to generate private key: {error}").into()),
    }
}

fn authority(
    call: &mut Call<'_>,
    function: &'static str,
    args: &[Value],
    key: SecretKey,
) -> Result {
    let name = text(args, 0)?.to_text().to_string();
    let certificate = Certificate {
        subject: &name,
        issuer: &name,
        public_key: key.public_key().to_encoded_point(false).as_bytes().to_vec(),
        serial: serial(call, function),
        from: call.now(function).0,
        days: int(args, 1)?,
        is_authority: true,
        dns_names: Vec::new(),
        addresses: Vec::new(),
    };
    pair(&certificate, &key, &key, &name)
}

fn serial(call: &mut Call<'_>, function: &'static str) -> [u8; 16] {
    let mut serial = [0; 16];
    call.random(function, &mut serial);
    serial
}

fn leaf(
    call: &mut Call<'_>,
    function: &'static str,
    args: &[Value],
    key: SecretKey,
    authority: Option<usize>,
) -> Result {
    let name = text(args, 0)?.to_text().to_string();
    let signer = match authority {
        None => None,
        Some(index) => match &args[index].kind {
            Kind::Object(object) => object.as_any().downcast_ref::<Pair>(),
            _ => None,
        },
    };
    let (issuer, signing_key) = match signer {
        None => (name.as_str(), key.clone()),
        Some(pair) => {
            // A key that was not made here is stood in for: nothing checks the signature.
            let signing_key = match SecretKey::from_sec1_pem(&pair.key) {
                Ok(key) => key,
                Err(_) => new_key(call, function)?,
            };
            (pair.name.as_str(), signing_key)
        }
    };
    let certificate = Certificate {
        subject: &name,
        issuer,
        public_key: key.public_key().to_encoded_point(false).as_bytes().to_vec(),
        serial: serial(call, function),
        from: call.now(function).0,
        days: int(args, 3)?,
        is_authority: false,
        addresses: addresses(&args[1])?,
        dns_names: dns_names(&args[2])?,
    };
    pair(&certificate, &key, &signing_key, &name)
}

fn pair(made: &Certificate<'_>, key: &SecretKey, signing_key: &SecretKey, name: &str) -> Result {
    Ok(Value::object(Pair {
        cert: pem("CERTIFICATE", &certificate(made, signing_key)),
        key: key_pem(key)?,
        name: name.to_owned(),
    }))
}

fn addresses(value: &Value) -> Result<Vec<IpAddr>> {
    let items = value
        .as_list()
        .map(|list| list.items.as_slice())
        .unwrap_or_default();
    let parse = |item: &Value| -> std::result::Result<IpAddr, Failure> {
        let Some(text) = item.as_str() else {
            return Err(format!(
                "error parsing ip: {} is not a string",
                crate::fmt::shown(item)
            )
            .into());
        };
        let text = text.to_text();
        text.parse()
            .map_err(|_| format!("error parsing ip: {text}").into())
    };
    items.iter().map(parse).collect()
}

fn dns_names(value: &Value) -> Result<Vec<String>> {
    let items = value
        .as_list()
        .map(|list| list.items.as_slice())
        .unwrap_or_default();
    let name = |item: &Value| match item.as_str() {
        Some(text) => Ok(text.to_text().to_string()),
        None => {
            let shown = crate::fmt::shown(item);
            Err(format!("error processing alternate dns name: {shown} is not a string").into())
        }
    };
    items.iter().map(name).collect()
}

fn build_custom(_: &mut Call<'_>, args: &[Value]) -> Result {
    let decoded = |index: usize, refusal: &str| -> Result<String> {
        let bytes = super::encoding::from_base64(text(args, index)?.as_bytes());
        let bytes = bytes.map_err(|_| refusal.to_owned())?;
        Ok(crate::text::lossy(&bytes))
    };
    let cert = decoded(0, "unable to decode base64 certificate")?;
    let key = decoded(1, "unable to decode base64 private key")?;
    if !cert.contains("-----BEGIN CERTIFICATE-----") {
        return Err("unable to decode certificate".into());
    }
    if !key.contains(" PRIVATE KEY-----") && !key.contains("-----BEGIN PRIVATE KEY-----") {
        return Err("error parsing private key: no PEM data in input".into());
    }
    Ok(Value::object(Pair {
        cert,
        key,
        name: String::new(),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn certificates_are_pem() {
        check(
            r#"{{ $ca := genCA "ca" 1 }}{{ $c := genSignedCert "x" (list "10.0.0.1") (list "a.b") 1 $ca }}{{ $c.Cert | trunc 27 }} {{ $c.Key | trunc 30 }}"#,
            "-----BEGIN CERTIFICATE----- -----BEGIN EC PRIVATE KEY-----",
        );
        check(r#"{{ genPrivateKey "odd" }}"#, "Unknown type odd");
    }
}
