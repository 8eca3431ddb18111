namespace Millrace;

/// <summary>
/// Writes that are committed together with a command, or not at all, so that they happen once even if the command is
/// sent several times. The application itself sends such a command, so no user is authorized.
/// </summary>
/// <param name="CommandId">The id of the command, which is the same for every send.</param>
/// <param name="Stream">The additional stream that is written. A conflict on it does not concern the command, and is
/// not retried.</param>
/// <param name="Add">Adds the writes to the command's request; called for every attempt.</param>
internal sealed record CommandEnlistment(Guid CommandId, StreamId Stream, Action<AppendRequest> Add);
