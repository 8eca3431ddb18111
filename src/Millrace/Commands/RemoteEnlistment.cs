using Millrace.Storage;

namespace Millrace.Commands;

/// <summary>
/// The additional writes of a command that belong to another store than the command, such as those of a process in
/// another shard. The command is committed first, together with a mark of its id. Then the additional writes are
/// committed. If the node fails in between, the command is sent again, and the mark shows that only the additional
/// writes are missing.
/// </summary>
internal sealed class RemoteEnlistment
{
    private const string Scope = "$enlisted";
    private static readonly TimeSpan MinWindow = TimeSpan.FromDays(7);
    private static readonly byte[] Answer = "{}"u8.ToArray();

    private readonly CommandDispatcher _dispatcher;
    private readonly CommandEnlistment _enlistment;
    private readonly EventStore _store;
    private readonly SendOptions _options;

    private RemoteEnlistment(
        CommandDispatcher dispatcher, CommandEnlistment enlistment, EventStore store, SendOptions options) =>
        (_dispatcher, _enlistment, _store, _options) = (dispatcher, enlistment, store, options);

    /// <summary>
    /// Returns the object for a command; null if its additional writes are in the store of the command.
    /// </summary>
    public static RemoteEnlistment? Of(CommandDispatcher dispatcher, SendOptions? options) =>
        options?.Enlistment is { Store: { } store } enlistment && !enlistment.IsIn(dispatcher.Store)
            ? new RemoteEnlistment(dispatcher, enlistment, store, options)
            : null;

    /// <summary>Returns whether the command was committed before.</summary>
    public async ValueTask<bool> WasCommitted(CancellationToken cancellationToken) =>
        await _dispatcher.Store.Storage.Log.FindHandled(Scope, Id, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Adds the mark to the request that commits the command.</summary>
    public void AddMark(AppendRequest request)
    {
        var window = _dispatcher.IdempotencyWindow > MinWindow ? _dispatcher.IdempotencyWindow : MinWindow;
        request.With(new HandledMark(Scope, Id, Answer, _dispatcher.Time.GetUtcNow() + window));
    }

    /// <summary>Commits the additional writes, after the command was committed.</summary>
    /// <exception cref="VersionConflictException">The additional stream was changed. The caller sends the command
    /// again.</exception>
    /// <exception cref="DocumentConflictException">The additional document was changed.</exception>
    public async ValueTask Commit(CancellationToken cancellationToken)
    {
        var request = new AppendRequest
        {
            Metadata = _options.Metadata,
            CorrelationId = _options.CorrelationId ?? _enlistment.CommandId,
            CausationId = _options.CausationId ?? _enlistment.CommandId,
        };
        _enlistment.Add(request);
        await _store.Append(request, cancellationToken).ConfigureAwait(false);
    }

    private string Id => _enlistment.CommandId.ToString("N");
}
