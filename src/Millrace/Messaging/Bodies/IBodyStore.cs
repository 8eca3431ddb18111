namespace Millrace.Messaging;

/// <summary>
/// Where the bodies of messages lie that are too large to go over a broker: sender and receiver reach the same. Safe
/// for use by many callers.
/// </summary>
/// <remarks>
/// Built in are the database of the event store, for nodes that share one, and a folder, for services that share a
/// disk. What another must keep to is in the conformance suite, <c>BodyStoreConformance</c> of Millrace.Testing. What
/// it throws means that it is away: the message is sent or received again.
/// </remarks>
public interface IBodyStore
{
    /// <summary>What it is, for people: <c>the folder /mnt/bodies</c>. No secrets.</summary>
    string Description { get; }

    /// <summary>Puts a body there; when this returns it is durable. One that is there already is left as it
    /// is.</summary>
    ValueTask Put(BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Reads a body as it lies there, which need not be what was put; null when there is none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> Find(BodyReference reference, CancellationToken cancellationToken);

    /// <summary>Removes the bodies that are kept until <paramref name="now"/> or less, and no others.</summary>
    /// <returns>How many were removed.</returns>
    ValueTask<int> RemoveExpired(DateTimeOffset now, CancellationToken cancellationToken);
}
