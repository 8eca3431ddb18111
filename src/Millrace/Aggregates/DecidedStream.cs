namespace Millrace.Aggregates;

/// <summary>The state of a decider's stream, with the events that were decided after the stream was loaded.</summary>
internal sealed class DecidedStream<TState>(Decider<TState> decider)
    where TState : notnull
{
    private readonly List<object> _raised = [];

    public TState State { get; private set; } = decider.Initial;

    /// <summary>Gets the version at which the stream was loaded.</summary>
    public long LoadedVersion { get; private set; }

    public IReadOnlyList<object> Raised => _raised;

    public void Load(object @event, long version)
    {
        IReadOnlyList<object> parts = @event is EventParts merged ? merged.Parts : [@event];
        State = parts.Aggregate(State, decider.Evolve);
        LoadedVersion = version;
    }

    public void Decide(Func<TState, IEnumerable<object>> decide)
    {
        // All events must be decided on the same state. ToArray enumerates a lazy sequence before the state changes.
        foreach (var raised in decide(State).ToArray())
        {
            ArgumentNullException.ThrowIfNull(raised, nameof(decide));
            State = decider.Evolve(State, raised);
            _raised.Add(raised);
        }
    }

    public void Committed(long version)
    {
        _raised.Clear();
        LoadedVersion = version;
    }
}
