using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Sends requests to any node that answers, and repeats a request with the same key until its outcome is known.
/// </summary>
internal sealed class ChaosClient(IReadOnlyList<ChaosProgram> shops, Random random) : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Lock _lock = new();
    private volatile bool _isSignedIn;

    /// <summary>Sends a command.</summary>
    /// <exception cref="ChaosRefusedException">The command was refused, which is final.</exception>
    public async Task<JsonNode> Post(string path, object body)
    {
        var (answer, refusal) = await TryPost(path, body);
        return refusal is null ? answer : throw new ChaosRefusedException(path, refusal);
    }

    /// <summary>
    /// Sends a command that may be refused. Returns the answer with the reason of the refusal, or null for none.
    /// </summary>
    public async Task<(JsonNode Answer, string? Refusal)> TryPost(string path, object body)
    {
        var key = Guid.NewGuid().ToString();
        // The client serializes the body once, so that a repetition has the same body.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web);
        return await Until(async shop =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(shop, path))
            {
                Content = new ByteArrayContent(bytes),
            };
            request.Content.Headers.ContentType = new("application/json");
            request.Headers.Add("Idempotency-Key", key);
            return await _http.SendAsync(request);
        });
    }

    public async Task<JsonNode> Get(string path)
    {
        var (answer, refusal) = await Until(shop => _http.GetAsync(new Uri(shop, path)));
        return refusal is null ? answer : throw new ChaosRefusedException(path, refusal);
    }

    public int Next(int maxExclusive)
    {
        lock (_lock)
            return random.Next(maxExclusive);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(JsonNode Answer, string? Refusal)> Until(Func<Uri, Task<HttpResponseMessage>> send)
    {
        var last = await Eventually.Get(() => Try(send), response => response.Problem is null, WaitTimeout);
        return (last.Answer, last.Refusal);
    }

    /// <summary>Returns the answer, the refusal, or the transient problem.</summary>
    private async Task<ChaosResponse> Try(Func<Uri, Task<HttpResponseMessage>> send)
    {
        try
        {
            var shop = shops[Next(shops.Count)].Address;
            if (!_isSignedIn)
                await Staff.SignIn(_http, shop);
            _isSignedIn = true; // All nodes accept the cookie.
            using var answer = await send(shop);
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode)
                // A response is never the JSON value null.
                return new(text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!, null, null);
            var isTransient =
                (int)answer.StatusCode is >= 500 or 404 // A read model of the other node may be stale.
                || text.Contains("\"conflict\"", StringComparison.Ordinal);
            return new(new JsonObject(), isTransient ? null : text, isTransient ? text : null);
        }
        catch (Exception unavailable)
            when (unavailable is HttpRequestException or TaskCanceledException or IOException or JsonException)
        {
            return new(new JsonObject(), null, unavailable.Message);
        }
    }

    private sealed record ChaosResponse(JsonNode Answer, string? Refusal, string? Problem);
}
