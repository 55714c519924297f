package test.ropeway.junit;

import com.azure.json.JsonProviders;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/** JSON objects as maps. */
final class Json {
    private Json() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String text) {
        try (var reader = JsonProviders.createReader(text)) {
            return (Map<String, Object>) reader.readUntyped();
        } catch (IOException fault) {
            throw new UncheckedIOException("no JSON object: " + text, fault);
        }
    }

    static String text(Map<String, ?> object) {
        var text = new StringWriter();
        try (var writer = JsonProviders.createWriter(text)) {
            writer.writeUntyped(object);
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        return text.toString();
    }
}
