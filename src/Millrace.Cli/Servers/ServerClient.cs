using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Cli.Servers;

/// <summary>Sends requests to the routes for operators of a running application.</summary>
internal sealed class ServerClient : IDisposable
{
    private const string DefaultPrefix = "/millrace";

    // A retention run and an erasure answer when they are done.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    private readonly string _prefix;
    private readonly HttpClient _client;

    public ServerClient(Uri address, string? token)
    {
        var prefix = address.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _prefix = address.AbsolutePath == "/" ? prefix + DefaultPrefix : prefix;
        // A redirection could send the token to another address.
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("millrace-cli");
        if (token is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Returns a part of a path, which can be any text.</summary>
    public static string PathOf(string part) => "/" + Uri.EscapeDataString(part);

    /// <summary>Returns a path with a query string of the values that are not null.</summary>
    public static string WithQuery(string path, params IEnumerable<(string Name, string? Value)> values)
    {
        var query = string.Join(
            '&',
            values.Where(value => value.Value is not null)
                .Select(value => $"{value.Name}={Uri.EscapeDataString(value.Value!)}")); // Not null: filtered.
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    /// <summary>Reads a JSON answer.</summary>
    /// <exception cref="CliException">The application refused the request, or cannot be reached.</exception>
    public async Task<JsonElement> Get(string path, CancellationToken cancellationToken) =>
        JsonOf(await Send(HttpMethod.Get, path, null, cancellationToken));

    /// <summary>Reads an answer as text.</summary>
    /// <inheritdoc cref="Get"/>
    public Task<string> GetText(string path, CancellationToken cancellationToken) =>
        Send(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Sends a body, and reads the answer; a JSON null if there is none.</summary>
    /// <inheritdoc cref="Get"/>
    public async Task<JsonElement> Post(string path, JsonObject body, CancellationToken cancellationToken) =>
        JsonOf(await Send(HttpMethod.Post, path, body, cancellationToken));

    /// <summary>Sends a body, and reads the answer as text.</summary>
    /// <inheritdoc cref="Get"/>
    public Task<string> PostForText(string path, JsonObject body, CancellationToken cancellationToken) =>
        Send(HttpMethod.Post, path, body, cancellationToken);

    /// <summary>Deletes something.</summary>
    /// <inheritdoc cref="Get"/>
    public Task Delete(string path, CancellationToken cancellationToken) =>
        Send(HttpMethod.Delete, path, null, cancellationToken);

    public void Dispose() => _client.Dispose();

    private static JsonElement JsonOf(string text)
    {
        try
        {
            return JsonElement.Parse(text.Length == 0 ? "null" : text);
        }
        catch (JsonException)
        {
            throw new CliException(
                ExitCode.Failed, "The answer is not JSON.", "Check the address: it must be that of the application.");
        }
    }

    private async Task<string> Send(
        HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, _prefix + path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), null, "application/json");
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode ? text : throw Refused(response.StatusCode, text);
        }
        catch (HttpRequestException exception)
        {
            throw new CliException(ExitCode.Failed, $"{_prefix} cannot be reached: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CliException(ExitCode.Failed, $"{_prefix} did not answer within {Timeout.TotalMinutes} minutes.");
        }
    }

    private static CliException Refused(HttpStatusCode status, string text)
    {
        var problem = ProblemOf(text);
        var code = status switch
        {
            HttpStatusCode.BadRequest => ExitCode.Usage,
            HttpStatusCode.NotFound => ExitCode.NotFound,
            HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity => ExitCode.Conflict,
            HttpStatusCode.ServiceUnavailable => ExitCode.Store,
            _ => ExitCode.Failed,
        };
        var hint = status switch
        {
            HttpStatusCode.Unauthorized => "Give a valid token: --token-file FILE, or the variable MILLRACE_TOKEN.",
            HttpStatusCode.Forbidden => "The user of the token lacks the permission.",
            HttpStatusCode.NotFound when problem is null =>
                "The application does not have this route. Does it allow decisions (AllowDecisions)?",
            _ => null,
        };
        return new CliException(code, problem ?? $"The application answered with status {(int)status}.", hint);
    }

    /// <summary>Returns the text of a ProblemDetails answer; null for other answers.</summary>
    private static string? ProblemOf(string text)
    {
        try
        {
            var json = JsonElement.Parse(text);
            if (json.ValueKind != JsonValueKind.Object)
                return null;
            return json.TryGetProperty("detail", out var detail) ? detail.GetString()
                : json.TryGetProperty("title", out var title) ? title.GetString()
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
