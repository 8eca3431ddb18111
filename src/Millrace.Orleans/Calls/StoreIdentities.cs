using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Orleans.Calls;

/// <summary>
/// Knows the identities of the stores of this node, so that no node handles a command for another store. They are read
/// again after <see cref="MaxAge"/>, because they change after a restore or when a database server is promoted.
/// </summary>
internal sealed class StoreIdentities(TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(15);
    private readonly ConditionalWeakTable<EventStore, StrongBox<Known?>> _known = [];

    /// <summary>Returns the identity of the store of a scope; null if it cannot be determined.</summary>
    public ValueTask<string?> Find(IServiceProvider services, CancellationToken cancellationToken)
    {
        var store = services.GetRequiredService<EventStore>();
        var box = _known.GetValue(store, static _ => new StrongBox<Known?>());
        var known = Volatile.Read(ref box.Value);
        if (known is not null)
        {
            if (time.GetElapsedTime(known.ReadAt) < MaxAge)
                return new(known.Identity);
            // One caller reads, and the others use the last identity until then.
            var used = known with { ReadAt = time.GetTimestamp() };
            if (Interlocked.CompareExchange(ref box.Value, used, known) != known)
                return new(known.Identity);
        }
        return Read(store, box, cancellationToken);
    }

    private async ValueTask<string?> Read(
        EventStore store, StrongBox<Known?> box, CancellationToken cancellationToken)
    {
        try
        {
            var identity = await store.GetIdentity(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref box.Value, new Known(identity, time.GetTimestamp()));
            return identity;
        }
        catch (Exception exception) when (exception is StorageException or OperationCanceledException)
        {
            Volatile.Write(ref box.Value, null);
            cancellationToken.ThrowIfCancellationRequested();
            return null; // The handler of the command reports the problem.
        }
    }

    private sealed record Known(string? Identity, long ReadAt);
}
