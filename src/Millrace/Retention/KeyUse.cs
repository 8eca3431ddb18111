using System.Collections.ObjectModel;

namespace Millrace.Retention;

/// <summary>The events with values of a key.</summary>
internal sealed class KeyUse(string id)
{
    private Dictionary<(int Rules, StreamId Stream), RetentionRule>? _streams;

    public string Id => id;

    /// <summary>Gets or sets whether an event has not expired.</summary>
    public bool IsYoung { get; set; }

    /// <summary>Gets or sets the policy of the first expired event; null if none has expired.</summary>
    public string? Policy { get; set; }

    /// <summary>Gets the streams with expired events, which count as expired only with their last event.</summary>
    public IReadOnlyDictionary<(int Rules, StreamId Stream), RetentionRule> Streams =>
        _streams ?? (IReadOnlyDictionary<(int, StreamId), RetentionRule>)
            ReadOnlyDictionary<(int, StreamId), RetentionRule>.Empty;

    /// <summary>Adds a stream. Returns false if it was added before.</summary>
    public bool Add((int Rules, StreamId Stream) stream, RetentionRule rule) =>
        (_streams ??= []).TryAdd(stream, rule);
}
