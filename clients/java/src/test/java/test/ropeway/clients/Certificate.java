package test.ropeway.clients;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** What a client proves itself with in place of a secret: a PKCS#12 file of a key and a certificate that it signed itself. */
record Certificate(Path file) {
    static final String PASSWORD = "changeit";

    static Certificate make(Path file) {
        try {
            Files.deleteIfExists(file);
            keytool(
                    "-genkeypair", "-alias", "client", "-keyalg", "RSA", "-keysize", "2048", "-validity", "2",
                    "-dname", "CN=Ropeway client test",
                    "-keystore", file.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD);
            return new Certificate(file);
        } catch (IOException | InterruptedException fault) {
            throw new IllegalStateException("making a certificate", fault);
        }
    }

    InputStream open() throws IOException {
        return Files.newInputStream(file);
    }

    /** The certificate alone, as it is registered. */
    String base64() throws IOException {
        try (var pkcs12 = open()) {
            var store = KeyStore.getInstance("PKCS12");
            store.load(pkcs12, PASSWORD.toCharArray());
            return Base64.getEncoder().encodeToString(store.getCertificate("client").getEncoded());
        } catch (GeneralSecurityException fault) {
            throw new IOException(file.toString(), fault);
        }
    }

    /** The JDK's own tool for keys and certificates. */
    static void keytool(String... arguments) throws IOException, InterruptedException {
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = Stream.concat(Stream.of(keytool), Stream.of(arguments)).toList();
        var started = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = String.join("\n", started.inputReader().lines().toList());
        if (started.waitFor() != 0) {
            throw new IllegalStateException("keytool failed: " + said);
        }
    }
}
