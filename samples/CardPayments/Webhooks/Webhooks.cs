using System.Globalization;
using System.Text.Json;

namespace CardPayments.Webhooks;

/// <summary>
/// Sends webhooks about charges to the merchant. A consumer of the log sends them, so none is lost while the merchant
/// is unavailable. The id of a message is the id of its event. A message whose answer was lost is sent again with the
/// same id.
/// </summary>
public sealed class Webhooks(HttpClient http, WebhookTarget target, TimeProvider time)
{
    private static readonly string[] Types = ["charge.captured", "charge.declined", "charge.refunded", "charge.voided"];
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Returns the consumer. It waits for a merchant that does not answer. A message that the merchant refuses
    /// is retried for an hour.</summary>
    public ConsumerDefinition Consumer() =>
        ConsumerDefinition
            .Each("webhooks", EventFilter.OfTypes(Types), Deliver)
            .OnFailure(policy =>
                policy
                    .System<MerchantUnavailableException>()
                    .Retry(20, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)));

    private async ValueTask Deliver(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (WebhookMessage.Of(recorded) is not { } message)
            return;
        var address =
            target.Address ?? throw new MerchantUnavailableException("No address for webhooks is configured.", null);
        var body = JsonSerializer.SerializeToUtf8Bytes(message, WebhookJson.Default.WebhookMessage);
        var (id, seconds) = (recorded.Id.ToString(), time.GetUtcNow().ToUnixTimeSeconds());
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, id);
        request.Headers.Add(WebhookSignature.TimestampHeader, seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Of(target.Secret, id, seconds, body));
        using var answer = await Send(request, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new WebhookRefusedException(recorded.Type, (int)answer.StatusCode);
    }

    private async Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(WaitTimeout);
        try
        {
            return await http.SendAsync(request, timeout.Token);
        }
        catch (HttpRequestException unavailable)
        {
            throw new MerchantUnavailableException($"The merchant does not answer: {unavailable.Message}", unavailable);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MerchantUnavailableException(
                $"The merchant has not answered within {WaitTimeout.TotalSeconds} s.", late);
        }
    }
}

/// <summary>Thrown when the merchant is unavailable, so that it can receive no message.</summary>
public sealed class MerchantUnavailableException(string message, Exception? inner) : Exception(message, inner);

/// <summary>Thrown when the merchant refuses a message.</summary>
public sealed class WebhookRefusedException(string type, int status)
    : Exception($"The merchant answered {status} to '{type}'.")
{
    public int Status { get; } = status;
}
