//! What an attacker would try, from outside, each beside what has to work. The ids are those of the project's list of
//! security requirements; a row that another test shows is named here.
//!
//! | rows | shown by |
//! |---|---|
//! | RU-01, RU-03 to RU-06, RU-09, RU-10, RU-12 to RU-15 | [`redirects`] |
//! | RU-02, RU-09 | `authorize`: the two tables of faults |
//! | RU-07, RU-15, RT-06 | `single_page` |
//! | RU-08, AC-04, AC-05, AC-11, PK-02 | `authorization_code::a_code_is_bound_to_all_that_its_request_said` |
//! | RU-11 | `authorize::every_other_fault_is_told_to_the_application_with_its_state`: as Entra, also without a person |
//! | AC-01 to AC-03, AC-06 | `authorization_code` |
//! | AC-07, AC-08, PK-01, PK-04 to PK-06, PK-08, RT-03, RT-09, SE-02, TK-04, TK-07, TK-11, TK-14, TK-16 | [`credentials`] |
//! | AC-09, SE-06 | `sign_in_page::no_step_is_skipped_replayed_or_finished_in_another_browser` |
//! | AC-10 | `secrets`, and the headers in [`pages`] |
//! | PK-07 | `aws_lc_rs::constant_time` |
//! | PK-03, PK-09, RT-02, RT-11, CO-05 | profile `strict`: they do not apply. Entra asks only pages for a challenge (`single_page`), and a refresh token is redeemed again and again (`refresh_token`) |
//! | TK-01 | `claims::only_an_access_token_for_graph_opens_graph` |
//! | TK-03, TK-08, TK-09 | [`tokens`](self::tokens) |
//! | TK-02, CO-07, CO-08 | `tokens` |
//! | TK-05, TK-06 | `key_rotation`, `metadata::keys_have_what_verifiers_look_for`, [`credentials`] |
//! | TK-10 | `headers` |
//! | TK-12, RT-07, CO-06 | `refresh_token`, `account`, `authorization_code::what_ends_an_account_ends_its_codes`: what ends a refresh token is Entra's table |
//! | TK-13, RT-05, RT-10 | `refresh_token`: other scopes and resources are allowed as far as consent reaches; v2.0 says `invalid_grant` |
//! | TK-15 | `serving` of the server: the origin is the request's, where the host is ours; any other is 421 |
//! | RT-01 | `refresh_token::it_is_the_clients_own_except_within_microsofts_family`: it holds for the client, not for the tenant |
//! | RT-08 | `refresh_token::offline_access_gives_one_and_without_it_there_is_none` |
//! | SE-01 | `single_sign_on::the_cookie_of_before_the_sign_in_opens_nothing_after_it` |
//! | SE-03 | `browser` of the server: Entra's names, without `__Host-` |
//! | SE-04, SE-09 to SE-12 | [`pages`]; Chromium meets no violation in `clients/browser` |
//! | SE-05 | `sign_in_page::a_form_of_another_site_is_not_looked_at`, `account` |
//! | SE-07, SE-08, RU-12 | `sign_out`: a GET ends the session at once, and a registered address needs no `id_token_hint` |
//! | SE-13 to SE-15 | `single_sign_on` |
//! | CO-01, CO-02, CO-04 | [`pages`] |
//! | CO-03 | `sign_in_page::at_adminconsent_an_administrator_consents_for_everybody_and_nobody_else_can` |
//!
//! Not here: several nodes, `check_session` and `web_message` (SE-16, SE-17), claims mapping (TK-17), which do not exist.

mod credentials;
mod pages;
mod redirects;
mod tokens;
