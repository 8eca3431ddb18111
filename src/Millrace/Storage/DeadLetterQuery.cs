namespace Millrace.Storage;

/// <summary>Dead letters asked for. What is not said does not restrict.</summary>
public sealed record DeadLetterQuery
{
    /// <summary>Of one consumer.</summary>
    public string? Consumer { get; init; }

    /// <summary>In one of these states; empty for all.</summary>
    public IReadOnlyList<DeadLetterState> States { get; init; } = [];

    /// <summary>With this cause.</summary>
    public string? Cause { get; init; }

    /// <summary>With this key.</summary>
    public string? Key { get; init; }

    /// <summary>Of this stream.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>Of this type of event.</summary>
    public string? EventType { get; init; }

    /// <summary>Of events behind a position in the log; 0 by default.</summary>
    public long AfterPosition { get; init; }

    /// <summary>
    /// Whether <see cref="DeadLetter.Message"/> and <see cref="DeadLetter.Stack"/>, which may be long, are left out;
    /// false by default.
    /// </summary>
    public bool IsBrief { get; init; }

    /// <summary>The number that the page before ended with; 0 for the first page.</summary>
    public long After { get; init; }

    /// <summary>The most to return; from 1 to 10,000, 100 by default.</summary>
    public int Limit { get; init; } = 100;
}
