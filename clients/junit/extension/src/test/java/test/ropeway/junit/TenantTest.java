package test.ropeway.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a test gets. */
@ExtendWith(RopewayExtension.class)
class TenantTest {
    private static final List<String> SEEN = new ArrayList<>();

    private Tenant beforehand;

    @BeforeEach
    void prepare(Tenant tenant) {
        beforehand = tenant;
    }

    private static Map<String, Object> claims(String token) {
        var payload = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
        return Json.object(new String(payload, StandardCharsets.UTF_8));
    }

    private static Refused refused(int code, Runnable asking) {
        var refused = assertThrows(Refused.class, asking::run);
        assertEquals(code, refused.code(), refused.getMessage());
        return refused;
    }

    private static String metadata(Tenant tenant) {
        return tenant.authority() + "/v2.0/.well-known/openid-configuration";
    }

    @ParameterizedTest
    @ValueSource(strings = {"cloud", "CLOUD", "guest", "cloudpw", "guest@fjord.test"})
    void aUserIsNamedAsInTheSample(String user, Tenant tenant) {
        var said = claims(tenant.token(user));

        assertEquals(tenant.id(), said.get("tid"));
        assertEquals("Employees.Read", said.get("scp"));
        assertEquals(tenant.authority() + "/v2.0", said.get("iss"));
    }

    @Test
    void aUserWhomNobodyKnowsIsToldWithThoseWhoAreKnown(Tenant tenant) {
        var unknown = assertThrows(IllegalArgumentException.class, () -> tenant.token("clod"));

        assertTrue(unknown.getMessage().startsWith("the tenant has no user clod; it has cloud, guest, "), unknown.getMessage());
    }

    @Test
    void anApplicationGetsATokenOfItsOwn(Tenant tenant) {
        assertEquals(List.of("Employees.Read.All"), claims(tenant.appToken()).get("roles"));
    }

    @Test
    void aConfidentialClientSignsInWithItsSecret(Tenant tenant) {
        var portal = "e0a91000-0000-4000-8000-00000000000b";
        var form = Map.of(
                "grant_type", "password", "username", tenant.userName("cloud"), "password", Tenant.PASSWORD,
                "client_id", portal, "client_secret", "legacy-portal-secret", "scope", Tenant.EMPLOYEES);

        assertEquals(portal, claims((String) tenant.ask(form).get("access_token")).get("azp"));
    }

    @Test
    void aRefusalSaysCodeCauseAndRemedy(Tenant tenant) {
        var refused = refused(50076, () -> tenant.token("mfa"));

        assertEquals("invalid_grant", refused.error());
        assertEquals("basic_action", refused.body().get("suberror"));
        var lines = refused.getMessage().split("\n");
        var begins = List.of(
                "mfa@" + tenant.domain() + " got no token: AADSTS50076: Due to a configuration change ",
                "  cause: The password is right and a second factor is required: ",
                "  remedy: Sign in interactively ");
        assertEquals(begins.size(), lines.length);
        for (int number = 0; number < lines.length; number++) {
            assertTrue(lines[number].startsWith(begins.get(number)), lines[number]);
        }
    }

    @Test
    void whatATestChangesNoOtherTenantSees(Server server, Tenant tenant) {
        try (var other = server.copy()) {
            tenant.changeUser("cloud", Map.of("accountEnabled", false));

            refused(50057, () -> tenant.token("cloud"));
            assertFalse(other.token("cloud").isEmpty());
        }
    }

    @Test
    void timePassesInOneTenant(Server server, Tenant tenant) {
        try (var other = server.copy()) {
            for (var each : List.of(tenant, other)) {
                each.changeUser("cloud", Map.of("passwordPolicies", "None"));
            }

            tenant.advance(Duration.ofDays(91));

            refused(50055, () -> tenant.token("cloud"));
            assertFalse(other.token("cloud").isEmpty());
        }
    }

    @RepeatedTest(3)
    void everyTestHasATenantOfItsOwnWhichIsDropped(Server server, Tenant tenant) {
        assertSame(beforehand, tenant, "what comes before a test belongs to it");
        SEEN.add(tenant.id());

        var there = ((List<?>) server.control("GET", "tenants", null).get("value"))
                .stream().map(known -> ((Map<?, ?>) known).get("id")).filter(SEEN::contains).toList();

        assertEquals(List.of(tenant.id()), there);
    }

    @Test
    void theControlApiSaysWhatWasWrong(Tenant tenant) {
        assertEquals(List.of(), tenant.control("GET", "signIns", null).get("value"));

        var wrong = assertThrows(
                IllegalStateException.class, () -> tenant.changeUser("cloud", Map.of("acountEnabled", false)));

        assertTrue(wrong.getMessage().matches("(?s)PATCH .* was answered 400: .*acountEnabled.*"), wrong.getMessage());
    }

    @Test
    void clientsTrustTheServer(Tenant tenant) throws Exception {
        var asked = HttpRequest.newBuilder(URI.create(metadata(tenant))).build();
        assertEquals(200, HttpClient.newHttpClient().send(asked, BodyHandlers.discarding()).statusCode());

        var connection = (HttpURLConnection) URI.create(metadata(tenant)).toURL().openConnection();
        assertEquals(200, connection.getResponseCode());

        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        var context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        var client = HttpClient.newBuilder().sslContext(context).build();
        assertEquals(200, client.send(asked, BodyHandlers.discarding()).statusCode());
    }

    @Test
    void clientsTrustItOnlyBecauseTheyAreToldTo(Tenant tenant) throws Exception {
        var rootsOfTheJvm = KeyStore.getInstance(
                Path.of(System.getProperty("java.home"), "lib/security/cacerts").toFile(), (char[]) null);
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(rootsOfTheJvm);
        var context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        var client = HttpClient.newBuilder().sslContext(context).build();
        var asked = HttpRequest.newBuilder(URI.create(metadata(tenant))).build();

        var refused = assertThrows(IOException.class, () -> client.send(asked, BodyHandlers.discarding()));

        assertInstanceOf(SSLHandshakeException.class, refused);
    }
}
