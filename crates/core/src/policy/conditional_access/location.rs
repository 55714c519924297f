use std::net::IpAddr;

use crate::directory::{LocationCondition, NamedLocation};

/// Whether the address is in an included location and in no excluded one.
pub(super) fn matches(condition: &LocationCondition, locations: &[NamedLocation], ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    let inside =
        |location: &NamedLocation| location.ip_ranges.iter().any(|(network, prefix)| in_range(ip, *network, *prefix));
    let named =
        |ids: &[crate::ids::ObjectId]| locations.iter().any(|location| ids.contains(&location.id) && inside(location));
    let trusted = || locations.iter().any(|location| location.is_trusted && inside(location));
    let included = condition.include_all || (condition.include_trusted && trusted()) || named(&condition.include);
    let excluded = (condition.exclude_trusted && trusted()) || named(&condition.exclude);
    included && !excluded
}

fn in_range(ip: IpAddr, network: IpAddr, prefix: u8) -> bool {
    match (ip, network.to_canonical()) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            let host_bits = 32u32.saturating_sub(prefix.into());
            ip.to_bits().checked_shr(host_bits) == network.to_bits().checked_shr(host_bits)
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            let host_bits = 128u32.saturating_sub(prefix.into());
            ip.to_bits().checked_shr(host_bits) == network.to_bits().checked_shr(host_bits)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::ids::ObjectId;
    use crate::signin::fixture;

    #[test]
    fn ranges_are_told_by_their_prefix() {
        let cases = [
            ("192.0.2.7", "192.0.2.0", 24, true),
            ("192.0.3.7", "192.0.2.0", 24, false),
            ("192.0.2.7", "192.0.2.7", 32, true),
            ("192.0.2.8", "192.0.2.7", 32, false),
            ("10.0.0.1", "0.0.0.0", 0, true),
            ("::ffff:192.0.2.7", "192.0.2.0", 24, true),
            ("2001:db8::1", "2001:db8::", 32, true),
            ("2001:db9::1", "2001:db8::", 32, false),
            ("2001:db8::1", "::", 0, true),
            ("192.0.2.7", "2001:db8::", 0, false),
        ];
        for (ip, network, prefix, expected) in cases {
            let ip: IpAddr = ip.parse().unwrap();
            assert_eq!(
                in_range(ip.to_canonical(), network.parse().unwrap(), prefix),
                expected,
                "{ip} in {network}/{prefix}"
            );
        }
    }

    #[test]
    fn an_excluded_location_beats_an_included_one() {
        let office = NamedLocation {
            id: ObjectId(fixture::guid(70)),
            display_name: "Office".to_owned(),
            is_trusted: true,
            ip_ranges: vec![("192.0.2.0".parse().unwrap(), 24)],
        };
        let (inside, outside): (IpAddr, IpAddr) = ("192.0.2.7".parse().unwrap(), "198.51.100.7".parse().unwrap());
        let anywhere_but = |exclude_trusted, exclude: &[ObjectId]| LocationCondition {
            include_all: true,
            exclude_trusted,
            exclude: exclude.to_vec(),
            ..LocationCondition::default()
        };
        let only =
            |include: &[ObjectId]| LocationCondition { include: include.to_vec(), ..LocationCondition::default() };
        let cases = [
            ("anywhere but the office, inside", anywhere_but(false, &[office.id]), inside, false),
            ("anywhere but the office, outside", anywhere_but(false, &[office.id]), outside, true),
            ("anywhere but trusted, inside", anywhere_but(true, &[]), inside, false),
            ("only the office, inside", only(&[office.id]), inside, true),
            ("only the office, outside", only(&[office.id]), outside, false),
        ];
        for (name, condition, ip, expected) in cases {
            assert_eq!(matches(&condition, std::slice::from_ref(&office), ip), expected, "{name}");
        }
    }
}
