namespace Millrace.Messaging;

/// <summary>The service that was asked has refused a request, or could not handle it.</summary>
/// <param name="request">The request's name.</param>
/// <param name="destination">Where it was sent.</param>
/// <param name="error">What kind of error it was there.</param>
/// <param name="problem">What it said.</param>
public sealed class RequestRefusedException(string request, string destination, string error, string problem)
    : MillraceException($"'{request}' was refused by the service behind '{destination}': {problem}")
{
    /// <summary>The request's name.</summary>
    public string Request { get; } = request;

    /// <summary>Where it was sent.</summary>
    public string Destination { get; } = destination;

    /// <summary>What kind of error it was there, such as <c>InvariantViolatedException</c>.</summary>
    public string Error { get; } = error;

    /// <summary>What it said.</summary>
    public string Problem { get; } = problem;

    /// <summary>
    /// Whether nothing was done, and nothing will be: the domain refused it, and so the other service refuses each copy
    /// of it that the broker brings, or it was a query. Otherwise it may have been done, or be done by a copy until the
    /// request has expired. False by default.
    /// </summary>
    public bool IsSettled { get; init; }
}
