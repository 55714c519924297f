package test.ropeway.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;

/** A running server. */
public final class Server {
    private static final String WITHOUT_443 =
            """
            MSAL Java, and azure-identity for Java with it, cannot keep and refresh tokens here: they look for them without the
            port of the authority. MSAL Python, azure-identity for Python and az cannot use the password grant. On Linux this
            gives port 443 to everybody: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=443""";

    private final String origin;
    private final Path caFile;
    private final Path caBundleFile;
    private final String controlKey;
    private final String firstTenant;
    private final HttpClient client;

    @SuppressWarnings("unchecked")
    Server(Map<String, Object> ready) throws IOException {
        origin = (String) ready.get("origin");
        caFile = Path.of((String) ready.get("caFile"));
        caBundleFile = Path.of((String) ready.get("caBundleFile"));
        controlKey = (String) ready.get("controlKey");
        firstTenant = (String) ((List<Map<String, Object>>) ready.get("tenants")).get(0).get("tenantId");
        try {
            client = HttpClient.newBuilder().sslContext(Trust.with(caFile)).proxy(HttpClient.Builder.NO_PROXY).build();
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException("trusting " + caFile, fault);
        }
    }

    /** What every URL of it begins with. */
    public String origin() {
        return origin;
    }

    /** The server's CA alone, in PEM. */
    public Path caFile() {
        return caFile;
    }

    /** The server's CA and the system's roots, in PEM. */
    public Path caBundleFile() {
        return caBundleFile;
    }

    /** Whether a client that drops the port from an authority still finds it. */
    public boolean on443() {
        return URI.create(origin).getPort() == -1;
    }

    /** What is not possible here and what would help, for a person; nothing if everything is possible. */
    public String note() {
        return on443() ? "" : "ropeway listens at " + origin + ".\n" + WITHOUT_443;
    }

    /** A copy of the first tenant that the server serves. */
    public Tenant copy() {
        return copy(firstTenant);
    }

    /** A copy of a tenant, named by id or domain. */
    public Tenant copy(String from) {
        var made = control("POST", "tenants", Map.of("from", from));
        return new Tenant(this, (String) made.get("tenantId"), (String) ((List<?>) made.get("domains")).get(0));
    }

    /**
     * Calls the control API.
     *
     * @param path what comes after {@code /_ropeway/api/v1/}
     * @param body null for none
     * @return the answer, empty if there is none
     */
    public Map<String, Object> control(String method, String path, Map<String, ?> body) {
        var request = request("/_ropeway/api/v1/" + path)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(Json.text(body)))
                .header("Authorization", "Bearer " + controlKey)
                .header("Content-Type", "application/json");
        var answer = send(request);
        if (answer.statusCode() >= 400) {
            throw new IllegalStateException(
                    method + " " + path + " was answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body().isEmpty() ? Map.of() : Json.object(answer.body());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(origin + path));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException fault) {
            throw new UncheckedIOException("ropeway does not answer at " + origin, fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while ropeway was asked", interrupted);
        }
    }
}
