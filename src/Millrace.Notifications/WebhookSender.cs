using System.Globalization;
using System.Net.Http.Headers;

namespace Millrace.Notifications;

/// <summary>
/// Posts JSON to an address. Redirects are refused, so that only the configured address gets requests.
/// </summary>
internal sealed class WebhookSender(Uri url, TimeProvider time) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        // Without it there are no spans, which would export the address. The path of an address can be a secret.
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // A changed address of the host is used after it.
    });

    /// <summary>Posts a body; completes when the receiver has accepted it.</summary>
    /// <exception cref="HttpRequestException">The receiver did not accept the body.</exception>
    public async Task Send(string noticeId, byte[] body, string? secret, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.Add(WebhookSignature.IdempotencyHeader, noticeId);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add(WebhookSignature.TimestampHeader, timestamp);
        if (secret is not null)
            request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Of(secret, timestamp, body));
        using var response = await _client
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException(
                $"The receiver answered with the status {(int)response.StatusCode}.", null, response.StatusCode);
    }

    public void Dispose() => _client.Dispose();
}
