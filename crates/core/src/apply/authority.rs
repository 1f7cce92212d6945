use tidegate_yaml::{Node, binary_value};

const PATH: [&str; 4] = ["spec", "conversion", "webhook", "clientConfig"];

/// Takes the `caBundle` out of a CustomResourceDefinition where the API server would refuse it, as Flux
/// does: an operator fills it in later.
pub(super) fn without_invalid_bundle(object: &mut Node) {
    let text = |field: &str| object.get(field).and_then(Node::text).unwrap_or_default();
    let is_definition = text("kind").eq_ignore_ascii_case("CustomResourceDefinition")
        && text("apiVersion").starts_with("apiextensions.k8s.io/");
    let bundle = object
        .at(&PATH)
        .and_then(|config| config.get("caBundle")?.as_str());
    let is_invalid = bundle.is_some_and(|bundle| !bundle.is_empty() && !is_bundle(bundle));
    if !is_definition || !is_invalid {
        return;
    }
    let config = PATH.iter().try_fold(object, |node, key| node.get_mut(key));
    if let Some(config) = config.and_then(Node::as_map_mut) {
        config.remove("caBundle");
    }
}

/// Whether a text is base64 of at least one certificate. What is in the certificate is not looked at.
fn is_bundle(text: &str) -> bool {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let Some(Ok(pem)) = binary_value(text).map(String::from_utf8) else {
        return false;
    };
    let mut blocks = pem.split(BEGIN).skip(1);
    blocks.any(|block| {
        let body = block.split_once(END).map(|(body, _)| body.trim());
        let der = body.and_then(binary_value);
        der.is_some_and(|der| is_sequence(&der))
    })
}

/// Whether bytes are one sequence of ASN.1, as a certificate is.
fn is_sequence(der: &[u8]) -> bool {
    let (Some(0x30), Some(&first)) = (der.first(), der.get(1)) else {
        return false;
    };
    let (length, at) = match first {
        0..=0x7f => (usize::from(first), 2),
        0x81..=0x84 => {
            let at = 2 + usize::from(first & 0x7f);
            let Some(bytes) = der.get(2..at) else {
                return false;
            };
            let length = bytes
                .iter()
                .fold(0, |length, byte| length << 8 | usize::from(*byte));
            (length, at)
        }
        _ => return false,
    };
    der.len() == at.saturating_add(length)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn bundles() {
        let check = |pem: &str, expected| {
            assert_eq!(is_bundle(&STANDARD.encode(pem)), expected, "{pem}");
        };
        check(
            "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n",
            true,
        );
        check(
            "-----BEGIN CERTIFICATE-----\nMAMC\n-----END CERTIFICATE-----\n",
            false,
        );
        check("\n", false);
        assert!(!is_bundle("no base64"));
    }
}
