//! What a page says in one case and not in another: the words that are in no template. What is wrong with a new password
//! says `ropeway_core::password`, what a number means the catalogue.

pub(crate) const NAME_WANTED: &str = "Enter the name you sign in with.";
pub(crate) const UNKNOWN_NAME: &str = "We couldn't find an account with that name.";
pub(crate) const PASSWORD_WANTED: &str = "Enter your password.";
pub(crate) const WRONG_PASSWORD: &str = "Your account or password is incorrect.";
pub(crate) const LOCKED: &str =
    "Your account is locked for now, because somebody tried too many wrong passwords. Try again later.";
pub(crate) const WRONG_CODE: &str = "That code is wrong, or was used before. Enter the next one.";
pub(crate) const TOO_MANY_CODES: &str = "Too many wrong codes. Try again later.";
pub(crate) const PASSWORDS_DIFFER: &str = "The two passwords differ.";
pub(crate) const SAME_PASSWORD: &str = "The new password is the old one. Choose another.";
pub(crate) const USER_CODE_WANTED: &str = "Enter the code that your device shows.";
pub(crate) const TOO_MANY_USER_CODES: &str = "Too many wrong codes. Wait five minutes, and start again on your device.";
pub(crate) const WRONG_USER_CODE: &str =
    "That code is wrong, or no longer valid. Check it, or start again on your device.";
pub(crate) const ANSWERED_USER_CODE: &str = "That code was answered before. Start again on your device.";
pub(crate) const BROWSER_SIGNED_OUT: &str =
    "That browser is signed out. Applications there may still be used until their own sessions end.";
pub(crate) const WITHDRAWN: &str = "Withdrawn. The application must ask you again.";
pub(crate) const PASSWORD_CHANGED: &str =
    "Your password is changed. Applications that were given the old one have to ask you again.";
pub(crate) const WRONG_OLD_PASSWORD: &str = "The old password is wrong.";
pub(crate) const TOO_MANY_PASSWORDS: &str = "Too many wrong passwords. Try again later.";
pub(crate) const PASSWORD_ELSEWHERE: &str = "Your organisation keeps your password elsewhere. Change it there.";
pub(crate) const FEDERATION_SERVICE: &str = "your organisation's federation service";
pub(crate) const MICROSOFT_ACCOUNTS: &str = "Microsoft's service for personal accounts";
pub(crate) const GOOGLE: &str = "Google";
