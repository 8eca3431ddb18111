using System.Text.Json.Serialization;
using CardPayments.Charges;

namespace CardPayments.Webhooks;

/// <summary>The body of a webhook.</summary>
/// <param name="Type">The stored name of the event, such as <c>charge.captured</c>.</param>
public sealed record WebhookMessage(
    string Type,
    Guid Charge,
    string Reference,
    decimal? Amount,
    string? Currency,
    string? TransactionId,
    string? Reason)
{
    /// <summary>Returns the message for an event, or null for an event without a webhook.</summary>
    public static WebhookMessage? Of(RecordedEvent recorded) =>
        recorded.Data switch
        {
            ChargeCaptured one => new(
                recorded.Type, one.Charge.Value, one.Reference, one.Amount, one.Currency, one.TransactionId, null),
            ChargeDeclined one => new(recorded.Type, one.Charge.Value, one.Reference, null, null, null, one.Reason),
            ChargeRefunded one => new(
                recorded.Type, one.Charge.Value, one.Reference, one.Amount, one.Currency, null, one.Reason),
            ChargeVoided one => new(recorded.Type, one.Charge.Value, one.Reference, null, null, null, one.Reason),
            _ => null,
        };
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WebhookMessage))]
internal sealed partial class WebhookJson : JsonSerializerContext;
