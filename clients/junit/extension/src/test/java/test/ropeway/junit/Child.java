package test.ropeway.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** A run of JUnit in a JVM of its own, with an environment of its own. */
final class Child {
    private Child() {}

    /** Runs the test class that it is told, and ends with 1 if something failed. */
    public static void main(String[] arguments) {
        var request = LauncherDiscoveryRequestBuilder.request().selectors(selectClass(arguments[0])).build();
        var listener = new SummaryGeneratingListener();
        try (var session = LauncherFactory.openSession()) {
            session.getLauncher().execute(request, listener);
        }
        var out = new PrintWriter(System.out, true);
        listener.getSummary().printTo(out);
        listener.getSummary().printFailuresTo(out);
        System.exit(listener.getSummary().getTotalFailureCount() > 0 ? 1 : 0);
    }

    /** How it ended, and what it said. */
    record Ended(int code, String said) {}

    static Ended run(String test, Map<String, String> environment, Path... classes) throws Exception {
        var builder = new ProcessBuilder(command(test, classes)).redirectErrorStream(true);
        builder.environment().putAll(environment);
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes());
        return new Ended(process.waitFor(), said);
    }

    static Process start(Class<?> test) throws IOException {
        return new ProcessBuilder(command(test.getName())).redirectErrorStream(true).start();
    }

    private static List<String> command(String test, Path... classes) {
        var path = Stream.concat(Stream.of(classes).map(Path::toString), Stream.of(classPath()));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath", path.collect(Collectors.joining(File.pathSeparator)),
                Child.class.getName(), test);
    }

    /** Surefire hides the class path in the manifest of a JAR, and tells it here. */
    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    @ExtendWith(RopewayExtension.class)
    static final class Asks {
        @Test
        void asks(Tenant tenant) {
            System.out.println("domain " + tenant.domain());
            tenant.ask(Map.of(
                    "grant_type", "client_credentials", "client_id", Tenant.NIGHTLY_JOB,
                    "client_secret", Tenant.NIGHTLY_JOB_SECRET, "scope", Tenant.EMPLOYEES));
        }
    }

    @ExtendWith(RopewayExtension.class)
    static final class IsRefused {
        @Test
        void isRefused(Tenant tenant) {
            tenant.token("newmfa");
        }
    }

    @ExtendWith(RopewayExtension.class)
    static final class Waits {
        @Test
        void waits(Server server) throws IOException {
            System.out.println("origin " + server.origin());
            if (System.in.read() < 0) {
                throw new IOException("nobody said to go on");
            }
        }
    }
}
