package test.ropeway.clients;

import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpPipelinePosition;
import com.azure.core.http.policy.HttpPipelinePolicy;
import com.microsoft.aad.msal4j.HttpRequest;
import com.microsoft.aad.msal4j.HttpResponse;
import com.microsoft.aad.msal4j.IHttpClient;
import com.microsoft.aad.msal4j.IHttpResponse;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;

/** Takes note of the answers of the token endpoint, below the client, which stays as it is. */
final class Wire implements IHttpClient, HttpPipelinePolicy {
    private final List<Integer> answers = new ArrayList<>();

    /** The statuses so far. */
    synchronized List<Integer> tokenAnswers() {
        return List.copyOf(answers);
    }

    /** For MSAL, by the JVM's own means like its default. */
    @Override
    public IHttpResponse send(HttpRequest request) throws IOException, URISyntaxException {
        var connection = (HttpURLConnection) request.url().openConnection();
        request.headers().forEach(connection::setRequestProperty);
        connection.setRequestMethod(request.httpMethod().name());
        if (request.body() != null) {
            connection.setDoOutput(true);
            try (var body = connection.getOutputStream()) {
                body.write(request.body().getBytes(StandardCharsets.UTF_8));
            }
        }
        var status = connection.getResponseCode();
        note(connection.getRequestMethod(), request.url().toURI(), status);
        try (var body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            var response = new HttpResponse().statusCode(status);
            response.addHeaders(connection.getHeaderFields());
            return response.body(new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** For azure-identity, as a policy after the one that repeats requests. */
    @Override
    public Mono<com.azure.core.http.HttpResponse> process(HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
        var request = context.getHttpRequest();
        return next.process().doOnNext(answer ->
                note(request.getHttpMethod().name(), URI.create(request.getUrl().toString()), answer.getStatusCode()));
    }

    @Override
    public HttpPipelinePosition getPipelinePosition() {
        return HttpPipelinePosition.PER_RETRY;
    }

    private synchronized void note(String method, URI uri, int status) {
        if (method.equals("POST") && uri.getPath().endsWith("/token")) {
            answers.add(status);
        }
    }
}
