using System.Text.Json;
using Millrace.Serialization;
using Millrace.Store;

namespace Millrace.Aggregates;

/// <summary>Folds the events of a stream with the application's code, and writes the resulting state.</summary>
/// <param name="rule">The display name of the method that applies events, such as <c>Order.When</c>.</param>
internal abstract class StreamReplay(string rule) : StateReplay
{
    private bool _exists;

    public override IReadOnlyList<string> Fold(RecordedEvent recorded)
    {
        var rules = new List<string>(1);
        foreach (var part in recorded.Parts())
        {
            var applied = $"{rule}({StreamFold.DataOf(part).GetType().Name})";
            if (!rules.Contains(applied))
                rules.Add(applied);
        }
        Load(recorded);
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
            WriteStateTo(writer);
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            JsonBuffers.Return(writer);
            JsonBuffers.Return(buffer);
        }
    }

    /// <summary>Applies an event to the state.</summary>
    protected abstract void Load(RecordedEvent recorded);

    /// <summary>Writes the state as one value.</summary>
    protected abstract void WriteStateTo(Utf8JsonWriter writer);
}
