using System.Text.Json;
using Millrace.Serialization;

namespace Millrace;

/// <summary>Folds the events of one stream by the application's own code, and tells the state that they make.</summary>
/// <param name="rule">The name of the method that takes events, for people: <c>Order.When</c>.</param>
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

    /// <summary>Takes in an event that can be read.</summary>
    protected abstract void Load(RecordedEvent recorded);

    /// <summary>Writes the state as one value.</summary>
    protected abstract void WriteStateTo(Utf8JsonWriter writer);
}
