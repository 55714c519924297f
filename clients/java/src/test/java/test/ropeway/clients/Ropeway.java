package test.ropeway.clients;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts the ropeway binary as a user would, once for the whole run, and stops it at the end. The JVM trusts its CA, so
 * every client that brings no trust of its own does.
 */
public final class Ropeway implements BeforeAllCallback {
    private static final long LONGEST_START = 60; // seconds; a debug build on a busy machine

    private static Server server;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        var store = context.getRoot().getStore(ExtensionContext.Namespace.create(Ropeway.class));
        server = store.getOrComputeIfAbsent(Server.class, key -> Server.start(), Server.class);
    }

    static String origin() {
        return server.origin;
    }

    static String authority() {
        return server.origin + "/" + Alpine.TENANT;
    }

    /**
     * MSAL Java keeps tokens under the host of the authority, looks for an application's under host and port, and refreshes
     * a user's at the host without the port.
     */
    static void assumeNoPort() {
        assumeTrue(
                URI.create(server.origin).getPort() == -1,
                "MSAL Java loses the authority's port, and this account may not open port 443");
    }

    /** The certificate that Nightly job is registered with, beside its secret. */
    static Certificate registered() {
        return server.registered;
    }

    /** A certificate that nobody is registered with. */
    static Certificate stranger() {
        return Certificate.make(server.home.resolve("stranger.p12"));
    }

    /** What {@code ropeway env} tells a person who asks. */
    static Map<String, Object> env() throws IOException {
        var asked = server.command("env", "--format", "json", "--origin", server.origin).start();
        try (var answer = asked.inputReader()) {
            return Json.object(String.join("\n", answer.lines().toList()));
        }
    }

    private static final class Server implements AutoCloseable {
        private final Path home;
        private Process process;
        private String origin;
        private Certificate registered;

        static Server start() {
            Server server = null;
            try {
                server = new Server(Files.createTempDirectory("ropeway-java-"));
                server.serve();
                return server;
            } catch (IOException | InterruptedException | RuntimeException fault) {
                if (server != null) {
                    server.close();
                }
                throw new IllegalStateException(fault.getMessage(), fault);
            }
        }

        private Server(Path home) {
            this.home = home;
        }

        private void serve() throws IOException, InterruptedException {
            var readyFile = home.resolve("ready.json");
            var log = home.resolve("log").toFile();
            process = command(serve(readyFile))
                    .redirectError(log)
                    .start();
            // The ready line is the only one on standard output, so reading it is waiting without polling.
            var tooLate = new Thread(() -> {
                try {
                    TimeUnit.SECONDS.sleep(LONGEST_START);
                    process.destroyForcibly();
                } catch (InterruptedException inTime) {
                    Thread.currentThread().interrupt();
                }
            });
            tooLate.setDaemon(true);
            tooLate.start();
            var line = process.inputReader().readLine();
            tooLate.interrupt();
            if (line == null || !line.startsWith("ready ")) {
                throw new IllegalStateException("ropeway did not get ready; it said:\n" + Files.readString(log.toPath()));
            }
            var ready = Json.object(Files.readString(readyFile));
            origin = (String) ready.get("origin");
            trust((String) ready.get("caFile"));
            registered = Certificate.make(home.resolve("registered.p12"));
            register(registered, (String) ready.get("controlKey"));
        }

        /** By the control API, as Microsoft Graph would take it. */
        private void register(Certificate certificate, String controlKey) throws IOException, InterruptedException {
            var application = "/_ropeway/api/v1/tenants/" + Alpine.TENANT + "/applications/" + Alpine.NIGHTLY_JOB;
            var body = "{\"keyCredentials\":[{\"type\":\"AsymmetricX509Cert\",\"usage\":\"Verify\",\"key\":\""
                    + certificate.base64() + "\"}]}";
            var request = HttpRequest.newBuilder(URI.create(origin + application))
                    .header("Authorization", "Bearer " + controlKey)
                    .method("PATCH", HttpRequest.BodyPublishers.ofString(body))
                    .build();
            var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("registering the certificate was answered " + answer.body());
            }
        }

        /** The JVM reads these properties when it first checks a certificate. */
        private void trust(String caFile) throws IOException, InterruptedException {
            var store = home.resolve("trust.p12").toString();
            Certificate.keytool(
                    "-importcert", "-noprompt", "-alias", "ropeway", "-file", caFile,
                    "-keystore", store, "-storetype", "PKCS12", "-storepass", "changeit");
            System.setProperty("javax.net.ssl.trustStore", store);
            System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
        }

        /** On a loopback address of our own with port 443 if we may have one, else on any free port. */
        private static String[] serve(Path readyFile) {
            var random = new Random();
            for (int attempt = 0; attempt < 20; attempt++) {
                var address = "127." + random.nextInt(1, 255) + "." + random.nextInt(1, 255) + "." + random.nextInt(1, 255);
                try (var probe = new ServerSocket(443, 1, InetAddress.getByName(address))) {
                    var listen = address + ":" + probe.getLocalPort();
                    return new String[] {
                        "serve", "--ready-file", readyFile.toString(), "--listen", listen, "--origin", "https://" + address
                    };
                } catch (IOException taken) {
                    // The next address, then.
                }
            }
            return new String[] {"serve", "--ready-file", readyFile.toString(), "--listen", "127.0.0.1:0"};
        }

        private ProcessBuilder command(String... arguments) {
            var given = System.getenv("ROPEWAY_BIN");
            var binary = new File(given == null || given.isEmpty() ? "../../target/debug/ropeway" : given);
            if (!binary.exists()) {
                throw new IllegalStateException(binary + " is not there; `cargo build -p ropeway` makes it");
            }
            var command = new ProcessBuilder(Stream.concat(Stream.of(binary.getPath()), Stream.of(arguments)).toList());
            command.environment().putAll(Map.of(
                    "ROPEWAY_HOME", home.resolve("data").toString(), "XDG_RUNTIME_DIR", home.toString()));
            return command;
        }

        @Override
        public void close() {
            try {
                if (process != null) {
                    process.destroy();
                    process.waitFor();
                }
                List<Path> inside;
                try (var found = Files.walk(home)) {
                    inside = found.sorted(Comparator.reverseOrder()).toList();
                }
                for (var path : inside) {
                    Files.delete(path);
                }
            } catch (IOException | InterruptedException fault) {
                throw new IllegalStateException("stopping ropeway", fault);
            }
        }
    }
}
