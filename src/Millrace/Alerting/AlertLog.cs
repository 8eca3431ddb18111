using System.Text.Json;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Alerting;

/// <summary>Reads and appends the events of alerts.</summary>
internal sealed class AlertLog(EventStore store)
{
    private const int MaxAttempts = 10;

    private volatile AlertRuleBook _book = AlertRuleBook.Empty;

    /// <summary>Returns the rules and silences at the end of the stream.</summary>
    public async ValueTask<AlertRuleBook> ReadRules(CancellationToken cancellationToken)
    {
        var book = _book;
        await foreach (var recorded in store
            .ReadStream(AlertEvents.RuleStream, book.Version + 1, cancellationToken).ConfigureAwait(false))
            book = book.Apply(recorded);
        return _book = book; // A concurrent call may set an earlier book, which the next call completes.
    }

    /// <summary>Appends an event about rules or silences. The function checks the current rules.</summary>
    /// <returns>The version of the stream with the event, which is the version of a stored rule.</returns>
    public async Task<long> Append(
        string type, Func<AlertRuleBook, AlertNote?> decide, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var book = await ReadRules(cancellationToken).ConfigureAwait(false);
            if (decide(book) is not { } note)
                return book.Version;
            var request = new AppendRequest().ToReserved(
                AlertEvents.RuleStream, ExpectedVersion.AsRead(book.Version), EventOf(type, note));
            var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return book.Version + 1;
            if (outcome.Refusal is not VersionConflictException || attempt == MaxAttempts)
                throw outcome.Refusal;
        }
    }

    /// <summary>Returns the newest events about alerts, newest first.</summary>
    public async ValueTask<IReadOnlyList<AlertEntry>> ReadHistory(int limit, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(AlertEvents.Stream, long.MaxValue, IsBackwards: true, Limit: limit);
        var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
        return [.. page.Events.Select(EntryOf)];
    }

    /// <summary>
    /// Removes events about alerts before a time. Each removal is recorded in the store, so that a few events wait
    /// until there are enough.
    /// </summary>
    public ValueTask RemoveBefore(DateTimeOffset time, CancellationToken cancellationToken) => OldEvents.RemoveBefore(
        store, AlertEvents.Stream, time, "the history of alerts is kept for a year", cancellationToken);

    public static NewEvent EventOf(string type, AlertNote note) =>
        NewEvent.FromBytes(type, Write(note)) with
        {
            Metadata = note.By is null ? null : new EventMetadata { UserId = note.By },
        };

    /// <summary>Returns whether two contents are the same.</summary>
    public static bool AreEqual(AlertNote first, AlertNote second) =>
        Write(first).AsSpan().SequenceEqual(Write(second));

    private static byte[] Write(AlertNote note) =>
        JsonSerializer.SerializeToUtf8Bytes(note, AlertingJson.Default.AlertNote);

    /// <summary>Returns the content of an event; null if the bytes have another form.</summary>
    public static AlertNote? TryRead(RecordedEvent recorded)
    {
        try
        {
            return JsonSerializer.Deserialize(recorded.Payload.Span, AlertingJson.Default.AlertNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static AlertEntry EntryOf(RecordedEvent recorded)
    {
        var note = TryRead(recorded) ?? new AlertNote();
        return new AlertEntry
        {
            Time = recorded.Timestamp,
            Kind = recorded.Type[(recorded.Type.IndexOf('.', StringComparison.Ordinal) + 1)..],
            Alerts = note.Alert is { } alert ? [alert.Alert] : note.AlertId is { } id ? [id] : note.Alerts ?? [],
            Subject = note.Alert?.Subject,
            Node = note.Alert?.Node,
            Value = note.Alert?.Value,
            Severity = note.Alert?.Severity,
            Reason = note.Alert?.Reason,
            Channel = note.Channel,
            Notice = note.Notice,
            By = note.By,
        };
    }
}
