-- SEQUENCE_KEY and KEPT_BY_KEY are what dialect.rs makes of them: a key of ascending numbers, and rows that lie in the
-- order of their key. SQLite then needs no index beside the table: less to read, and less to write.

CREATE TABLE sign_in_in_sequence (
    sequence SEQUENCE_KEY,
    sign_in_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    user_id TEXT,
    user_principal_name TEXT NOT NULL,
    app_id TEXT,
    resource_id TEXT,
    ip_address TEXT,
    grant_type TEXT NOT NULL,
    error_code BIGINT NOT NULL,
    detail TEXT NOT NULL
);
INSERT INTO sign_in_in_sequence (sequence, sign_in_id, tenant_id, created_at, user_id, user_principal_name, app_id,
    resource_id, ip_address, grant_type, error_code, detail)
SELECT sequence, sign_in_id, tenant_id, created_at, user_id, user_principal_name, app_id,
    resource_id, ip_address, grant_type, error_code, detail
FROM sign_in ORDER BY sequence;
DROP TABLE sign_in;
ALTER TABLE sign_in_in_sequence RENAME TO sign_in;
CREATE INDEX sign_in_time ON sign_in (tenant_id, created_at);

CREATE TABLE grant_by_key (
    tenant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    PRIMARY KEY (tenant_id, client_id, principal_id, resource_id)
) KEPT_BY_KEY;
INSERT INTO grant_by_key (tenant_id, client_id, principal_id, resource_id, scopes)
SELECT tenant_id, client_id, principal_id, resource_id, scopes FROM oauth2_permission_grant
ORDER BY tenant_id, client_id, principal_id, resource_id;
DROP TABLE oauth2_permission_grant;
ALTER TABLE grant_by_key RENAME TO oauth2_permission_grant;
CREATE INDEX oauth2_permission_grant_principal ON oauth2_permission_grant (tenant_id, principal_id);

CREATE TABLE assignment_by_key (
    tenant_id TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    app_role_id TEXT NOT NULL,
    principal_type TEXT NOT NULL,
    PRIMARY KEY (tenant_id, principal_id, resource_id, app_role_id)
) KEPT_BY_KEY;
INSERT INTO assignment_by_key (tenant_id, principal_id, resource_id, app_role_id, principal_type)
SELECT tenant_id, principal_id, resource_id, app_role_id, principal_type FROM app_role_assignment
ORDER BY tenant_id, principal_id, resource_id, app_role_id;
DROP TABLE app_role_assignment;
ALTER TABLE assignment_by_key RENAME TO app_role_assignment;

-- How many single-use marks there are: counting them would take longer the more there are.
CREATE TABLE redeemed_total (
    id BIGINT PRIMARY KEY,
    marks BIGINT NOT NULL
);
INSERT INTO redeemed_total (id, marks) SELECT 1, COUNT(*) FROM redeemed;
