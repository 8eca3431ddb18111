namespace Millrace.Messaging;

/// <summary>Thrown when the other service has refused a request, or could not handle it.</summary>
/// <param name="request">The request's name.</param>
/// <param name="destination">The destination.</param>
/// <param name="error">The kind of error.</param>
/// <param name="problem">The message of the error.</param>
public sealed class RequestRefusedException(string request, string destination, string error, string problem)
    : MillraceException($"'{request}' was refused by the service behind '{destination}': {problem}")
{
    /// <summary>Gets the request's name.</summary>
    public string Request { get; } = request;

    /// <summary>Gets the destination.</summary>
    public string Destination { get; } = destination;

    /// <summary>Gets the kind of error, such as <c>InvariantViolatedException</c>.</summary>
    public string Error { get; } = error;

    /// <summary>Gets the message of the error.</summary>
    public string Problem { get; } = problem;

    /// <summary>
    /// Gets whether the request had no effect and will not have any. This is the case if the domain refused the
    /// request, because it refuses each copy as well, or if the request was a query. If false, which is the default,
    /// the request may have been handled, or a copy may be handled until the request expires.
    /// </summary>
    public bool IsSettled { get; init; }
}
