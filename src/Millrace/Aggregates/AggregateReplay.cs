using Millrace.Serialization;

namespace Millrace;

/// <summary>Folds one stream into its aggregate, by the aggregate's own code, and tells its state.</summary>
internal sealed class AggregateReplay(Func<Aggregate> create) : StateReplay
{
    private readonly Aggregate _aggregate = create();
    private bool _exists;

    public override IReadOnlyList<string> Fold(RecordedEvent recorded)
    {
        var rules = new List<string>(1);
        foreach (var part in recorded.Parts())
        {
            var rule = $"{_aggregate.GetType().Name}.When({StreamFold.DataOf(part).GetType().Name})";
            if (!rules.Contains(rule))
                rules.Add(rule);
        }
        _aggregate.Load(recorded.Data, recorded.Version);
        _exists = true;
        return rules;
    }

    public override byte[]? Write()
    {
        if (!_exists)
            return null;
        var buffer = JsonBuffers.RentBuffer();
        var writer = JsonBuffers.Rent(buffer);
        try
        {
            writer.WriteStartObject();
            _aggregate.Tell(writer);
            writer.WriteEndObject();
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            JsonBuffers.Return(writer);
            JsonBuffers.Return(buffer);
        }
    }
}
