namespace Millrace.Messaging;

/// <summary>
/// Stores the bodies of messages that are too large for a broker. Sender and receiver use the same store. Safe for use
/// by many callers.
/// </summary>
/// <remarks>
/// Built-in stores are the database of the event store, for nodes that share it, and a folder, for services that share
/// a disk. The conformance suite <c>BodyStoreConformance</c> of Millrace.Testing defines what other stores must do. An
/// exception means that the store is unavailable: the message is sent or received again.
/// </remarks>
public interface IBodyStore
{
    /// <summary>Gets a description for logs: <c>the folder /mnt/bodies</c>. It contains no secrets.</summary>
    string Description { get; }

    /// <summary>Stores a body durably. An existing body is not changed.</summary>
    ValueTask Put(BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Returns the stored bytes, which may differ from what was stored; null if there are none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> Find(BodyReference reference, CancellationToken cancellationToken);

    /// <summary>Removes the bodies that are kept until <paramref name="now"/> or earlier, and no others.</summary>
    /// <returns>The number of bodies that were removed.</returns>
    ValueTask<int> RemoveExpired(DateTimeOffset now, CancellationToken cancellationToken);
}
