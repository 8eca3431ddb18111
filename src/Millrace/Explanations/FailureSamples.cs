namespace Millrace;

/// <summary>The events that could not be read or folded: how many, and the first of them.</summary>
internal sealed class FailureSamples
{
    private const int MaxSamples = 10;

    private readonly List<FoldFailure> _first = [];

    public long Count { get; private set; }

    public IReadOnlyList<FoldFailure> First => _first;

    /// <summary>Has the application's own code look at an event; whatever it throws is noted, and the event is left
    /// out.</summary>
    public void Try(RecordedEvent recorded, Action work)
    {
        try
        {
            work();
        }
#pragma warning disable CA1031 // The application's own code: whatever it throws is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Add(recorded, exception);
        }
    }

    public void Add(RecordedEvent recorded, Exception exception)
    {
        Count++;
        if (_first.Count < MaxSamples)
            _first.Add(new FoldFailure(recorded.Position, recorded.Type, exception.Message));
    }
}
