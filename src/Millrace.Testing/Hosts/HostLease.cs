namespace Millrace.Testing;

/// <summary>A host for as long as a specification runs.</summary>
internal sealed record HostLease(MillraceTestHost Host, bool IsOwned) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => IsOwned ? Host.DisposeAsync() : ValueTask.CompletedTask;
}
