package test.ropeway.junit;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The token endpoint refused. The message has the AADSTS code, the cause and the remedy. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;
    private final transient Map<String, Object> body;

    Refused(String who, Map<String, Object> body, String explanation) {
        super(who + " got no token: " + text(body) + "\n  cause: " + section(explanation, "Why") + "\n  remedy: "
                + section(explanation, "What to do"));
        this.code = code(body);
        this.body = body;
    }

    /** The AADSTS code as a number. */
    public int code() {
        return code;
    }

    /** OAuth's {@code error}. */
    public String error() {
        return (String) body.get("error");
    }

    /** The whole answer, as a client gets it. */
    public Map<String, Object> body() {
        return body;
    }

    static int code(Map<String, Object> body) {
        return ((Number) ((List<?>) body.get("error_codes")).get(0)).intValue();
    }

    private static String text(Map<String, Object> body) {
        return ((String) body.get("error_description")).split("Trace ID")[0].strip();
    }

    /** A paragraph of {@code ropeway explain}, in one line. */
    private static String section(String explanation, String title) {
        var found = Pattern.compile("^" + title + " (.*\n(?: .*\n)*)", Pattern.MULTILINE).matcher(explanation);
        return found.find() ? found.group(1).strip().replaceAll("\\s+", " ") : "unknown";
    }
}
