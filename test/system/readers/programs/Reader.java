import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.io.PrintStream;

/** Reads a session with HttpClient. */
public class Reader {
  public static void main(String[] args) throws Exception {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var events = args[0] + "/v1/sessions/" + args[1] + "/events";
    var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    var last = "0";
    var ended = false;
    while (!ended) {
      var id = last;
      var request = HttpRequest.newBuilder(URI.create(events + "/sse"))
          .header("Last-Event-ID", last)
          .build();
      try (var lines = client.send(request, BodyHandlers.ofLines()).body()) {
        for (var line : (Iterable<String>) lines::iterator) {
          if (line.startsWith("id: ")) id = line.substring("id: ".length());
          if (!line.startsWith("data: ")) continue;
          var data = line.substring("data: ".length());
          last = id;
          out.println(data);
          ended = data.contains("\"type\":\"session.ended\"");
        }
      } catch (UncheckedIOException error) {
        System.err.println(error.getMessage());
      }
    }
    var page = HttpRequest.newBuilder(URI.create(events)).build();
    out.println(client.send(page, BodyHandlers.ofString()).body());
  }
}
