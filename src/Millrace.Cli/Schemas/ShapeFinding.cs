namespace Millrace.Cli.Schemas;

/// <summary>What a build makes of the stored events of one type and schema version.</summary>
internal sealed class ShapeFinding(string type, int schemaVersion)
{
    private const int MaxReasons = 5;

    private readonly Dictionary<string, long> _reasons = new(StringComparer.Ordinal);

    /// <summary>The stored name.</summary>
    public string Type { get; } = type;

    public int SchemaVersion { get; } = schemaVersion;

    /// <summary>How many were decoded.</summary>
    public long Examined { get; private set; }

    /// <summary>How many of these cannot be read.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Whether the build knows no such name.</summary>
    public bool IsUnknown { get; private set; }

    /// <summary>The first that cannot be read; null when all can.</summary>
    public RecordedEvent? First { get; private set; }

    /// <summary>Why, the first few in the order found, and how often.</summary>
    public IReadOnlyDictionary<string, long> Reasons => _reasons;

    public void Add(RecordedEvent recorded)
    {
        Examined++;
        switch (recorded.Data)
        {
            case UnknownEvent { IsOfPlatform: false }:
                IsUnknown = true;
                break;
            case UnreadableEvent unreadable:
                Unreadable++;
                if (First is null || recorded.Position < First.Position)
                    First = recorded;
                if (_reasons.Count < MaxReasons || _reasons.ContainsKey(unreadable.Reason))
                    _reasons[unreadable.Reason] = _reasons.GetValueOrDefault(unreadable.Reason) + 1;
                break;
        }
    }
}
