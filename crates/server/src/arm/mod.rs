//! Azure Resource Manager, as far as `az login` asks: where the cloud's endpoints are, which tenants somebody is in, and
//! the one subscription that every tenant has. It is empty, can be read by everybody, and is never written.

mod answer;
mod caller;
pub(crate) mod metadata;
pub(crate) mod subscriptions;
pub(crate) mod tenants;
