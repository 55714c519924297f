use crate::directory::Application;
use crate::error::Denial;
use crate::secret::Secret;
use crate::time::TenantTime;

/// Any secret that holds now will do; the right text of an expired one is AADSTS7000222, every other one 7000215.
pub(super) fn check(client: &Application, presented: &Secret, now: TenantTime) -> Result<(), Denial> {
    let mut expired = false;
    for credential in &client.password_credentials {
        if !credential.secret_text.matches(presented) {
            continue;
        }
        let begun = credential.start.is_none_or(|start| start <= now);
        match credential.end {
            Some(end) if end <= now => expired = true,
            _ if begun => return Ok(()),
            _ => {}
        }
    }
    let code = if expired { 7000222 } else { 7000215 };
    Err(Denial::new(code).with("appId", client.app_id))
}
