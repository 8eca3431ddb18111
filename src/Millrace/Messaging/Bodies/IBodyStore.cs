namespace Millrace.Messaging;

/// <summary>
/// Stores the bodies of messages that are too large for a broker. The sender and the receiver use the same store.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Millrace has two built-in stores. Nodes that share an event store use its database. Services that share a disk use a
/// folder. The conformance suite <c>BodyStoreConformance</c> of Millrace.Testing defines what other stores must do. If
/// a method throws, Millrace treats the store as unavailable, and sends or receives the message again.
/// </remarks>
public interface IBodyStore
{
    /// <summary>Gets a description for logs, such as <c>the folder /mnt/bodies</c>. It contains no secrets.</summary>
    string Description { get; }

    /// <summary>Stores a body durably. Does not change an existing body.</summary>
    ValueTask Put(BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the stored bytes, or null if the body does not exist. The bytes may be damaged; the caller checks them.
    /// </summary>
    ValueTask<ReadOnlyMemory<byte>?> Find(BodyReference reference, CancellationToken cancellationToken);

    /// <summary>Removes the bodies that expire at <paramref name="now"/> or earlier, and no others.</summary>
    /// <returns>The number of bodies that were removed.</returns>
    ValueTask<int> RemoveExpired(DateTimeOffset now, CancellationToken cancellationToken);
}
