namespace Millrace.Storage;

/// <summary>A node that runs consumers, as it stands in the store.</summary>
public sealed record NodeRecord
{
    /// <summary>The name under which it holds its leases.</summary>
    public required string Name { get; init; }

    /// <summary>Since when it has been there without a break.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Until when it counts as there, unless it shows itself again.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The consumers that it can run, by name.</summary>
    public required IReadOnlyList<string> Consumers { get; init; }
}
