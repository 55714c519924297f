//! The first path segment of every protocol endpoint: which tenant is meant.

use crate::error::Denial;
use crate::ids::{CONSUMER_TENANT, TenantId};

/// The tenant segment as it was written, understood
/// (<https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantSegment {
    /// `common`: work accounts and personal ones.
    Common,
    /// `organizations`: work accounts of any tenant.
    Organizations,
    /// `consumers`, or the consumer tenant's own id: personal accounts.
    Consumers,
    /// A tenant by its id.
    Id(TenantId),
    /// A tenant by one of its domains, in lower case.
    Domain(String),
}

impl TenantSegment {
    /// Reads the segment. What is neither an alias, a GUID nor a domain name is AADSTS900023.
    pub fn parse(segment: &str) -> Result<Self, Denial> {
        let lower = segment.to_ascii_lowercase();
        match lower.as_str() {
            "common" => return Ok(Self::Common),
            "organizations" => return Ok(Self::Organizations),
            "consumers" => return Ok(Self::Consumers),
            _ => {}
        }
        if let Ok(id) = lower.parse::<TenantId>() {
            return Ok(if id == CONSUMER_TENANT { Self::Consumers } else { Self::Id(id) });
        }
        if is_domain_name(&lower) {
            return Ok(Self::Domain(lower));
        }
        Err(Denial::new(900023).with("tenant", segment))
    }
}

/// Letters, digits and hyphens in labels of at most 63, at least two labels, 253 characters in all (RFC 1035 §2.3.4).
fn is_domain_name(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    text.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_ids_and_domains_are_told_apart() {
        let cases = [
            ("common", Ok(TenantSegment::Common)),
            ("Organizations", Ok(TenantSegment::Organizations)),
            ("consumers", Ok(TenantSegment::Consumers)),
            ("9188040D-6c67-4c5b-b112-36a304b66dad", Ok(TenantSegment::Consumers)),
            ("Alpine.TEST", Ok(TenantSegment::Domain("alpine.test".into()))),
            ("alpine", Err(900023)),
            ("", Err(900023)),
            ("a b.test", Err(900023)),
            ("-x.test", Err(900023)),
        ];
        for (segment, expected) in cases {
            assert_eq!(TenantSegment::parse(segment).map_err(|denial| denial.code()), expected, "{segment}");
        }
    }
}
