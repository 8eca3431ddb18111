namespace Millrace.Storage;

/// <summary>The stored announcement of a node that runs consumers.</summary>
public sealed record NodeRecord
{
    /// <summary>Gets the name under which the node holds its leases.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the time since which the node has been announced without interruption.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Gets the time at which the announcement expires, unless the node renews it.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Gets the names of the consumers that the node can run.</summary>
    public required IReadOnlyList<string> Consumers { get; init; }
}
