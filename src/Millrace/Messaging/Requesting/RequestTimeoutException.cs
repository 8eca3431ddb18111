namespace Millrace.Messaging;

/// <summary>
/// Thrown when a request was not answered in time. It is unknown whether the other service handled it. Send it again
/// with the same idempotency key.
/// </summary>
/// <param name="request">The request's name.</param>
/// <param name="destination">The destination.</param>
/// <param name="timeout">The time that the caller waited.</param>
public sealed class RequestTimeoutException(string request, string destination, TimeSpan timeout)
    : MillraceException(
        $"'{request}' was not answered by the service behind '{destination}' within {timeout}. It is unknown whether "
            + "it was handled: check that the service is running, and send the request again with the same idempotency "
            + "key.")
{
    /// <summary>Gets the request's name.</summary>
    public string Request { get; } = request;

    /// <summary>Gets the destination.</summary>
    public string Destination { get; } = destination;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
