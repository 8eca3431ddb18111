namespace Millrace;

/// <summary>A request to erase data of a data subject.</summary>
/// <param name="Id">The id of the request: 1 to 100 lower-case letters, digits and dashes. Repeated requests with the
/// same id have no effect.</param>
/// <param name="Subject">The data subject, such as <c>customer-42</c>.</param>
/// <param name="Reason">The reason. It is stored unencrypted, so it must not contain personal data.</param>
/// <param name="By">The user who requests the erasure.</param>
public sealed record ErasureRequest(string Id, string Subject, string Reason, string By)
{
    /// <summary>Gets the kinds of data to erase; empty, the default, for all kinds.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>
    /// Gets the time at which the data subject asked for the erasure; null, the default, for the current time.
    /// </summary>
    public DateTimeOffset? RequestedAt { get; init; }
}
