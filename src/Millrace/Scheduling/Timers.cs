using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Commands that are sent at a time, whatever happens until then: set, replaced, moved, edited and cancelled by handle
/// or by a key of the application's own. Safe to use from several threads.
/// </summary>
/// <remarks>
/// A timer that is due is fired by one node; its command and the timer's end are one commit, so it happens once,
/// however often a node dies, and not after <see cref="Cancel"/> has returned. Handlers set timers together with their
/// events by <see cref="TimerCommands"/>. What became of a timer stands in the stream <c>$timer-KEY</c>. Pending timers
/// cost nothing until they are due, but the place that they take.
/// </remarks>
public sealed class Timers
{
    private readonly EventStore _store;
    private readonly ICommandCatalog? _commands;
    private readonly bool _isTool; // It makes nothing: what the application keeps is looked for.

    internal Timers(EventStore store, ICommandCatalog? commands, bool isTool) =>
        (_store, _commands, _isTool) = (store, commands, isTool);

    private IDocumentStorage Documents => _store.Storage.Documents;

    /// <summary>The timers of a store, for tools that look at them and decide about them; they set none.</summary>
    public static Timers Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Timers(store, null, isTool: true);
    }

    /// <summary>Has a command sent at a time, or at once when that has passed.</summary>
    /// <returns>The timer's key: its handle, unless the options name one.</returns>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    /// <exception cref="InvalidOperationException">The command cannot be written as JSON.</exception>
    /// <exception cref="InvalidNameException">The key is empty or too long.</exception>
    public async Task<string> Set<TResult>(
        ICommand<TResult> command,
        DateTimeOffset due,
        TimerOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var (key, record) = RecordOf(command, due, options);
        var request = RequestOf(key, PlatformEvents.TimerSet, NoteOf(record));
        request.With(TimerStore.Write(key, record, fromVersion: null));
        await _store.Append(request, cancellationToken).ConfigureAwait(false);
        return key;
    }

    /// <summary>Has a command sent after a time.</summary>
    /// <inheritdoc cref="Set{TResult}(ICommand{TResult}, DateTimeOffset, TimerOptions, CancellationToken)"/>
    public Task<string> Set<TResult>(
        ICommand<TResult> command,
        TimeSpan after,
        TimerOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Set(command, _store.Time.GetUtcNow() + after, options, cancellationToken);

    /// <summary>Takes a timer back: from then on its command is not sent.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="by">Who does it; recorded.</param>
    /// <param name="reason">Why; recorded, null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when there is no such timer any more: it was never set, or cancelled, or its command was
    /// sent.</returns>
    public async Task<bool> Cancel(
        string key, string? by = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        try
        {
            await Change(
                    key,
                    PlatformEvents.TimerCancelled,
                    by,
                    reason,
                    static record => record,
                    null,
                    cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (TimerNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Has a timer's command sent at another time; one that is held is tried again then.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="due">When.</param>
    /// <param name="by">Who does it; recorded.</param>
    /// <param name="reason">Why; recorded, null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer any more.</exception>
    public Task<TimerInfo> Move(
        string key,
        DateTimeOffset due,
        string? by = null,
        string? reason = null,
        CancellationToken cancellationToken = default) =>
        Change(
            key,
            PlatformEvents.TimerMoved,
            by,
            reason,
            record => record with { Due = due, Failures = 0 },
            due,
            cancellationToken);

    /// <summary>Has a timer's command sent now, by the node that fires timers.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="by">Who does it; recorded.</param>
    /// <param name="reason">Why; recorded, null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer any more.</exception>
    public Task<TimerInfo> Run(
        string key,
        string? by = null,
        string? reason = null,
        CancellationToken cancellationToken = default
    ) => Move(key, _store.Time.GetUtcNow(), by, reason, cancellationToken);

    /// <summary>Has a timer send another command than it was set with, or at another time, or both.</summary>
    /// <remarks>
    /// The edit and the firing are told apart by what is committed first: a timer that has fired is not edited, and one
    /// that is edited while its command is handled has that refused as a whole, and the new one is sent. Never are both
    /// done.
    /// </remarks>
    /// <param name="key">Its key.</param>
    /// <param name="edit">What is to be otherwise.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer any more.</exception>
    /// <exception cref="InvalidCommandException">There is no command of that name, its JSON does not read, or its
    /// validation refuses it. Nothing was changed.</exception>
    /// <exception cref="AccessDeniedException">Whom it is for may not send the command. Nothing was
    /// changed.</exception>
    /// <exception cref="DocumentConflictException">It was set or edited by somebody else meanwhile: look at it
    /// again.</exception>
    /// <exception cref="InvalidOperationException">A command is told, and this tool does not know the
    /// application's.</exception>
    /// <exception cref="ArgumentException">The edit says neither a command nor a time.</exception>
    public async Task<TimerInfo> Edit(string key, TimerEdit edit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edit);
        var isCommand = edit.Command is not null || edit.Body is not null;
        if (!isCommand && edit.Due is null)
            throw new ArgumentException(
                "It says nothing that is to be otherwise: give it a command, or a time.", nameof(edit));
        var id = Guid.Empty;
        while (true)
        {
            var found =
                await FindDocument(key, cancellationToken).ConfigureAwait(false)
                ?? throw new TimerNotFoundException(key);
            var before = TimerStore.Read(found);
            if (id != Guid.Empty && id != before.Id) // Another timer than the one that was to be edited.
                throw new DocumentConflictException(TimerStore.Name, key, found.Version - 1, found.Version);
            id = before.Id;
            var after = isCommand ? Edited(before, edit) : before;
            if (isCommand)
            {
                await StoredCommand.Demand(CommandCatalog, after.Command, after.Body, edit.Access, cancellationToken)
                    .ConfigureAwait(false);
            }
            if (edit.Due is { } due)
                after = after with { Due = due.ToUniversalTime(), Failures = 0 };
            var note = new TimerNote
            {
                Due = after.Due,
                DueBefore = before.Due,
                Command = isCommand ? after.Command : null,
                Body = isCommand ? after.Body : null,
                By = edit.By,
                Reason = edit.Reason,
            };
            var request = RequestOf(key, PlatformEvents.TimerEdited, note);
            request.With(TimerStore.Write(key, after, found.Version));
            var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return TimerStore.Show(key, after);
            if (outcome.Refusal is not DocumentConflictException)
                throw outcome.Refusal;
            cancellationToken.ThrowIfCancellationRequested(); // It was fired, moved or failed meanwhile.
        }
    }

    /// <summary>Has a timer send another command.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="command">The command to send in place of the one that it has.</param>
    /// <param name="edit">When, by whom and why, among others; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer any more.</exception>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    /// <exception cref="InvalidCommandException">Its validation refuses it. Nothing was changed.</exception>
    /// <exception cref="AccessDeniedException">Whom it is for may not send the command. Nothing was
    /// changed.</exception>
    /// <exception cref="DocumentConflictException">It was set or edited by somebody else meanwhile: look at it
    /// again.</exception>
    /// <exception cref="InvalidOperationException">The command cannot be written as JSON.</exception>
    public Task<TimerInfo> Edit<TResult>(
        string key, ICommand<TResult> command, TimerEdit? edit = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        var (name, body) = StoredCommand.Write(CommandCatalog, command);
        return Edit(key, (edit ?? new TimerEdit()) with { Command = name, Body = body }, cancellationToken);
    }

    /// <summary>A timer, or null when there is none.</summary>
    public async ValueTask<TimerInfo?> Find(string key, CancellationToken cancellationToken = default)
    {
        var found = await FindDocument(key, cancellationToken).ConfigureAwait(false);
        return found is null ? null : TimerStore.Show(found);
    }

    /// <summary>A page of the timers that are pending or held: those that are held first, then the next one due
    /// first.</summary>
    public async ValueTask<TimerPage> List(TimerQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!await AreKept(cancellationToken).ConfigureAwait(false))
            return new TimerPage([], null);
        var page = await Documents.Query(query.ToDocuments(), cancellationToken).ConfigureAwait(false);
        return new TimerPage([.. page.Documents.Select(TimerStore.Show)], page.Next);
    }

    /// <summary>All that happened to the timers of a key, oldest first; nothing when there never was one.</summary>
    public ValueTask<IReadOnlyList<TimerEntry>> History(string key, CancellationToken cancellationToken = default) =>
        TimerStore.ReadHistory(_store, TimerStore.StreamOf(key), cancellationToken);

    internal (string Key, TimerRecord Record) RecordOf<TResult>(
        ICommand<TResult> command, DateTimeOffset due, TimerOptions? options)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (_isTool)
            throw new InvalidOperationException("Timers of a tool set none: they are the application's.");
        var (name, body) = StoredCommand.Write(CommandCatalog, command);
        var now = _store.Time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var record = new TimerRecord
        {
            Due = due.ToUniversalTime(),
            Id = id,
            Command = name,
            Body = body,
            SetAt = now,
            By = options?.By,
            CorrelationId = options?.CorrelationId,
        };
        return (options?.Key ?? id.ToString(), record);
    }

    internal static TimerNote NoteOf(TimerRecord record) =>
        new() { Due = record.Due, Command = record.Command, Body = record.Body, By = record.By };

    /// <summary>What stands under a key; null when there is nothing.</summary>
    internal async ValueTask<Document?> FindDocument(string key, CancellationToken cancellationToken)
    {
        TimerStore.StreamOf(key);
        return await AreKept(cancellationToken).ConfigureAwait(false)
            ? await Documents.Get(TimerStore.Name, key, cancellationToken).ConfigureAwait(false)
            : null;
    }

    private ICommandCatalog CommandCatalog =>
        _commands
        ?? throw new InvalidOperationException(
            "These timers do not know the application's commands: take those of its ModelCatalog.");

    private TimerRecord Edited(TimerRecord before, TimerEdit edit)
    {
        var name = edit.Command ?? before.Command;
        var given = edit.Body ?? (name == before.Command ? before.Body : TimerStore.NoMembers);
        return before with
        {
            Id = Guid.CreateVersion7(_store.Time.GetUtcNow()), // Another command has an id of its own.
            Command = name,
            Body = StoredCommand.Check(CommandCatalog, name, given),
            By = edit.By ?? before.By,
        };
    }

    private async Task<TimerInfo> Change(
        string key, string type, string? by, string? reason, Func<TimerRecord, TimerRecord> change, DateTimeOffset? due,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var found =
                await FindDocument(key, cancellationToken).ConfigureAwait(false)
                ?? throw new TimerNotFoundException(key);
            var before = TimerStore.Read(found);
            var note = new TimerNote { Due = due?.ToUniversalTime(), DueBefore = before.Due, By = by, Reason = reason };
            var request = RequestOf(key, type, note);
            var after = change(before);
            request.With(
                due is null ? TimerStore.Remove(key, found.Version) : TimerStore.Write(key, after, found.Version));
            var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return TimerStore.Show(found) with { Due = due };
            if (outcome.Refusal is not DocumentConflictException)
                throw outcome.Refusal;
            // Somebody was faster: each time another change of it was made.
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static AppendRequest RequestOf(string key, string type, TimerNote note) =>
        new AppendRequest().To(TimerStore.StreamOf(key), ExpectedVersion.Any, TimerStore.Event(type, note));

    /// <summary>Whether the store has timers. An application's has; a tool looks, because it makes nothing.</summary>
    private async ValueTask<bool> AreKept(CancellationToken cancellationToken) =>
        !_isTool
        || (await Documents.List(cancellationToken).ConfigureAwait(false)).Any(one =>
            one.Definition.Name == TimerStore.Name);
}
