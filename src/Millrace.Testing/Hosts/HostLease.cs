namespace Millrace.Testing.Hosts;

/// <summary>The host that a specification runs on. The specification disposes it if <c>IsOwned</c> is true.</summary>
internal sealed record HostLease(MillraceTestHost Host, bool IsOwned) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => IsOwned ? Host.DisposeAsync() : ValueTask.CompletedTask;
}
