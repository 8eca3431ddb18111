namespace Millrace.Messaging;

/// <summary>The transports of an application. Safe for use by many callers.</summary>
public sealed class Transports : IAsyncDisposable
{
    internal Transports(IReadOnlyList<TransportRuntime> all) => All = all;

    internal IReadOnlyList<TransportRuntime> All { get; }

    /// <summary>How each transport is, on this node, in the order in which they were added.</summary>
    public IReadOnlyList<TransportStatus> List() => [.. All.Select(one => one.Status)];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var one in All)
            await one.DisposeAsync().ConfigureAwait(false);
    }
}
