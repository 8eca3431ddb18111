using System.Collections.Concurrent;
using Commerce.Orders;
using Commerce.Payments;

namespace Commerce.Tests.Fulfilments;

/// <summary>
/// A payment service with configured answers. The service handles repeated requests of a payment only once.
/// </summary>
internal sealed class FakeBank : ICardPayments
{
    /// <summary>Gets the number of requests by key.</summary>
    public ConcurrentDictionary<string, int> RequestCounts { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the captured money minus refunds for each payment.</summary>
    public ConcurrentDictionary<PaymentId, decimal> Taken { get; } = [];

    /// <summary>Gets or sets the answer to a charge. The answer null means that the bank answers later.</summary>
    public Func<Money, Settlement?> Answer { get; set; } = Pay;

    /// <summary>Gets or sets the exception that a charge throws, or null for none.</summary>
    public Func<Exception>? Fault { get; set; }

    /// <summary>Gets or sets the exception that a refund throws, or null for none.</summary>
    public Func<Exception>? RefundFault { get; set; }

    public static Settlement? Pay(Money amount) => new(true, amount.Amount, amount.Currency, "tx-1", "");

    public Task<Settlement?> Charge(
        PaymentId payment, OrderId order, Money amount, string card, string key, CancellationToken cancellationToken)
    {
        RequestCounts.AddOrUpdate("charge " + key, 1, (_, before) => before + 1);
        if (Fault is { } fault)
            throw fault();
        var answer = Answer(amount);
        if (answer?.IsPaid == true)
            Taken[payment] = amount.Amount;
        return Task.FromResult(answer);
    }

    public Task Refund(
        PaymentId payment, decimal? amount, string reason, string key, CancellationToken cancellationToken)
    {
        RequestCounts.AddOrUpdate("refund " + key, 1, (_, before) => before + 1);
        if (RefundFault is { } fault)
            throw fault();
        if (Taken.TryGetValue(payment, out var taken))
            Taken[payment] = amount is { } part ? taken - part : 0;
        return Task.CompletedTask;
    }
}
