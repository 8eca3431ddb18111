namespace Millrace.Messaging;

/// <summary>Options for a request.</summary>
public sealed record RequestOptions
{
    /// <summary>
    /// Gets the total time to wait for the answer; from 10 milliseconds to 1 hour, 30 seconds by default.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets the key by which the other service recognizes a repeated request. A repeated command has no further effect
    /// and returns the same answer. A refusal by the domain is repeated until one minute after the last refused request
    /// has expired. The default is null, so that each request is a new one.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// Gets the ordering key. The receiver handles requests with the same key in the order in which they were sent. The
    /// default is null.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>Gets the correlation id of the conversation; a new one by default.</summary>
    public Guid? CorrelationId { get; init; }
}
