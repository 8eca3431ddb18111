using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Commerce.Tests.Operations;
using Commerce.Tests.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Commerce.Tests.Trust;

/// <summary>
/// Tests that the personal data of a customer is in no trace, metric, log, response to a visitor, export or backup, and
/// in the answer to an access request only for that customer.
/// </summary>
public sealed class CanaryOutputTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly TemporaryDirectory _telemetry = new();
    private readonly Canary _canary = new();
    private readonly HttpClient _visitor = new();
    private readonly SteppingClock _clock = new();
    private TelemetryFile _file = null!; // Set by InitializeAsync, as the following ones.
    private WebApplication _shop = null!;
    private OrderClient _desk = null!;
    private string _customer = "";
    private string _neighbour = "";

    public async Task InitializeAsync()
    {
        _file = new TelemetryFile(TelemetryPath);
        _shop = ShopApplication.Create(
            new ShopOptions { Data = _data.Path, Simulates = false },
            port: 0,
            builder =>
            {
                builder.Logging.AddProvider(_file).SetMinimumLevel(LogLevel.Trace);
                builder.Services.AddSingleton<TimeProvider>(_clock);
            });
        await _shop.StartAsync();
        _visitor.BaseAddress = new Uri(_shop.Urls.First());
        _desk = new OrderClient(() => _visitor.BaseAddress);
        _neighbour = await Register("neighbour", "neighbour@example.org");
        _customer = await Register(_canary.Name, _canary.Email);
        await Trade();
    }

    public async Task DisposeAsync()
    {
        await _shop.DisposeAsync();
        _file.Dispose();
    }

    public void Dispose()
    {
        _desk.Dispose();
        _visitor.Dispose();
        _data.Dispose();
        _telemetry.Dispose();
    }

    [Fact]
    public async Task Traces_metrics_and_logs_contain_no_marker_and_also_none_after_an_erasure()
    {
        await ExplainInParts();
        await _desk.Post($"/api/customers/{_customer}/erasure", new { reason = "asked by letter" });
        _file.ReadGauges();
        await _shop.StopAsync();

        var lines = await File.ReadAllTextAsync(TelemetryPath);
        foreach (var kind in (string[])["trace Millrace send", "metric Millrace", "log Millrace"])
            Assert.Contains(kind, lines, StringComparison.Ordinal);
        Assert.Contains("goOn=", lines, StringComparison.Ordinal); // The log contains the addresses of requests.
        Assert.Empty(_canary.FindInFiles(_telemetry.Path));
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task No_response_to_a_visitor_contains_a_marker_also_not_compressed(string encoding)
    {
        foreach (var path in (string[])
            ["/", "/api/products", "/api/statistics", "/api/statistics/customer", "/api/inventory", "/openapi/v1.json",
                "/api/orders", $"/api/customers/{_customer}", "/millrace", "/health", "/metrics"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
            using var answer = await _visitor.SendAsync(request);
            Assert.Empty(_canary.Find(path, await answer.Content.ReadAsByteArrayAsync()));
            // A compressed answer in a format that the search does not know would prove nothing.
            Assert.DoesNotContain("zstd", answer.Content.Headers.ContentEncoding);
        }
        Assert.Empty(_canary.Find("the live page", await ReadLive()));
    }

    [Fact]
    public async Task An_access_request_contains_all_data_of_the_person_and_no_file_remains()
    {
        using var manager = new HttpClient { BaseAddress = _visitor.BaseAddress };
        await Staff.SignIn(manager, _visitor.BaseAddress!, "manager");

        var own = await Export(manager, _customer);
        var page = await Export(manager, _customer, "?format=html");
        var other = await Export(manager, _neighbour);

        foreach (var value in (string[])
            [_canary.Name, _canary.Email, _canary.Street, _canary.City, _canary.PostalCode, _canary.Remark])
        {
            var escaped = System.Text.Json.JsonEncodedText.Encode(value).ToString();
            Assert.True(new[] { value, escaped }.Any(form => own.Contains(form, StringComparison.Ordinal)), value);
            Assert.Contains(WebUtility.HtmlEncode(value), WebUtility.HtmlEncode(WebUtility.HtmlDecode(page)));
        }
        Assert.DoesNotContain("neighbour@example.org", own + page, StringComparison.Ordinal);
        Assert.Contains("neighbour@example.org", other, StringComparison.Ordinal);
        Assert.Empty(_canary.Find("the export of another person", Encoding.UTF8.GetBytes(other)));
        Assert.Empty(_canary.FindInFiles(_data.Path, "mail"));
        foreach (var role in (string[])["clerk", "auditor", "operator"])
        {
            using var http = new HttpClient { BaseAddress = _visitor.BaseAddress };
            await Staff.SignIn(http, _visitor.BaseAddress!, role);
            using var denied = await http.PostAsync($"/millrace/subjects/customer-{_customer}/export", null);
            Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        }
    }

    [Fact]
    public async Task Exports_of_events_and_of_the_audit_trail_contain_no_marker()
    {
        foreach (var arguments in (string[][])
            [
                ["export"], ["audit", "list", "--format", "json"], ["audit", "list", "--format", "csv"],
                ["tail", "-n", "1000", "--long"],
            ])
        {
            var (code, output, error) = await OperatorTool.Run(_data.Path, arguments);
            Assert.True(code == 0 && output.Length > 0, error);
            Assert.Empty(_canary.Find(string.Join(' ', arguments), Encoding.UTF8.GetBytes(output + error)));
        }
    }

    [Fact]
    public async Task Backups_of_both_stores_contain_no_marker_and_only_both_from_before_the_erasure_decrypt()
    {
        using var before = new TemporaryDirectory();
        using var after = new TemporaryDirectory();
        await Backup(before.Path);
        Assert.Empty(_canary.FindInFiles(before.Path));

        await _desk.Post($"/api/customers/{_customer}/erasure", new { reason = "asked by letter" });
        await Backup(after.Path);

        Assert.Empty(_canary.FindInFiles(after.Path));
        await _shop.StopAsync();
        Assert.Equal(_canary.Name, await NameIn(before.Path, before.Path)); // By design: see the threat model.
        Assert.Equal("[erased]", await NameIn(after.Path, after.Path));
        Assert.Equal("[erased]", await NameIn(after.Path, before.Path)); // An old key store revives nothing.
    }

    private string TelemetryPath => Path.Combine(_telemetry.Path, "telemetry.txt");

    /// <summary>Explains the customer in short searches, each of which continues the one before.</summary>
    private async Task ExplainInParts()
    {
        var (parts, goOn) = (0, "");
        _clock.Step = TimeSpan.FromMilliseconds(1);
        do
        {
            var part = await _desk.Get($"/millrace/why/customers/{_customer}?seconds=0.001{goOn}");
            goOn = part["continuation"]?.GetValue<string>() is { } point ? $"&goOn={point}" : "";
        }
        while (goOn.Length > 0 && ++parts < 1_000);
        _clock.Step = TimeSpan.Zero;
        Assert.InRange(parts, 2, 999);
    }

    private async Task<string> Register(string username, string email) =>
        (await _desk.Post("/api/customers", new { username, email }))["customerId"]!.GetValue<string>();

    private async Task Trade()
    {
        var product = await _desk.Product(quantity: 10);
        foreach (var country in (string[])["Ireland", "Atlantis"])
        {
            var order = await _desk.Post("/api/orders", _canary.OrderOf(_customer, product, country));
            await _desk.Post($"/api/orders/{order["orderId"]}/cancel", new { reason = _canary.Remark });
        }
        await Eventually.Get(
            () => _desk.Get("/millrace/dead-letters?state=parked"), found => found.AsArray().Count > 0);
        await Eventually.Get(
            () => _desk.Get($"/api/customers/{_customer}"),
            found => found["username"]?.GetValue<string>() == _canary.Name);
    }

    /// <summary>Reads the start of the stream of the live page, which never ends.</summary>
    private async Task<byte[]> ReadLive()
    {
        using var answer = await _visitor.GetAsync("/api/live", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (bytes, buffer) = (new MemoryStream(), new byte[64 * 1024]);
        while (!Encoding.UTF8.GetString(bytes.ToArray()).Contains("event: feed", StringComparison.Ordinal))
            bytes.Write(buffer.AsSpan(0, await body.ReadAsync(buffer, limit.Token)));
        bytes.Write(buffer.AsSpan(0, await body.ReadAsync(buffer, limit.Token)));
        return bytes.ToArray();
    }

    private static async Task<string> Export(HttpClient http, string customer, string query = "")
    {
        using var answer = await http.PostAsJsonAsync($"/millrace/subjects/customer-{customer}/export{query}", new { });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    private async Task Backup(string folder)
    {
        var (code, _, error) = await OperatorTool.Run(_data.Path, "backup", Path.Combine(folder, "shop.db"));
        Assert.True(code == 0, error);
        await using var keys = new Microsoft.Data.Sqlite.SqliteConnection(
            $"Data Source={Path.Combine(_data.Path, "shop.keys.db")};Pooling=False");
        await keys.OpenAsync();
        await using var copy = keys.CreateCommand();
        copy.CommandText = $"VACUUM INTO '{Path.Combine(folder, "shop.keys.db")}'";
        await copy.ExecuteNonQueryAsync();
    }

    /// <summary>Returns the name of the customer in a shop that is restored from two backups.</summary>
    private async Task<string> NameIn(string store, string keys)
    {
        using var restored = new TemporaryDirectory();
        File.Copy(Path.Combine(store, "shop.db"), Path.Combine(restored.Path, "shop.db"));
        File.Copy(Path.Combine(keys, "shop.keys.db"), Path.Combine(restored.Path, "shop.keys.db"));
        var options = new ShopOptions
        {
            Data = restored.Path,
            Secrets = Path.Combine(_data.Path, "secrets"),
            DemoSignIn = true,
            Simulates = false,
        };
        await using var shop = ShopApplication.Create(options, port: 0);
        await shop.StartAsync();
        using var desk = new OrderClient(() => new Uri(shop.Urls.First()));
        return (await desk.Get($"/api/customers/{_customer}"))["username"]!.GetValue<string>();
    }

    /// <summary>A clock on which a step of time passes whenever it is read, so that short limits expire.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long _passed;

        public TimeSpan Step { get; set; }

        public override long GetTimestamp() => System.GetTimestamp()
            + Interlocked.Add(ref _passed, (long)(Step.TotalSeconds * TimestampFrequency));
    }
}
