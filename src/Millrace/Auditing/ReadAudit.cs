using System.Collections.Concurrent;

namespace Millrace.Auditing;

/// <summary>
/// Records answers with personal data or secrets. An entry is durable before the answer leaves: without it, there is no
/// answer. Thread-safe.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="markedIn">Returns the read models with marked members whose documents values of a type can
/// contain.</param>
internal sealed class ReadAudit(EventStore store, Func<Type, IReadOnlyList<string>> markedIn)
{
    private static readonly TimeSpan SystemInterval = TimeSpan.FromHours(1);

    // Code without a user can read for every event. One entry an hour for each query bounds the log, and code that
    // reads when an entry is appended does not cause further entries.
    private readonly ConcurrentDictionary<string, long> _recordedForSystem = new(StringComparer.Ordinal);

    private readonly AuditTrail _trail = new(store);

    /// <summary>Records a query, if its answer or the documents that it read can contain marked members.</summary>
    /// <param name="query">The name of the query, of which the model has a limited number.</param>
    /// <param name="answer">The type of the answer.</param>
    /// <param name="read">The types of the documents that the handler read.</param>
    /// <param name="sender">The sender.</param>
    /// <param name="isOfSystem">Whether code without a user and outside of a request sent the query.</param>
    /// <param name="cancellationToken">Cancels the operation, and with it the query.</param>
    public async ValueTask Answered(
        string query,
        Type answer,
        IReadOnlyList<Type> read,
        AuditedSender sender,
        bool isOfSystem,
        CancellationToken cancellationToken)
    {
        var models = markedIn(answer);
        foreach (var type in read)
        {
            if (markedIn(type) is { Count: > 0 } others)
                models = [.. models.Union(others, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }
        if (models.Count == 0 || (isOfSystem && IsRecordedForSystem(query)))
            return;
        try
        {
            await _trail.Record(EntryOf("query." + query, models, sender), cancellationToken).ConfigureAwait(false);
        }
        catch when (isOfSystem)
        {
            _recordedForSystem.TryRemove(query, out _); // The next query records it.
            throw;
        }
    }

    /// <summary>Records the view of documents of a type, if they have marked members.</summary>
    public ValueTask Viewed(Type documents, AuditedSender sender, CancellationToken cancellationToken) =>
        markedIn(documents) is { Count: > 0 } models
            ? _trail.Record(EntryOf("view." + models[0], models, sender), cancellationToken)
            : ValueTask.CompletedTask;

    private static AuditEntry EntryOf(string action, IReadOnlyList<string> models, AuditedSender sender)
    {
        var resource = string.Join(", ", models);
        return new AuditEntry(
            action,
            resource.Length > AuditJson.MaxResource ? resource[..AuditJson.MaxResource] : resource,
            AuditResult.Succeeded)
        {
            User = sender.User,
            Origin = sender.Origin,
            CorrelationId = sender.CorrelationId,
        };
    }

    private bool IsRecordedForSystem(string query)
    {
        var now = store.Time.GetTimestamp();
        var last = _recordedForSystem.GetOrAdd(query, now);
        if (last == now)
            return false;
        return store.Time.GetElapsedTime(last, now) < SystemInterval
            || !_recordedForSystem.TryUpdate(query, now, last);
    }
}
