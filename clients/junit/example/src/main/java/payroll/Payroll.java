package payroll;

import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.UserNamePasswordParameters;
import java.net.MalformedURLException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/** A nightly script as many have one: it signs in with a name and a password. */
public final class Payroll {
    private static final String LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c";
    private static final Set<String> SCOPES = Set.of("api://employees.alpine.test/Employees.Read");

    private Payroll() {}

    /** The person must sign in with a browser once; a script cannot. */
    public static final class BrowserNeeded extends Exception {
        private static final long serialVersionUID = 1;

        BrowserNeeded(String user, Throwable cause) {
            super(user + " must sign in with a browser once; a script cannot", cause);
        }
    }

    /** An access token for the API. */
    public static String signIn(String authority, String user, String password)
            throws BrowserNeeded, MalformedURLException {
        var app = PublicClientApplication.builder(LEGACY_TOOL).authority(authority).instanceDiscovery(false).build();
        var asked = UserNamePasswordParameters.builder(SCOPES, user, password.toCharArray()).build();
        try {
            return app.acquireToken(asked).join().accessToken();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof MsalServiceException refused) {
                if (Stream.of(50076, 50079, 65001).anyMatch(code -> refused.getMessage().startsWith("AADSTS" + code + ":"))) {
                    throw new BrowserNeeded(user, refused);
                }
                throw refused;
            }
            throw failed;
        }
    }
}
