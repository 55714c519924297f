package test.ropeway.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The binary's life: found, started once, ended whatever happens. */
class SessionTest {
    private static void says(Child.Ended ended, String... parts) {
        for (var part : parts) {
            assertTrue(ended.said().contains(part), () -> "it does not say `" + part + "` but:\n" + ended.said());
        }
    }

    @Test
    void aBinaryThatIsNotThereIsMissed() throws Exception {
        var ended = Child.run(Child.Asks.class.getName(), Map.of("ROPEWAY_BIN", "/nowhere/ropeway"));

        says(ended, "ROPEWAY_BIN names /nowhere/ropeway, which is no program; `cargo install");
        assertEquals(1, ended.code());
    }

    @Test
    void whatTheBinarySaysIsShownWhenItDoesNotStart(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("tenant.yaml"), "tenants: [{ displayNam: Mine }]");

        var ended = Child.run(Child.Asks.class.getName(), Map.of("ROPEWAY_TENANT_FILE", file.toString()));

        says(ended, "ropeway did not get ready; it said:", "displayNam");
    }

    @Test
    void aTenantFileOfOnesOwnIsServed(@TempDir Path folder) throws Exception {
        var file = Files.writeString(
                folder.resolve("tenant.yaml"),
                "tenants: [{ displayName: Mine, verifiedDomains: [{ name: mine.test, isDefault: true }] }]");

        var ended = Child.run(Child.Asks.class.getName(), Map.of("ROPEWAY_TENANT_FILE", file.toString()));

        says(ended, ".mine.test");
    }

    @Test
    void aRefusalIsReadable() throws Exception {
        var ended = Child.run(Child.IsRefused.class.getName(), Map.of());

        says(ended, "got no token: AADSTS50079: ", "cause: The password is right", "remedy: Sign in once");
    }

    @Test
    void withoutPort443ItSaysWhoCannotDoWhat() throws Exception {
        var ended = Child.run(Child.Asks.class.getName(), Map.of("ROPEWAY_LISTEN", "127.0.0.1:0"));

        says(ended, "ropeway listens at https://localhost:", "MSAL Java", "MSAL Python");
        assertEquals(0, ended.code(), ended.said());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theServerEndsWithTheJvm(boolean killed) throws Exception {
        var jvm = Child.start(Child.Waits.class);
        var address = address(jvm);
        try (var open = new Socket(address.getHost(), port(address))) {
            open.setSoTimeout(60_000);
            if (killed) {
                jvm.destroyForcibly();
            } else {
                jvm.getOutputStream().write('\n');
                jvm.getOutputStream().flush();
            }
            assertEquals(killed ? 128 + 9 : 0, jvm.waitFor());
            assertTrue(closed(open), "the connection stays");
        }
        assertThrows(ConnectException.class, () -> new Socket(address.getHost(), port(address)).close());
    }

    private static URI address(Process jvm) throws IOException {
        var output = jvm.inputReader();
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("origin ")) {
                return URI.create(line.substring("origin ".length()));
            }
        }
        throw new IOException("it tells no origin");
    }

    private static int port(URI address) {
        return address.getPort() == -1 ? 443 : address.getPort();
    }

    private static boolean closed(Socket open) throws IOException {
        try {
            return open.getInputStream().read() < 0;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    @Test
    void theReadmeIsRight(@TempDir Path folder) throws Exception {
        var readme = Files.readString(Path.of("../../../README.md"));
        var found = Pattern.compile("### JUnit 5\n.*?```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
        assertTrue(found.find(), "the README has no example for JUnit");
        var source = Files.writeString(folder.resolve("PasswordsTest.java"), found.group(1));
        var compiler = ToolProvider.getSystemJavaCompiler();
        var options = List.of("-d", folder.toString(), "-classpath", Child.classPath());
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            assertTrue(compiler.getTask(null, files, null, options, null, files.getJavaFileObjects(source)).call());
        }

        var ended = Child.run("PasswordsTest", Map.of(), folder);

        says(ended, "[         1 tests successful      ]");
        assertEquals(0, ended.code(), ended.said());
    }
}
