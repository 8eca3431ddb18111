namespace Millrace;

/// <summary>
/// What is committed together with a command, or not at all, so that it happens once however often the command is sent.
/// Such a command is the application's own: no user is asked for.
/// </summary>
/// <param name="CommandId">The id of the command: the same however often it is sent.</param>
/// <param name="Stream">The stream that is written besides; a conflict there is not the command's, and is not tried
/// again.</param>
/// <param name="Add">Adds to what the command writes, each time that it is handled.</param>
internal sealed record CommandEnlistment(Guid CommandId, StreamId Stream, Action<AppendRequest> Add);
