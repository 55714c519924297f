package test.ropeway.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** What the JVM trusts: its own roots, and the server's CA. */
final class Trust {
    private static final char[] PASSWORD = "changeit".toCharArray(); // of public certificates, but PKCS #12 wants one

    private Trust() {}

    /** The JVM's own trust and the CA, from here on the default of this JVM. */
    static SSLContext with(Path caFile) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (var manager : factory(null).getTrustManagers()) {
            if (manager instanceof X509TrustManager trusting) {
                for (var root : trusting.getAcceptedIssuers()) {
                    store.setCertificateEntry("root" + number++, root);
                }
            }
        }
        try (var pem = Files.newInputStream(caFile)) {
            store.setCertificateEntry("ropeway", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        var context = SSLContext.getInstance("TLS");
        context.init(null, factory(store).getTrustManagers(), null);
        SSLContext.setDefault(context);
        makeDefault(store);
        return context;
    }

    /** For those who make trust managers themselves, as Netty does: they read these properties. */
    private static void makeDefault(KeyStore store) throws GeneralSecurityException, IOException {
        var file = Files.createTempFile("ropeway-", ".p12");
        file.toFile().deleteOnExit();
        try (var written = Files.newOutputStream(file)) {
            store.store(written, PASSWORD);
        }
        System.setProperty("javax.net.ssl.trustStore", file.toString());
        System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
        System.setProperty("javax.net.ssl.trustStorePassword", new String(PASSWORD));
    }

    private static TrustManagerFactory factory(KeyStore store) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }
}
