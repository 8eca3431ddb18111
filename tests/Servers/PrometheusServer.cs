using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Servers;

/// <summary>
/// A Prometheus server of this process that scrapes one address every 200 milliseconds, with a separate data directory.
/// The server stops with the process, even after a crash.
/// </summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private const string Prefix = "millrace-prometheus-";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly HttpClient _http = new();
    private readonly string _directory;
    private readonly WatchedProgram _watch;

    private PrometheusServer(string directory, int port)
    {
        (_directory, Address) = (directory, $"http://127.0.0.1:{port}");
        _watch = WatchedProgram.Start(
            LogFile,
            directory,
            PrometheusPrograms.Server!, // Not null, because a server was created.
            $"--config.file={Path.Combine(directory, "prometheus.yml")}",
            $"--storage.tsdb.path={Path.Combine(directory, "data")}",
            $"--web.listen-address=127.0.0.1:{port}",
            "--scrape.discovery-reload-interval=100ms", // Not documented. By default, the first scrape waits 5 seconds.
            "--enable-feature=exemplar-storage");
    }

    /// <summary>Gets the address of the server's own API.</summary>
    public string Address { get; }

    private string LogFile => Path.Combine(_directory, "log");

    /// <summary>Creates and starts a server, which takes about a second.</summary>
    /// <param name="target">The host and the port to scrape.</param>
    /// <param name="rules">The content of a file of alert rules; null for none.</param>
    public static async Task<PrometheusServer> Start(string target, string? rules = null)
    {
        if (PrometheusPrograms.Server is null)
            throw new InvalidOperationException($"This {PrometheusPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await File.WriteAllTextAsync(Path.Combine(directory, "rules.yml"), rules ?? "groups: []\n");
        await File.WriteAllTextAsync(
            Path.Combine(directory, "prometheus.yml"),
            $"""
            global:
              scrape_interval: 200ms
              evaluation_interval: 200ms
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: shop
                static_configs:
                  - targets: ['{target}']

            """);
        await ServerDirectory.HandOver(directory);
        var server = new PrometheusServer(directory, FreePorts.Take());
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Runs a query, and returns its result.</summary>
    public Task<JsonElement> Query(string query) => Get($"/api/v1/query?query={Uri.EscapeDataString(query)}");

    /// <summary>Returns the exemplars of a query from the last minutes.</summary>
    public Task<JsonElement> Exemplars(string query)
    {
        var now = TimeProvider.System.GetUtcNow();
        return Get(
            $"/api/v1/query_exemplars?query={Uri.EscapeDataString(query)}"
                + $"&start={now.AddMinutes(-10).ToUnixTimeSeconds()}&end={now.AddMinutes(1).ToUnixTimeSeconds()}");
    }

    /// <summary>Returns the loaded rules.</summary>
    public Task<JsonElement> Rules() => Get("/api/v1/rules");

    /// <summary>Returns the state of the scraped targets.</summary>
    public Task<JsonElement> Targets() => Get("/api/v1/targets");

    /// <summary>Stops the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _watch.DisposeAsync();
        ServerDirectory.Remove(_directory);
    }

    private async Task<JsonElement> Get(string path)
    {
        using var response = await _http.GetAsync(new Uri(Address + path));
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.GetProperty("status").GetString() == "success"
            ? answer.GetProperty("data")
            : throw new InvalidOperationException($"Prometheus refused {path}: {answer}");
    }

    private async Task WaitUntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                using var ready = await _http.GetAsync(new Uri(Address + "/-/ready"));
                if (ready.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // The server is not ready.
            }
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout || _watch.HasExited)
                throw new InvalidOperationException(
                    $"Prometheus did not become ready: {await File.ReadAllTextAsync(LogFile)}");
        }
    }
}
