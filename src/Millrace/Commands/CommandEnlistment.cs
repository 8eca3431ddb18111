namespace Millrace.Commands;

/// <summary>
/// Additional writes that are committed in the transaction of a command. So the writes take effect only once, even if
/// the command is sent several times. The application itself sends such a command, so authorizers are not called.
/// </summary>
/// <param name="CommandId">The id of the command, which is the same for every send.</param>
/// <param name="Stream">The additional stream that is written. A conflict in this stream is not a conflict of the
/// command, and the command is not retried.</param>
/// <param name="Add">A function that adds the writes to the command's request. It is called for every attempt.</param>
internal sealed record CommandEnlistment(Guid CommandId, StreamId Stream, Action<AppendRequest> Add)
{
    /// <summary>Gets the store of the additional writes; null for the store of the command.</summary>
    public EventStore? Store { get; init; }

    /// <summary>
    /// Returns whether the additional writes are in a store, so that they are committed with the command.
    /// </summary>
    public bool IsIn(EventStore store) => Store is null || ReferenceEquals(Store, store);
}
