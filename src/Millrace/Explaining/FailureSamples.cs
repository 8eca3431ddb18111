namespace Millrace.Explaining;

/// <summary>The number of events that could not be read or folded, and the first of these events.</summary>
internal sealed class FailureSamples
{
    private const int MaxSamples = 10;

    private readonly List<FoldFailure> _first = [];

    public long Count { get; private set; }

    public IReadOnlyList<FoldFailure> First => _first;

    /// <summary>Runs application code for an event. An exception is recorded, and the event is skipped.</summary>
    public void Try(RecordedEvent recorded, Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // Any exception of application code is recorded.
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
