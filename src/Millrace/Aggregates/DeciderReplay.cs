using System.Text.Json;

namespace Millrace.Aggregates;

/// <summary>Folds a stream into the state of its decider, and writes the state.</summary>
internal sealed class DeciderReplay<TState>(Decider<TState> decider) : StreamReplay($"{decider.Name}.Evolve")
    where TState : notnull
{
    private readonly DecidedStream<TState> _stream = new(decider);

    protected override void Load(RecordedEvent recorded) => _stream.Load(recorded.Data, recorded.Version);

    protected override void WriteStateTo(Utf8JsonWriter writer)
    {
        if (decider.WriteState is { } write)
            write(writer, _stream.State);
        else
            writer.WriteStringValue(_stream.State.ToString());
    }
}
