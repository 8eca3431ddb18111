namespace Millrace.Aggregates;

/// <summary>A stream that was loaded as the state of a decider.</summary>
internal sealed class LoadedDecider<TState>(StreamId stream, DecidedStream<TState> decided, LoadedFrom from)
    : LoadedStream(stream, from)
    where TState : notnull
{
    public override string Name => typeof(TState).Name;

    public override object State => decided;

    public override long Version => decided.LoadedVersion;

    public override IReadOnlyList<object> Raised => decided.Raised;

    public override void Committed(long version) => decided.Committed(version);
}
