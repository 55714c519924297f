package test.ropeway.junit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A copy of a tenant: same user names before the @, same applications, passwords and secrets; ids of its own. */
public final class Tenant implements AutoCloseable {
    /** The password of every user of the sample. */
    public static final String PASSWORD = "Summit-2042";
    /** A public client of the sample. */
    public static final String LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c";
    /** A confidential client of the sample, with an app role. */
    public static final String NIGHTLY_JOB = "e0a91000-0000-4000-8000-00000000000f";
    /** The secret of {@link #NIGHTLY_JOB}. */
    public static final String NIGHTLY_JOB_SECRET = "nightly-job-secret";
    /** The scope of the sample's Employee API. */
    public static final String EMPLOYEES = "api://employees.alpine.test/.default";

    private final Server server;
    private final String id;
    private final String domain;

    Tenant(Server server, String id, String domain) {
        this.server = server;
        this.id = id;
        this.domain = domain;
    }

    public String id() {
        return id;
    }

    /** The default domain. */
    public String domain() {
        return domain;
    }

    /** The server's origin and the tenant's id, as MSAL takes it. */
    public String authority() {
        return server.origin() + "/" + id;
    }

    /** What {@code EnvironmentCredential} reads to be the sample's Nightly job in this tenant. */
    public Map<String, String> environment() {
        return Map.of(
                "AZURE_AUTHORITY_HOST", server.origin(),
                "AZURE_TENANT_ID", id,
                "AZURE_CLIENT_ID", NIGHTLY_JOB,
                "AZURE_CLIENT_SECRET", NIGHTLY_JOB_SECRET);
    }

    /**
     * An access token for a user of the sample, by the password grant of Legacy tool.
     *
     * @param user the name before the @, or all of it
     * @throws Refused with code, cause and remedy
     */
    public String token(String user) {
        return token(user, PASSWORD);
    }

    /** The same with another password. */
    public String token(String user, String password) {
        return (String) ask(Map.of(
                        "grant_type", "password",
                        "username", userName(user),
                        "password", password,
                        "client_id", LEGACY_TOOL,
                        "scope", "openid profile " + EMPLOYEES))
                .get("access_token");
    }

    /**
     * An access token for the sample's Nightly job, by client credentials.
     *
     * @throws Refused with code, cause and remedy
     */
    public String appToken() {
        return (String) ask(Map.of(
                        "grant_type", "client_credentials",
                        "client_id", NIGHTLY_JOB,
                        "client_secret", NIGHTLY_JOB_SECRET,
                        "scope", EMPLOYEES))
                .get("access_token");
    }

    /**
     * Posts any form to the v2.0 token endpoint.
     *
     * @throws Refused with code, cause and remedy
     */
    public Map<String, Object> ask(Map<String, String> form) {
        var written = form.entrySet().stream()
                .map(field -> URLEncoder.encode(field.getKey(), UTF_8) + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
        var answer = server.send(server.request("/" + id + "/oauth2/v2.0/token")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(written)));
        var body = Json.object(answer.body());
        if (answer.statusCode() == 200) {
            return body;
        }
        var explanation = server.send(server.request("/error?code=" + Refused.code(body))).body();
        throw new Refused(form.getOrDefault("username", form.get("client_id")), body, explanation);
    }

    /** What a person of this tenant types to sign in: for mfa, mfa@ and the copy's domain. A name with an @ stays. */
    public String userName(String user) {
        if (user.contains("@")) {
            return user;
        }
        var names = ((List<?>) control("GET", "users?top=1000", null).get("value")).stream().map(Tenant::signInName).toList();
        return names.stream()
                .filter(name -> before(name).equalsIgnoreCase(user))
                // The default domain first: a guest may be called like a member.
                .min(Comparator.comparing(name -> !name.endsWith("@" + domain)))
                .orElseThrow(() -> new IllegalArgumentException("the tenant has no user " + user + "; it has "
                        + names.stream().map(Tenant::before).collect(Collectors.joining(", "))));
    }

    /** Lets time pass in this tenant. */
    public void advance(Duration time) {
        control("POST", "clock/advance", Map.of("seconds", time.toSeconds()));
    }

    /** Changes a user by Graph's property names: {@code changeUser("cloud", Map.of("accountEnabled", false))}. */
    public void changeUser(String user, Map<String, ?> changes) {
        control("PATCH", "users/" + URLEncoder.encode(userName(user), UTF_8), changes);
    }

    /** Calls the control API below this tenant, as {@link Server#control} does: {@code control("GET", "signIns", null)}. */
    public Map<String, Object> control(String method, String path, Map<String, ?> body) {
        return server.control(method, "tenants/" + id + "/" + path, body);
    }

    /** Drops it. The extension does so for those it made. */
    @Override
    public void close() {
        server.control("DELETE", "tenants/" + id, null);
    }

    private static String signInName(Object object) {
        var user = (Map<?, ?>) object;
        // A guest signs in by the mail address that it was invited with.
        var guest = "Guest".equals(user.get("userType")) && user.get("mail") != null;
        return (String) user.get(guest ? "mail" : "userPrincipalName");
    }

    private static String before(String name) {
        return name.split("@")[0];
    }
}
