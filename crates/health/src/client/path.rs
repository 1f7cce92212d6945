//! What is at a path of the API server, whatever it is.

use std::time::Duration;

use super::error::ErrorKind;
use super::reader::Reader;
use crate::probes::Api;

impl Api for Reader {
    fn get(&self, path: &str, timeout: Duration) -> Result<(u16, Vec<u8>), String> {
        let late = || {
            format!(
                "no answer from the API server within {} s",
                timeout.as_secs_f64()
            )
        };
        let answer = self
            .block_on(async |asking| tokio::time::timeout(timeout, asking.get(path, "*/*")).await);
        match answer {
            Ok(Ok(body)) => Ok((200, body)),
            Ok(Err(error)) => match error.kind {
                ErrorKind::Forbidden => Ok((403, Vec::new())),
                ErrorKind::NotFound => Ok((404, Vec::new())),
                _ => Err(error.to_string()),
            },
            Err(_) => Err(late()),
        }
    }
}
