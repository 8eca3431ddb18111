namespace Millrace;

/// <summary>How long an explanation may search; it begins when the search does. Safe to ask from several threads.</summary>
internal sealed class SearchTime(TimeProvider time, TimeSpan limit)
{
    private long? _began;

    /// <summary>Whether the time has passed.</summary>
    public bool IsOver => _began is { } began && time.GetElapsedTime(began) >= limit;

    /// <summary>Begins to count, unless that was done before.</summary>
    public void Begin() => _began ??= time.GetTimestamp();
}
