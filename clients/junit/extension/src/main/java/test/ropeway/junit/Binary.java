package test.ropeway.junit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The ropeway binary, started once and ended with the JVM that started it. */
final class Binary implements AutoCloseable {
    private static final long LONGEST_START = 60; // seconds; a debug build on a busy machine

    private final Process process;
    private final Server server;

    private Binary(Process process, Server server) {
        this.process = process;
        this.server = server;
    }

    Server server() {
        return server;
    }

    static Binary start() {
        var command = new ArrayList<>(List.of(find(), "serve", "--stop-at-eof"));
        var listen = System.getenv("ROPEWAY_LISTEN");
        command.addAll(given(listen) ? List.of("--listen", listen) : freeAddress());
        var file = System.getenv("ROPEWAY_TENANT_FILE");
        if (given(file)) {
            command.addAll(List.of("--tenant", file));
        }
        try {
            var folder = Files.createTempDirectory("ropeway-");
            try {
                return start(command, folder);
            } finally {
                remove(folder);
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("starting ropeway", fault);
        }
    }

    private static Binary start(List<String> command, Path folder) throws IOException {
        var readyFile = folder.resolve("ready.json");
        var log = folder.resolve("log");
        command.addAll(List.of("--ready-file", readyFile.toString()));
        var builder = new ProcessBuilder(command).redirectError(log.toFile());
        // Its runtime file is kept from the person's own `ropeway env`, which looks for the server they started.
        builder.environment().put("XDG_RUNTIME_DIR", folder.toString());
        // It reads its end from its standard input, which is ours, so it cannot outlive this process.
        var process = builder.start();
        // The ready line is the only one on standard output, so reading it is waiting without polling.
        var tooLate = new CompletableFuture<Void>().orTimeout(LONGEST_START, TimeUnit.SECONDS);
        tooLate.exceptionally(late -> {
            process.destroyForcibly();
            return null;
        });
        var line = process.inputReader().readLine();
        tooLate.complete(null);
        if (line == null || !line.startsWith("ready ")) {
            process.destroyForcibly();
            throw new IllegalStateException("ropeway did not get ready; it said:\n" + Files.readString(log));
        }
        var server = new Server(Json.object(Files.readString(readyFile)));
        if (!server.on443()) {
            System.err.println(server.note());
        }
        return new Binary(process, server);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(LONGEST_START, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static String find() {
        var named = System.getenv("ROPEWAY_BIN");
        var name = given(named) ? named : "ropeway";
        var folders = name.contains(File.separator) ? new String[] {""} : System.getenv("PATH").split(File.pathSeparator);
        for (var folder : folders) {
            var program = new File(folder.isEmpty() ? name : folder + File.separator + name);
            if (program.isFile() && program.canExecute()) {
                return program.getPath();
            }
        }
        var what = given(named) ? "ROPEWAY_BIN names " + named + ", which is no program" : "there is no `ropeway` on the PATH";
        throw new IllegalStateException(
                what + "; `cargo install --path crates/cli` puts one there, or set ROPEWAY_BIN to the binary");
    }

    /** A loopback address of its own with port 443 if this account may have one, else any free port. */
    private static List<String> freeAddress() {
        var random = new Random();
        for (int attempt = 0; attempt < 20; attempt++) {
            var address = "127." + random.nextInt(1, 255) + "." + random.nextInt(1, 255) + "." + random.nextInt(1, 255);
            try (var probe = new ServerSocket(443, 1, InetAddress.getByName(address))) {
                return List.of("--listen", address + ":" + probe.getLocalPort(), "--origin", "https://" + address);
            } catch (IOException taken) {
                // The next address, then.
            }
        }
        return List.of("--listen", "127.0.0.1:0");
    }

    private static boolean given(String variable) {
        return variable != null && !variable.isEmpty();
    }

    private static void remove(Path folder) throws IOException {
        List<Path> inside;
        try (var found = Files.walk(folder)) {
            inside = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (var path : inside) {
            Files.delete(path);
        }
    }
}
