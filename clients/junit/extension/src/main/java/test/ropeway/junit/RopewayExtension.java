package test.ropeway.junit;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test a Microsoft Entra ID test tenant of its own: {@code @ExtendWith(RopewayExtension.class)} on the class, a
 * parameter of type {@link Tenant} on the method. {@code @BeforeEach} gets the same one. A parameter of type {@link Server}
 * is the server behind it.
 *
 * <p>The ropeway binary, found by ROPEWAY_BIN or on the PATH, starts with the first such class and ends with the JVM,
 * however that ends. ROPEWAY_TENANT_FILE names a tenant file to serve instead of the built-in sample, ROPEWAY_LISTEN an
 * address. From its start on the JVM trusts the server, and with it every client that brings no trust of its own.
 */
public final class RopewayExtension implements BeforeAllCallback, ParameterResolver {
    private static final Namespace OWN = Namespace.create(RopewayExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        server(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        return type == Tenant.class || type == Server.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var server = server(context);
        if (parameter.getParameter().getType() == Server.class) {
            return server;
        }
        // The store closes what can be closed when the test that the context stands for is over.
        return context.getStore(OWN).getOrComputeIfAbsent(context.getUniqueId(), test -> server.copy(), Tenant.class);
    }

    private static Server server(ExtensionContext context) {
        var session = context.getRoot().getStore(OWN);
        return session.getOrComputeIfAbsent(Binary.class, once -> Binary.start(), Binary.class).server();
    }
}
