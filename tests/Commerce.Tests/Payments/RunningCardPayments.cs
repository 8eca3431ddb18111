using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CardPayments;
using CardPayments.Faults;
using Microsoft.AspNetCore.Builder;

namespace Commerce.Tests.Payments;

/// <summary>The payment service with its own store and port, which tests call over HTTP.</summary>
public sealed class RunningCardPayments : IAsyncLifetime, IDisposable
{
    public const string Secret = "a secret that both sides know";

    private readonly TemporaryDirectory _data = new();
    private WebApplication? _app;

    public HttpClient Http { get; } = new();

    public IServiceProvider Services => _app!.Services; // xUnit starts the fixture before any test.

    public Uri Address => Http.BaseAddress!; // The fixture is started.

    public async Task InitializeAsync()
    {
        _app = CardPaymentsApplication.Create(new CardPaymentsOptions { Data = _data.Path, Port = 0, Secret = Secret });
        await _app.StartAsync();
        Http.BaseAddress = new Uri(_app.Urls.First());
    }

    /// <summary>Sets the delays and failures of the service.</summary>
    public async Task SetFaults(FaultSettings settings) =>
        (await Http.PutAsJsonAsync("/mood", settings)).EnsureSuccessStatusCode();

    public async Task<(int Status, JsonNode Body)> Charge(
        Guid charge, string card = "visa-4242", decimal amount = 30, string? key = null, bool captures = true)
    {
        var body = new
        {
            reference = "order-1",
            amount,
            currency = "GBP",
            card,
            captures,
        };
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/charges/{charge}")
        {
            Content = JsonContent.Create(body),
        };
        return await Send(request, key);
    }

    public async Task<(int Status, JsonNode Body)> Post(string path, object body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        return await Send(request, key);
    }

    public async Task DisposeAsync() => await _app!.DisposeAsync(); // The fixture is started.

    public void Dispose()
    {
        Http.Dispose();
        _data.Dispose();
    }

    private async Task<(int Status, JsonNode Body)> Send(HttpRequestMessage request, string? key)
    {
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await Http.SendAsync(request);
        // Every answer is a JSON object.
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
