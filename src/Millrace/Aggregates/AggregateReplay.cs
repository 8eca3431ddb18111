using System.Text.Json;

namespace Millrace.Aggregates;

/// <summary>Folds a stream into its aggregate with the code of the aggregate, and writes the state.</summary>
internal sealed class AggregateReplay(Aggregate aggregate) : StreamReplay($"{aggregate.GetType().Name}.When")
{
    protected override void Load(RecordedEvent recorded) => aggregate.Load(recorded.Data, recorded.Version);

    protected override void WriteStateTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        aggregate.WriteStateTo(writer);
        writer.WriteEndObject();
    }
}
