package test.ropeway.clients;

import com.azure.json.JsonProviders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** JSON objects as maps. */
final class Json {
    private Json() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String text) {
        try (var reader = JsonProviders.createReader(text)) {
            return (Map<String, Object>) reader.readUntyped();
        } catch (IOException fault) {
            throw new IllegalArgumentException(text, fault);
        }
    }

    /** The claims of a token, unverified, as only a test may read them. */
    static Map<String, Object> claims(String token) {
        var payload = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
        return object(new String(payload, StandardCharsets.UTF_8));
    }
}
