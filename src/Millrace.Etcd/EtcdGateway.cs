using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Millrace.Etcd;

/// <summary>
/// Speaks etcd's JSON gateway: keys and values are base64, 64-bit numbers are strings, and members that are zero or false are left out.
/// </summary>
internal sealed class EtcdGateway : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _address;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public EtcdGateway(EtcdOptions options, TimeProvider time)
    {
        (_address, _timeout, _time) = (options.Address, options.AnswerTimeout, time);
        var handler = new SocketsHttpHandler { ConnectTimeout = options.AnswerTimeout, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        _http = new HttpClient(handler) { BaseAddress = new Uri(options.Address), Timeout = Timeout.InfiniteTimeSpan };
    }

    public static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>The first key behind all that begin with a prefix.</summary>
    public static string EncodeEnd(string prefix)
    {
        var bytes = Encoding.UTF8.GetBytes(prefix);
        bytes[^1]++; // UTF-8 has no byte of 255.
        return Convert.ToBase64String(bytes);
    }

    /// <summary>A number as etcd writes it: a string, or left out when it is 0.</summary>
    public static long Number(JsonElement answer, string name) => answer.TryGetProperty(name, out var value)
        ? long.Parse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
        : 0;

    /// <exception cref="EtcdUnavailableException">It did not answer, or not in time, or not as it should.</exception>
    public async Task<JsonElement> Ask(string path, Action<Utf8JsonWriter> members, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_timeout, _time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), Body(members), any.Token).ConfigureAwait(false);
            var text = await answer.Content.ReadAsByteArrayAsync(any.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw new EtcdUnavailableException(_address, $"{path} was answered with {(int)answer.StatusCode}: {Short(text)}");
            using var json = JsonDocument.Parse(text);
            return json.RootElement.Clone();
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EtcdUnavailableException(_address, $"it did not answer within {_timeout}.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            throw new EtcdUnavailableException(_address, exception.Message, exception);
        }
    }

    /// <summary>What etcd says for as long as the connection lasts, one object a line.</summary>
    /// <exception cref="EtcdUnavailableException">The connection broke.</exception>
    public async IAsyncEnumerable<JsonElement> Follow(
        string path, Action<Utf8JsonWriter> members, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Body(members) };
        using var answer = await Guard(() => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken))
            .ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
            throw new EtcdUnavailableException(_address, $"{path} was answered with {(int)answer.StatusCode}.");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        while (await Guard(() => reader.ReadLineAsync(cancellationToken).AsTask()).ConfigureAwait(false) is { } line)
            yield return await Guard(() => Task.FromResult(Parse(line))).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> Guard<T>(Func<Task<T>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            throw new EtcdUnavailableException(_address, exception.Message, exception);
        }
    }

    private static JsonElement Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.Clone();
    }

    private static ByteArrayContent Body(Action<Utf8JsonWriter> members)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return new ByteArrayContent(bytes.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    private static string Short(byte[] text) => Encoding.UTF8.GetString(text.AsSpan(0, Math.Min(text.Length, 300)));
}
