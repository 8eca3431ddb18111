using Millrace.Commands;
using Millrace.Events;
using Millrace.Scheduling;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Schedules commands for a time. The application identifies a timer by a generated handle or by a key that it chooses.
/// Thread-safe.
/// </summary>
/// <remarks>
/// One node fires a timer that is due. One commit contains the effect of its command and removes the timer. The command
/// therefore takes effect once even if nodes fail, and never after <see cref="Cancel"/> has returned. Handlers set
/// timers together with their events by <see cref="TimerCommands"/>. The history of a timer is in the stream
/// <c>$timer-KEY</c>. Pending timers use storage, but no other resources until they are due.
/// </remarks>
public sealed class Timers
{
    private readonly EventStore _store;
    private readonly ICommandCatalog? _commands;
    private readonly bool _isTool; // A tool creates no collection and no timer.

    internal Timers(EventStore store, ICommandCatalog? commands, bool isTool)
    {
        _store = store;
        _commands = commands;
        _isTool = isTool;
    }

    private IDocumentStorage Documents => _store.Storage.Documents;

    /// <summary>
    /// Returns the timers of a store, for tools that inspect and change timers. Tools cannot set new timers.
    /// </summary>
    public static Timers Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Timers(store, null, isTool: true);
    }

    /// <summary>Schedules a command for a time. If the time has passed, the command is sent immediately.</summary>
    /// <returns>The timer's key, which is the key in the options or a generated handle.</returns>
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
        if (_store.Tokens.IsSharded && options?.Key is not null) // It may replace a timer in any shard.
            request.PlacedIn = (await FindDocument(key, cancellationToken).ConfigureAwait(false))?.Shard;
        request.With(TimerStore.Write(key, record, fromVersion: null));
        await _store.Append(request, cancellationToken).ConfigureAwait(false);
        return key;
    }

    /// <summary>Schedules a command to be sent after a delay.</summary>
    /// <inheritdoc cref="Set{TResult}(ICommand{TResult}, DateTimeOffset, TimerOptions, CancellationToken)"/>
    public Task<string> Set<TResult>(
        ICommand<TResult> command,
        TimeSpan after,
        TimerOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Set(command, _store.Time.GetUtcNow() + after, options, cancellationToken);

    /// <summary>Cancels a timer. After this method returns true, its command is not sent.</summary>
    /// <param name="key">The key of the timer.</param>
    /// <param name="by">The user that makes the change. The name is stored with the change.</param>
    /// <param name="reason">The reason, which is stored with the change. Null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False if there is no such timer, because it was never set, it was cancelled, or its command was
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

    /// <summary>Changes the time of a timer. A held timer is retried at that time.</summary>
    /// <param name="key">The key of the timer.</param>
    /// <param name="due">The new time.</param>
    /// <param name="by">The user that makes the change. The name is stored with the change.</param>
    /// <param name="reason">The reason, which is stored with the change. Null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer.</exception>
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

    /// <summary>Makes a timer due now. The node that fires timers sends its command.</summary>
    /// <param name="key">The key of the timer.</param>
    /// <param name="by">The user that makes the change. The name is stored with the change.</param>
    /// <param name="reason">The reason, which is stored with the change. Null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer.</exception>
    public Task<TimerInfo> Run(
        string key,
        string? by = null,
        string? reason = null,
        CancellationToken cancellationToken = default
    ) => Move(key, _store.Time.GetUtcNow(), by, reason, cancellationToken);

    /// <summary>Changes the command of a timer, its time, or both.</summary>
    /// <remarks>
    /// If an edit and the firing of the timer coincide, the first commit wins. A timer that has fired cannot be edited.
    /// If a timer is edited while its command is being handled, the store refuses the commit of that command, and the
    /// new command is sent. The two commands never both take effect.
    /// </remarks>
    /// <param name="key">The key of the timer.</param>
    /// <param name="edit">The changes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer.</exception>
    /// <exception cref="InvalidCommandException">The command is unknown, its JSON is not valid, or its validation
    /// refuses it. Nothing was changed.</exception>
    /// <exception cref="AccessDeniedException">The access of the edit may not send the command. Nothing was
    /// changed.</exception>
    /// <exception cref="DocumentConflictException">Another client set or edited the timer. Read the
    /// timer again.</exception>
    /// <exception cref="InvalidOperationException">The edit has a command, and this tool does not know the commands of
    /// the application.</exception>
    /// <exception cref="ArgumentException">The edit has neither a command nor a time.</exception>
    public async Task<TimerInfo> Edit(string key, TimerEdit edit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edit);
        var changesCommand = edit.Command is not null || edit.Body is not null;
        if (!changesCommand && edit.Due is null)
            throw new ArgumentException(
                "The edit changes nothing: give it a command or a time.", nameof(edit));
        var id = Guid.Empty;
        while (true)
        {
            var found =
                await FindDocument(key, cancellationToken).ConfigureAwait(false)
                ?? throw new TimerNotFoundException(key);
            var before = TimerStore.Read(found);
            if (id != Guid.Empty && id != before.Id) // The key has a new timer.
                throw new DocumentConflictException(TimerStore.Name, key, found.Version - 1, found.Version);
            id = before.Id;
            var after = changesCommand ? Edited(before, edit) : before;
            if (changesCommand)
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
                Command = changesCommand ? after.Command : null,
                Body = changesCommand ? after.Body : null,
                By = edit.By,
                Reason = edit.Reason,
            };
            var request = RequestOf(key, PlatformEvents.TimerEdited, note, found.Shard);
            request.With(TimerStore.Write(key, after, found.Version));
            var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return TimerStore.InfoOf(key, after);
            if (outcome.Refusal is not DocumentConflictException)
                throw outcome.Refusal;
            cancellationToken.ThrowIfCancellationRequested(); // The timer was fired or moved, or its command failed.
        }
    }

    /// <summary>Changes the command of a timer.</summary>
    /// <param name="key">The key of the timer.</param>
    /// <param name="command">The new command.</param>
    /// <param name="edit">The time, the user, the reason and other options; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer.</exception>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    /// <exception cref="InvalidCommandException">The validation of the command refuses it. Nothing was
    /// changed.</exception>
    /// <exception cref="AccessDeniedException">The access of the edit may not send the command. Nothing was
    /// changed.</exception>
    /// <exception cref="DocumentConflictException">Another client set or edited the timer. Read the
    /// timer again.</exception>
    /// <exception cref="InvalidOperationException">The command cannot be written as JSON.</exception>
    public Task<TimerInfo> Edit<TResult>(
        string key, ICommand<TResult> command, TimerEdit? edit = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        var (name, body) = StoredCommand.Write(CommandCatalog, command);
        return Edit(key, (edit ?? new TimerEdit()) with { Command = name, Body = body }, cancellationToken);
    }

    /// <summary>Returns a timer, or null if no timer has the key.</summary>
    public async ValueTask<TimerInfo?> Find(string key, CancellationToken cancellationToken = default)
    {
        var found = await FindDocument(key, cancellationToken).ConfigureAwait(false);
        return found is null ? null : TimerStore.InfoOf(found);
    }

    /// <summary>
    /// Returns a page of timers. Held timers come first, followed by pending timers in the order of their due times.
    /// </summary>
    public async ValueTask<TimerPage> List(TimerQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!await HasCollection(cancellationToken).ConfigureAwait(false))
            return new TimerPage([], null);
        var page = await Documents.Query(query.ToDocuments(), cancellationToken).ConfigureAwait(false);
        return new TimerPage([.. page.Documents.Select(TimerStore.InfoOf)], page.Next);
    }

    /// <summary>
    /// Returns the history of the timers of a key, oldest entry first. Returns an empty list if the key never had a
    /// timer.
    /// </summary>
    public ValueTask<IReadOnlyList<TimerEntry>> History(string key, CancellationToken cancellationToken = default) =>
        TimerStore.ReadHistory(_store, TimerStore.StreamOf(key), cancellationToken);

    internal (string Key, TimerRecord Record) RecordOf<TResult>(
        ICommand<TResult> command, DateTimeOffset due, TimerOptions? options)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (_isTool)
            throw new InvalidOperationException("A tool cannot set timers: only the application can.");
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

    /// <summary>Returns the document of a key, or null if no timer has the key.</summary>
    internal async ValueTask<Document?> FindDocument(string key, CancellationToken cancellationToken)
    {
        TimerStore.StreamOf(key);
        return await HasCollection(cancellationToken).ConfigureAwait(false)
            ? await Documents.Get(TimerStore.Name, key, cancellationToken).ConfigureAwait(false)
            : null;
    }

    private ICommandCatalog CommandCatalog =>
        _commands
        ?? throw new InvalidOperationException(
            "These timers do not know the application's commands: use the timers of its ModelCatalog.");

    private TimerRecord Edited(TimerRecord before, TimerEdit edit)
    {
        var name = edit.Command ?? before.Command;
        var body = edit.Body ?? (name == before.Command ? before.Body : TimerStore.NoMembers);
        return before with
        {
            Id = Guid.CreateVersion7(_store.Time.GetUtcNow()), // A new command gets a new id.
            Command = name,
            Body = StoredCommand.Check(CommandCatalog, name, body),
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
            var request = RequestOf(key, type, note, found.Shard);
            var after = change(before);
            request.With(
                due is null ? TimerStore.Remove(key, found.Version) : TimerStore.Write(key, after, found.Version));
            var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return TimerStore.InfoOf(found) with { Due = due };
            if (outcome.Refusal is not DocumentConflictException)
                throw outcome.Refusal;
            cancellationToken.ThrowIfCancellationRequested(); // Another client changed the timer: try again.
        }
    }

    private static AppendRequest RequestOf(string key, string type, TimerNote note, string? shard = null) =>
        new AppendRequest { PlacedIn = shard }.To(
            TimerStore.StreamOf(key), ExpectedVersion.Any, TimerStore.Event(type, note));

    /// <summary>
    /// Returns true if the store has the collection of timers. An application always has it. A tool checks, because it
    /// does not create the collection.
    /// </summary>
    private async ValueTask<bool> HasCollection(CancellationToken cancellationToken) =>
        !_isTool || await Documents.HasCollection(TimerStore.Name, cancellationToken).ConfigureAwait(false);
}
