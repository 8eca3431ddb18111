namespace Millrace.Messaging;

/// <summary>A request was not answered in time. Whether it was handled is not known: send it again with the same
/// idempotency key.</summary>
/// <param name="request">The request's name.</param>
/// <param name="destination">Where it was sent.</param>
/// <param name="timeout">How long was waited.</param>
public sealed class RequestTimeoutException(string request, string destination, TimeSpan timeout)
    : MillraceException(
        $"'{request}' was not answered by the service behind '{destination}' within {timeout}. Whether it was handled "
            + $"is not known: see "
        + "that the service runs, and send it again with the same idempotency key.")
{
    /// <summary>The request's name.</summary>
    public string Request { get; } = request;

    /// <summary>Where it was sent.</summary>
    public string Destination { get; } = destination;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
