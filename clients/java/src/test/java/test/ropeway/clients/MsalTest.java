package test.ropeway.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IAccount;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.IClientCredential;
import com.microsoft.aad.msal4j.MsalInteractionRequiredException;
import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.SilentParameters;
import com.microsoft.aad.msal4j.TokenSource;
import com.microsoft.aad.msal4j.UserNamePasswordParameters;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** MSAL Java, as a public client (Legacy tool) and as a confidential one (Nightly job). */
@ExtendWith(Ropeway.class)
class MsalTest {
    private final Wire wire = new Wire();

    private PublicClientApplication.Builder tool() throws Exception {
        return PublicClientApplication.builder(Alpine.LEGACY_TOOL)
                .authority(Ropeway.authority())
                .instanceDiscovery(false);
    }

    private PublicClientApplication noted() throws Exception {
        return tool().httpClient(wire).build();
    }

    private ConfidentialClientApplication job(String secret) throws Exception {
        return job(ClientCredentialFactory.createFromSecret(secret));
    }

    private ConfidentialClientApplication job(Certificate certificate) throws Exception {
        try (var pkcs12 = certificate.open()) {
            return job(ClientCredentialFactory.createFromCertificate(pkcs12, Certificate.PASSWORD));
        }
    }

    private ConfidentialClientApplication job(IClientCredential credential) throws Exception {
        return ConfidentialClientApplication.builder(Alpine.NIGHTLY_JOB, credential)
                .authority(Ropeway.authority())
                .instanceDiscovery(false)
                .httpClient(wire)
                .build();
    }

    private static CompletableFuture<IAuthenticationResult> signIn(
            PublicClientApplication app, String user, String password) {
        return app.acquireToken(
                UserNamePasswordParameters.builder(Alpine.DEFAULT, user, password.toCharArray()).build());
    }

    private static SilentParameters.SilentParametersBuilder silently(Set<String> scopes, IAccount account) {
        return SilentParameters.builder(scopes, account);
    }

    @Test
    void theRightPasswordGetsTokens() throws Exception {
        var result = signIn(noted(), "cloud@alpine.test", Alpine.PASSWORD).join();

        assertEquals(List.of(200), wire.tokenAnswers());
        assertEquals(TokenSource.IDENTITY_PROVIDER, result.metadata().tokenSource());
        assertEquals("cloud@alpine.test", result.account().username());
        var granted = Set.of(result.scopes().split(" "));
        assertTrue(granted.containsAll(Alpine.DEFAULT) && granted.containsAll(Alpine.READ), result.scopes());
        var access = Json.claims(result.accessToken());
        assertEquals("Employees.Read", access.get("scp"));
        assertEquals(Alpine.EMPLOYEE_API, access.get("aud"));
        assertEquals(access.get("oid") + "." + Alpine.TENANT, result.account().homeAccountId());
        assertEquals(Alpine.LEGACY_TOOL, Json.claims(result.idToken()).get("aud"));
    }

    @Test
    void theLibrarysOwnTransportGetsTokensToo() throws Exception {
        var result = signIn(tool().build(), "cloud@alpine.test", Alpine.PASSWORD).join();

        assertEquals("Employees.Read", Json.claims(result.accessToken()).get("scp"));
    }

    @Test
    void aWrongPasswordIsRefusedAsABadGrant() throws Exception {
        var error = refusal(signIn(noted(), "cloud@alpine.test", "Summit-2041"));

        assertRefused(error, "invalid_grant", 50126);
        assertEquals(List.of(400), wire.tokenAnswers());
    }

    @Test
    void aUserWithASecondFactorNeedsADialogue() throws Exception {
        var error = refusal(signIn(noted(), "mfa@alpine.test", Alpine.PASSWORD));

        assertRefused(error, "invalid_grant", 50076);
        var reason = assertInstanceOf(MsalInteractionRequiredException.class, error).reason();
        assertEquals("BASIC_ACTION", reason.name());
        assertEquals(List.of(400), wire.tokenAnswers());
    }

    @Test
    void oneUserRefusedAndAnotherRightInOneApplicationIsOneRequestEach() throws Exception {
        var app = noted();

        var error = refusal(signIn(app, "mfa@alpine.test", Alpine.PASSWORD));
        var right = signIn(app, "cloud@alpine.test", Alpine.PASSWORD).join();

        assertRefused(error, "invalid_grant", 50076);
        assertEquals("Employees.Read", Json.claims(right.accessToken()).get("scp"));
        assertEquals(List.of(400, 200), wire.tokenAnswers());
    }

    @Test
    void theSameRefusedRequestReachesTheServerAgain() throws Exception {
        var app = noted();

        for (int turn = 0; turn < 2; turn++) {
            assertRefused(refusal(signIn(app, "mfa@alpine.test", Alpine.PASSWORD)), "invalid_grant", 50076);
        }

        assertEquals(List.of(400, 400), wire.tokenAnswers());
    }

    @Test
    void aSilentCallIsAnsweredFromTheCache() throws Exception {
        var app = noted();
        var first = signIn(app, "cloud@alpine.test", Alpine.PASSWORD).join();

        for (var scopes : List.of(Alpine.DEFAULT, Alpine.READ)) {
            var silent = app.acquireTokenSilently(silently(scopes, first.account()).build()).join();

            assertEquals(TokenSource.CACHE, silent.metadata().tokenSource());
            assertEquals(first.accessToken(), silent.accessToken());
        }
        assertEquals(List.of(200), wire.tokenAnswers());
    }

    @Test
    void aForcedSilentCallRedeemsTheRefreshToken() throws Exception {
        Ropeway.assumeNoPort();
        var app = noted();
        var first = signIn(app, "cloud@alpine.test", Alpine.PASSWORD).join();

        var forced = silently(Alpine.DEFAULT, first.account()).forceRefresh(true).build();
        var fresh = app.acquireTokenSilently(forced).join();

        assertNotEquals(first.accessToken(), fresh.accessToken());
        assertEquals(List.of(200, 200), wire.tokenAnswers());
    }

    @Test
    void aSilentCallForWhatNobodyConsentedToNeedsADialogue() throws Exception {
        Ropeway.assumeNoPort();
        var app = noted();
        var first = signIn(app, "cloud@alpine.test", Alpine.PASSWORD).join();

        var error = refusal(app.acquireTokenSilently(silently(Alpine.WRITE, first.account()).build()));

        assertRefused(error, "invalid_grant", 65001);
        assertEquals("CONSENT_REQUIRED", ((MsalInteractionRequiredException) error).reason().name());
    }

    @Test
    void aJobGetsATokenOfItsOwnAndThenTheCachedOne() throws Exception {
        Ropeway.assumeNoPort();
        var job = job(Alpine.NIGHTLY_JOB_SECRET);
        var wanted = ClientCredentialParameters.builder(Alpine.DEFAULT).build();

        var first = job.acquireToken(wanted).join();
        var second = job.acquireToken(wanted).join();

        assertEquals(List.of("Employees.Read.All"), Json.claims(first.accessToken()).get("roles"));
        assertNull(Json.claims(first.accessToken()).get("scp"));
        assertEquals(first.accessToken(), second.accessToken());
        assertEquals(List.of(200), wire.tokenAnswers());
    }

    @Test
    void aWrongSecretIsAServiceException() throws Exception {
        var wanted = ClientCredentialParameters.builder(Alpine.DEFAULT).build();

        var error = refusal(job("guessed").acquireToken(wanted));

        assertEquals(MsalServiceException.class, error.getClass());
        assertRefused(error, "invalid_client", 7000215);
        assertEquals(List.of(401), wire.tokenAnswers());
    }

    @Test
    void aJobGetsATokenOfItsOwnWithACertificate() throws Exception {
        var wanted = ClientCredentialParameters.builder(Alpine.DEFAULT).build();

        var result = job(Ropeway.registered()).acquireToken(wanted).join();

        var access = Json.claims(result.accessToken());
        assertEquals(List.of("Employees.Read.All"), access.get("roles"));
        assertEquals("2", access.get("azpacr"));
        assertEquals(List.of(200), wire.tokenAnswers());
    }

    @Test
    void aCertificateThatIsNotRegisteredIsAServiceException() throws Exception {
        var wanted = ClientCredentialParameters.builder(Alpine.DEFAULT).build();

        var error = refusal(job(Ropeway.stranger()).acquireToken(wanted));

        assertEquals(MsalServiceException.class, error.getClass());
        assertRefused(error, "invalid_client", 700027);
        assertEquals(List.of(401), wire.tokenAnswers());
    }

    private static MsalServiceException refusal(CompletableFuture<IAuthenticationResult> pending) {
        var thrown = assertThrows(CompletionException.class, pending::join);
        return assertInstanceOf(MsalServiceException.class, thrown.getCause());
    }

    private static void assertRefused(MsalServiceException error, String kind, int code) {
        assertEquals(kind, error.errorCode());
        assertTrue(error.getMessage().startsWith("AADSTS" + code + ": "), error.getMessage());
    }
}
