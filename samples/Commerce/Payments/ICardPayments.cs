using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Payments;

/// <summary>The service that charges cards. Both calls are idempotent.</summary>
public interface ICardPayments
{
    /// <summary>Requests a payment.</summary>
    /// <param name="payment">The id of the payment; a repeated request is the same charge.</param>
    /// <param name="order">The order to pay for.</param>
    /// <param name="amount">The amount.</param>
    /// <param name="card">The name under which the service knows the card.</param>
    /// <param name="key">The idempotency key: the same in every attempt of one request.</param>
    /// <param name="cancellationToken">Cancels the operation; it is then unknown whether the money was taken.</param>
    /// <returns>The result; null when it arrives later.</returns>
    /// <exception cref="CardPaymentsUnavailableException">The service does not answer, or not in time.</exception>
    /// <exception cref="CardPaymentsRefusedException">The service refuses the request.</exception>
    Task<Settlement?> Charge(
        PaymentId payment, OrderId order, Money amount, string card, string key, CancellationToken cancellationToken);

    /// <summary>Refunds a payment, or voids it when no money was taken yet, even before the request for it has
    /// arrived.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">The amount; null for everything that is left.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="key">The idempotency key: the same in every attempt of one request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CardPaymentsUnavailableException">The service does not answer, or not in time.</exception>
    /// <exception cref="CardPaymentsRefusedException">The service refuses the request.</exception>
    Task Refund(PaymentId payment, decimal? amount, string reason, string key, CancellationToken cancellationToken);
}

/// <summary>Thrown when the payment service does not answer. A retry may succeed.</summary>
public sealed class CardPaymentsUnavailableException(string message, Exception? inner = null)
    : Exception(message, inner);

/// <summary>Thrown when the payment service refuses a request. A retry gives the same result.</summary>
public sealed class CardPaymentsRefusedException(int status, string error)
    : Exception($"The payment service does not take the request: it answered {status}, {error}.")
{
    public int Status { get; } = status;

    public string Error { get; } = error;
}
