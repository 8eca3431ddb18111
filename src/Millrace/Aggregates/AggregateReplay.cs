using System.Text.Json;

namespace Millrace;

/// <summary>Folds one stream into its aggregate with the aggregate's own code, and writes the state.</summary>
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
