package test.ropeway.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.ClientCertificateCredentialBuilder;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.identity.UsernamePasswordCredentialBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** azure-identity for Java: what the Azure SDKs put between themselves and a token. */
@ExtendWith(Ropeway.class)
class AzureIdentityTest {
    private final Wire wire = new Wire();

    // Deprecated, because the password grant is on its way out. So it is; that is what these tests are about.
    @SuppressWarnings("deprecation")
    private TokenCredential user(String name, String password) {
        return new UsernamePasswordCredentialBuilder()
                .authorityHost(Ropeway.origin())
                .disableInstanceDiscovery()
                .addPolicy(wire)
                .tenantId(Alpine.TENANT)
                .clientId(Alpine.LEGACY_TOOL)
                .username(name)
                .password(password)
                .build();
    }

    private TokenCredential job(String secret) {
        return new ClientSecretCredentialBuilder()
                .authorityHost(Ropeway.origin())
                .disableInstanceDiscovery()
                .addPolicy(wire)
                .tenantId(Alpine.TENANT)
                .clientId(Alpine.NIGHTLY_JOB)
                .clientSecret(secret)
                .build();
    }

    private TokenCredential job(Certificate certificate) {
        return new ClientCertificateCredentialBuilder()
                .authorityHost(Ropeway.origin())
                .disableInstanceDiscovery()
                .addPolicy(wire)
                .tenantId(Alpine.TENANT)
                .clientId(Alpine.NIGHTLY_JOB)
                .pfxCertificate(certificate.file().toString())
                .clientCertificatePassword(Certificate.PASSWORD)
                .build();
    }

    @Test
    void usernamePasswordCredentialGetsATokenAndThenTheCachedOne() {
        var claims = getsItsTokenOnce(user("cloud@alpine.test", Alpine.PASSWORD));

        assertEquals("Employees.Read", claims.get("scp"));
        assertEquals(Alpine.LEGACY_TOOL, claims.get("azp"));
    }

    @ParameterizedTest
    @CsvSource({"cloud@alpine.test, Summit-2041, 50126", "mfa@alpine.test, Summit-2042, 50076"})
    void usernamePasswordCredentialReportsARefusalAfterOneRequest(String name, String password, int code) {
        assertRefused(user(name, password), code);

        assertEquals(List.of(400), wire.tokenAnswers());
    }

    @Test
    void clientSecretCredentialGetsATokenAndThenTheCachedOne() {
        Ropeway.assumeNoPort();
        var claims = getsItsTokenOnce(job(Alpine.NIGHTLY_JOB_SECRET));

        assertEquals(List.of("Employees.Read.All"), claims.get("roles"));
    }

    @Test
    void clientSecretCredentialReportsAWrongSecretAfterOneRequest() {
        assertRefused(job("guessed"), 7000215);

        assertEquals(List.of(401), wire.tokenAnswers());
    }

    @Test
    void clientCertificateCredentialGetsATokenAndThenTheCachedOne() {
        Ropeway.assumeNoPort();
        var claims = getsItsTokenOnce(job(Ropeway.registered()));

        assertEquals(List.of("Employees.Read.All"), claims.get("roles"));
        assertEquals("2", claims.get("azpacr"));
    }

    @Test
    void clientCertificateCredentialReportsAnUnregisteredCertificateAfterOneRequest() {
        assertRefused(job(Ropeway.stranger()), 700027);

        assertEquals(List.of(401), wire.tokenAnswers());
    }

    @Test
    void oneUserRefusedAndAnotherRightIsOneRequestEach() {
        assertRefused(user("mfa@alpine.test", Alpine.PASSWORD), 50076);
        var right = user("cloud@alpine.test", Alpine.PASSWORD).getTokenSync(wanted());

        assertEquals("Employees.Read", Json.claims(right.getToken()).get("scp"));
        assertEquals(List.of(400, 200), wire.tokenAnswers());
    }

    // azure-core takes a system property where a variable is asked for, and a running JVM can be given no variable.
    // EnvironmentCredential alone has no way to turn instance discovery off.
    @Test
    void theVariablesOfRopewayEnvAreEnoughForDefaultAzureCredential() throws Exception {
        Ropeway.assumeNoPort();
        var variables = Ropeway.env();
        variables.forEach((name, value) -> System.setProperty(name, (String) value));
        try {
            var credential = new DefaultAzureCredentialBuilder().disableInstanceDiscovery().addPolicy(wire).build();

            var claims = getsItsTokenOnce(credential);

            assertEquals(Alpine.NIGHTLY_JOB, claims.get("azp"));
            assertEquals(Ropeway.authority() + "/v2.0", claims.get("iss"));
        } finally {
            variables.keySet().forEach(System::clearProperty);
        }
    }

    private Map<String, Object> getsItsTokenOnce(TokenCredential credential) {
        var first = credential.getTokenSync(wanted());
        var second = credential.getTokenSync(wanted());

        assertEquals(first.getToken(), second.getToken());
        assertEquals(List.of(200), wire.tokenAnswers());
        return Json.claims(first.getToken());
    }

    /** The credentials wrap what MSAL reports, or do not; the code is in the message of the one or the other. */
    private static void assertRefused(TokenCredential credential, int code) {
        Throwable thrown = assertThrows(RuntimeException.class, () -> credential.getTokenSync(wanted()));

        var said = new StringBuilder();
        for (; thrown != null; thrown = thrown.getCause()) {
            said.append(thrown).append('\n');
        }
        assertTrue(said.toString().contains("AADSTS" + code + ": "), said.toString());
    }

    private static TokenRequestContext wanted() {
        return new TokenRequestContext().setScopes(List.copyOf(Alpine.DEFAULT));
    }
}
