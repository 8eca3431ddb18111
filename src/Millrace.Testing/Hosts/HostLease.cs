namespace Millrace.Testing;

/// <summary>The host that a specification runs on, and whether the specification owns it.</summary>
internal sealed record HostLease(MillraceTestHost Host, bool IsOwned) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => IsOwned ? Host.DisposeAsync() : ValueTask.CompletedTask;
}
