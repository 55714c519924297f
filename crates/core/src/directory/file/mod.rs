//! The tenant file: text in, a [`Directory`] or every fault out.
//!
//! The file is YAML in Microsoft Graph's property names, nesting and values. [`read`] goes in three steps: `node` keeps
//! the place of every value; `check` walks the nodes along `table`, the one table of properties; the rest builds the
//! directory from what passed, one file for each part of the model, and finds what does not fit together. [`schema()`]
//! follows the same table, and [`show()`] writes what [`read`] reads. [`ObjectReader`] reads one object of a tenant that is there
//! already.

mod application;
mod check;
mod consent;
mod fault;
mod group;
mod names;
mod node;
mod object;
mod policy;
mod schema;
mod shape;
mod show;
mod table;
mod tenant;
mod user;
mod value;

#[cfg(test)]
mod tests;

pub use fault::{Fault, Faults, Note, Place};
pub use object::{ObjectReader, grant_id, show_application, show_grant, show_policy, show_settings, show_user};
pub use schema::schema;
pub use show::show;

use super::Directory;
use crate::ids::CONSUMER_TENANT;
use check::Reader;
use names::Unique;
use value::Object;

/// A tenant file that was read.
#[derive(Debug, Clone)]
pub struct TenantFile {
    /// The tenants, with the consumer tenant and the built-in applications.
    pub directory: Directory,
    /// What the file says in vain, each thing once.
    pub without_effect: Vec<Note>,
}

/// Reads a tenant file. `file_name` is what messages call it; `env` answers `{ env: NAME }`.
///
/// # Errors
/// Every fault of the file, in the order of its lines; only the first when it is no YAML.
pub fn read(text: &str, file_name: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<TenantFile, Faults> {
    let mut reader = Reader::new(file_name, env);
    let directory = match node::parse(text) {
        Ok(node) => match reader.object(&table::FILE, &node, "") {
            Some(file) => directory(&mut reader, &file),
            None => Directory::default(),
        },
        Err(error) => {
            reader.fault(error.place, "", format!("this is no YAML: {}", error.message), "correct it and try again");
            Directory::default()
        }
    };
    if reader.faults.is_empty() {
        reader.notes.sort_by_key(|note| note.place);
        return Ok(TenantFile { directory, without_effect: reader.notes });
    }
    reader.faults.sort_by_key(|fault| fault.place);
    Err(Faults(reader.faults))
}

fn directory(reader: &mut Reader<'_>, file: &Object) -> Directory {
    let mut ids = Unique::default();
    let mut domains = Unique::default();
    let mut directory = Directory::default();
    for object in file.objects("tenants") {
        let built = tenant::build(reader, object, &mut domains);
        if let Some(field) = object.field("id") {
            ids.claim(reader, &built.tenant.id.to_string(), field.place, &field.path, "tenant");
        }
        directory.tenants.push(built);
    }
    if directory.tenants.is_empty() && !file.lacks("tenants") && file.list("tenants").is_empty() {
        let place = file.field("tenants").map_or(file.place, |field| field.place);
        reader.fault(place, "tenants", "there is no tenant", "add one, or write the sample with `ropeway tenant init`");
    }
    note_homeless_guests(reader, file, &directory);
    if !directory.tenants.iter().any(|known| known.tenant.id == CONSUMER_TENANT) {
        directory.tenants.push(tenant::consumer_tenant());
    }
    directory
}

/// Exports hold guests from tenants that the file knows nothing of.
fn note_homeless_guests(reader: &mut Reader<'_>, file: &Object, directory: &Directory) {
    let has_home = |mail: &str| {
        let domain = mail.rsplit_once('@').map_or("", |(_, domain)| domain);
        directory.tenants.iter().any(|known| known.tenant.verified_domain(domain).is_some())
    };
    for object in file.objects("tenants").flat_map(|tenant| tenant.objects("users")) {
        let from_entra =
            object.objects("identities").any(|identity| identity.text("issuer") == Some("ExternalAzureAD"));
        let Some(mail) = object.field("mail").filter(|_| from_entra && object.word("userType") == Some("Guest")) else {
            continue;
        };
        if !has_home(tenant::text_of(mail)) {
            let text = "a guest whose home tenant is not in the file cannot sign in".to_owned();
            reader.note(mail.place, &mail.path, text);
        }
    }
}
