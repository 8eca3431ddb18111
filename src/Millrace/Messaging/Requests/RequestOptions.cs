namespace Millrace.Messaging;

/// <summary>How a request is sent.</summary>
public sealed record RequestOptions
{
    /// <summary>How long the answer may take, all in all; from 10 milliseconds to 1 hour, 30 seconds by
    /// default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// By what the other side knows a request that is sent again: a command is done once, and answered as before; what
    /// the domain has refused is refused until a minute after the last request that was told so has expired. None by
    /// default: then each is another one.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Requests with the same key are handled in the order in which they were sent; none by default.</summary>
    public string? Key { get; init; }

    /// <summary>The same through one conversation; a new one by default.</summary>
    public Guid? CorrelationId { get; init; }
}
