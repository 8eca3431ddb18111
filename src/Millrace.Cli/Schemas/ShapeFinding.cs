namespace Millrace.Cli.Schemas;

/// <summary>The result of decoding the stored events of one type and schema version with a build.</summary>
internal sealed class ShapeFinding(string type, int schemaVersion)
{
    private const int MaxReasons = 5;

    private readonly Dictionary<string, long> _reasons = new(StringComparer.Ordinal);

    /// <summary>The stored name.</summary>
    public string Type { get; } = type;

    public int SchemaVersion { get; } = schemaVersion;

    /// <summary>The number of decoded events.</summary>
    public long Examined { get; private set; }

    /// <summary>The number of events that the build cannot decode.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Gets whether the build does not know the name.</summary>
    public bool IsUnknown { get; private set; }

    /// <summary>The first event that the build cannot decode; null if there is none.</summary>
    public RecordedEvent? First { get; private set; }

    /// <summary>The first few errors in order, with their counts.</summary>
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
