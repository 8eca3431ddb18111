using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Commerce.Orders;
using Commerce.SharedKernel;
using Polly;
using Polly.Timeout;

namespace Commerce.Payments;

/// <summary>
/// Calls the payment service over HTTP. A slow call times out. After repeated failures, a circuit breaker pauses the
/// calls. The pause does not count as a retry.
/// </summary>
public sealed class HttpCardPayments(
    HttpClient http, CardPaymentsAddress address, CircuitBreakers circuits, TimeProvider time) : ICardPayments
{
    /// <summary>The name of the circuit breaker.</summary>
    public const string Circuit = "card-payments";

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly CircuitBreaker _circuit = circuits.Get(Circuit);
    private readonly ResiliencePipeline _pipeline =
        new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(WaitTimeout).Build();

    public async Task<Settlement?> Charge(
        PaymentId payment, OrderId order, Money amount, string card, string key, CancellationToken cancellationToken)
    {
        var body = new { Reference = order.ToString(), amount.Amount, amount.Currency, card };
        var answer = await Ask(HttpMethod.Put, $"charges/{payment}", body, key, cancellationToken);
        return answer.Status switch
        {
            "captured" => new Settlement(true, answer.Amount, answer.Currency, answer.TransactionId ?? "", ""),
            "refunded" or "voided" => Settlement.Refused("The payment was called off."),
            "declined" => Settlement.Refused(answer.Reason ?? "The bank refuses."),
            _ => null,
        };
    }

    public Task Refund(
        PaymentId payment,
        decimal? amount,
        string reason,
        string key,
        CancellationToken cancellationToken
    ) => Ask(HttpMethod.Post, $"charges/{payment}/refund", new { reason, amount }, key, cancellationToken);

    private async Task<Answer> Ask(
        HttpMethod method, string path, object body, string key, CancellationToken cancellationToken) =>
        await _circuit.Execute(
            async cancel =>
            {
                try
                {
                    var target = new Uri(await address.Find(cancel), path);
                    return await _pipeline.ExecuteAsync(
                        async stop => await Send(method, target, body, key, stop), cancel);
                }
                catch (TimeoutRejectedException late)
                {
                    throw new CardPaymentsUnavailableException(
                        $"The payment service has not answered within {WaitTimeout.TotalSeconds} s.", late);
                }
                catch (HttpRequestException unavailable)
                {
                    throw new CardPaymentsUnavailableException(
                        $"The payment service does not answer: {unavailable.Message}", unavailable);
                }
            },
            cancellationToken);

    private async ValueTask<Answer> Send(
        HttpMethod method, Uri target, object body, string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, target) { Content = JsonContent.Create(body, null, Json) };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await http.SendAsync(request, cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return await answer.Content.ReadFromJsonAsync<Answer>(Json, cancellationToken)
                ?? throw new CardPaymentsUnavailableException("The payment service answered nothing.");
        }
        var error = await answer.Content.ReadAsStringAsync(cancellationToken);
        throw answer.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout
            or HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict
            ? new CardPaymentsUnavailableException($"The payment service answered {(int)answer.StatusCode}.")
            : new CardPaymentsRefusedException((int)answer.StatusCode, error[..Math.Min(error.Length, 200)]);
    }

    /// <summary>A charge in the service's answer.</summary>
    private sealed record Answer(string Status, decimal Amount, string Currency, string? TransactionId, string? Reason);
}
