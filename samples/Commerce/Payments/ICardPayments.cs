using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Payments;

/// <summary>The service that takes money from cards. Both calls may be repeated: they do once
/// what they are for.</summary>
public interface ICardPayments
{
    /// <summary>Asks for money.</summary>
    /// <param name="payment">The payment; asked again, it is the same charge.</param>
    /// <param name="order">What it is for.</param>
    /// <param name="amount">How much.</param>
    /// <param name="card">The name under which the service knows the card.</param>
    /// <param name="key">The same for every try of one request.</param>
    /// <param name="cancellationToken">Gives up; nobody knows then whether the money was taken.</param>
    /// <returns>What became of it; null when that is told later.</returns>
    /// <exception cref="CardPaymentsUnavailableException">The service does not answer, or not in time.</exception>
    /// <exception cref="CardPaymentsRefusedException">The service does not take the request.</exception>
    Task<Settlement?> Charge(
        PaymentId payment, OrderId order, Money amount, string card, string key, CancellationToken cancellationToken);

    /// <summary>Gives money back, or calls off what was not taken yet, even if the request for
    /// it has not arrived.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">How much; null for all that is left.</param>
    /// <param name="reason">Why.</param>
    /// <param name="key">The same for every try of one request.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CardPaymentsUnavailableException">The service does not answer, or not in time.</exception>
    /// <exception cref="CardPaymentsRefusedException">The service does not take the request.</exception>
    Task Refund(PaymentId payment, decimal? amount, string reason, string key, CancellationToken cancellationToken);
}

/// <summary>The payment service does not answer: it is worth trying again.</summary>
public sealed class CardPaymentsUnavailableException(string message, Exception? inner = null)
    : Exception(message, inner);

/// <summary>The payment service does not take a request as it is: trying again leads to the same.</summary>
public sealed class CardPaymentsRefusedException(int status, string error)
    : Exception($"The payment service does not take the request: it answered {status}, {error}.")
{
    public int Status { get; } = status;

    public string Error { get; } = error;
}
