using System.Text.Json;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Commands that are sent at a time, whatever happens until then: set, replaced, moved and cancelled by handle or by a key of the
/// application's own. Safe to use from several threads.
/// </summary>
/// <remarks>
/// A timer that is due is fired by one node; its command and the timer's end are one commit, so it happens once, however often a node
/// dies, and not after <see cref="Cancel"/> has returned. Handlers set timers together with their events by
/// <see cref="TimerCommands"/>. What became of a timer stands in the stream <c>$timer-KEY</c>. Pending timers cost nothing until they are
/// due, but the place that they take.
/// </remarks>
public sealed class Timers
{
    private readonly EventStore _store;
    private readonly IKnownCommands? _commands;

    internal Timers(EventStore store, IKnownCommands? commands) => (_store, _commands) = (store, commands);

    private IDocumentStorage Documents => _store.Storage.Documents;

    /// <summary>The timers of a store, for tools that look at them and decide about them; they set none.</summary>
    public static Timers Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Timers(store, null);
    }

    /// <summary>Has a command sent at a time, or at once when that has passed.</summary>
    /// <returns>The timer's key: its handle, unless the options name one.</returns>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    /// <exception cref="InvalidOperationException">The command cannot be written as JSON.</exception>
    /// <exception cref="InvalidNameException">The key is empty or too long.</exception>
    public async Task<string> Set<TResult>(
        ICommand<TResult> command, DateTimeOffset due, TimerOptions? options = null, CancellationToken cancellationToken = default)
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
        ICommand<TResult> command, TimeSpan after, TimerOptions? options = null, CancellationToken cancellationToken = default) =>
        Set(command, _store.Time.GetUtcNow() + after, options, cancellationToken);

    /// <summary>Takes a timer back: from then on its command is not sent.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="by">Who does it; recorded.</param>
    /// <param name="reason">Why; recorded, null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when there is no such timer any more: it was never set, or cancelled, or its command was sent.</returns>
    public async Task<bool> Cancel(string key, string? by = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        try
        {
            await Change(key, PlatformEvents.TimerCancelled, by, reason, static record => record, null, cancellationToken)
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
        string key, DateTimeOffset due, string? by = null, string? reason = null, CancellationToken cancellationToken = default) =>
        Change(key, PlatformEvents.TimerMoved, by, reason, record => record with { Due = due, Failures = 0 }, due, cancellationToken);

    /// <summary>Has a timer's command sent now, by the node that fires timers.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="by">Who does it; recorded.</param>
    /// <param name="reason">Why; recorded, null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimerNotFoundException">There is no such timer any more.</exception>
    public Task<TimerInfo> Run(string key, string? by = null, string? reason = null, CancellationToken cancellationToken = default) =>
        Move(key, _store.Time.GetUtcNow(), by, reason, cancellationToken);

    /// <summary>A timer, or null when there is none.</summary>
    public async ValueTask<TimerInfo?> Find(string key, CancellationToken cancellationToken = default)
    {
        var found = await FindDocument(key, cancellationToken).ConfigureAwait(false);
        return found is null ? null : TimerStore.Show(found);
    }

    /// <summary>A page of the timers that are pending or held: those that are held first, then the next one due first.</summary>
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

    internal (string Key, TimerRecord Record) RecordOf<TResult>(ICommand<TResult> command, DateTimeOffset due, TimerOptions? options)
    {
        ArgumentNullException.ThrowIfNull(command);
        var commands = _commands ?? throw new InvalidOperationException("Timers of a tool set none: they do not know the application.");
        var type = command.GetType();
        var definition = commands.FindCommand(type) ?? throw new HandlerNotFoundException(type);
        if (!commands.Json.TryGetTypeInfo(type, out var json))
        {
            throw new InvalidOperationException(
                $"The command '{definition.Name}' ({type.Name}) cannot be kept for a timer: add its JSON metadata to the model.");
        }
        var now = _store.Time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var record = new TimerRecord
        {
            Due = due.ToUniversalTime(),
            Id = id,
            Command = definition.Name,
            Body = JsonSerializer.SerializeToElement(command, json),
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

    private async Task<TimerInfo> Change(
        string key, string type, string? by, string? reason, Func<TimerRecord, TimerRecord> change, DateTimeOffset? due,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await FindDocument(key, cancellationToken).ConfigureAwait(false) ?? throw new TimerNotFoundException(key);
            var before = TimerStore.Read(found);
            var note = new TimerNote { Due = due?.ToUniversalTime(), DueBefore = before.Due, By = by, Reason = reason };
            var request = RequestOf(key, type, note);
            var after = change(before);
            request.With(due is null ? TimerStore.Remove(key, found.Version) : TimerStore.Write(key, after, found.Version));
            var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return TimerStore.Show(found) with { Due = due };
            if (outcome.Refusal is not DocumentConflictException)
                throw outcome.Refusal;
            cancellationToken.ThrowIfCancellationRequested(); // Somebody was faster: each time another change of it was made.
        }
    }

    private static AppendRequest RequestOf(string key, string type, TimerNote note) =>
        new AppendRequest().To(TimerStore.StreamOf(key), ExpectedVersion.Any, TimerStore.Event(type, note));

    /// <summary>Whether the store has timers. An application's has; a tool looks, because it makes nothing.</summary>
    private async ValueTask<bool> AreKept(CancellationToken cancellationToken) => _commands is not null
        || (await Documents.List(cancellationToken).ConfigureAwait(false)).Any(one => one.Definition.Name == TimerStore.Name);
}
