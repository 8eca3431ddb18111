using System.Globalization;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Stores on which days nodes remembered queries, as one document for each day. An index may only be called unused if
/// the queries of the whole time were remembered.
/// </summary>
internal sealed class QueryCoverageStore(EventStore store)
{
    /// <summary>The name of the collection.</summary>
    public const string Collection = "query-days";

    /// <summary>The number of days before today whose queries must have been remembered.</summary>
    public const int MinDays = 30;

    private const int MaxStoredDays = 100;
    private const int KeptDays = 60;
    private const string KeyFormat = "yyyy-MM-dd";

    private readonly HashSet<string> _omitted = new(StringComparer.Ordinal); // The days that are not stored yet.
    private string? _written; // The day that this node has already stored.

    private static CollectionDefinition Definition { get; } = new(Collection, []);

    /// <summary>Gets whether omissions are not stored yet.</summary>
    public bool HasOmissions => _omitted.Count > 0;

    /// <summary>Notes that not all queries of a day are counted, for the next <see cref="Write"/>.</summary>
    public void NoteOmission(DateTimeOffset time) => _omitted.Add(KeyOf(time));

    /// <summary>Records that queries are remembered today, and the days on which some were not counted.</summary>
    /// <param name="hasUses">True if this node counted queries. Otherwise, days are only stored if any node has ever
    /// counted queries.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask Write(bool hasUses, CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        var today = KeyOf(now);
        if (!store.Shapes.IsEnabled && _written != today)
            _omitted.Add(today); // Other nodes must know that this one does not count.
        if (_written == today && _omitted.Count == 0)
            return;
        if (!hasUses && !await Exists(cancellationToken).ConfigureAwait(false))
        {
            _omitted.Clear(); // Nothing is called unused without counts.
            return;
        }
        var documents = store.Storage.Documents;
        await documents.EnsureCollection(Definition, cancellationToken).ConfigureAwait(false);
        string[] days = [.. _omitted.Append(today).Distinct(StringComparer.Ordinal)];
        var stored = (await documents.GetMany(Collection, days, cancellationToken).ConfigureAwait(false))
            .ToDictionary(static document => document.Key, StringComparer.Ordinal);
        var changes = days
            .Where(day => !stored.TryGetValue(day, out var known)
                || (_omitted.Contains(day) && !Read(known).HasOmissions))
            .Select(day => ChangeOf(day, stored.GetValueOrDefault(day)?.Version ?? 0))
            .ToList();
        if (!stored.ContainsKey(today))
            changes.AddRange(await FindOld(KeyOf(now.AddDays(-KeptDays)), cancellationToken).ConfigureAwait(false));
        if (changes.Count > 0)
        {
            var outcome = await store
                .TryCommit(new CommitRequest { Documents = changes }, isBackground: true, cancellationToken)
                .ConfigureAwait(false);
            if (outcome.Refusal is not null)
                return; // Another node wrote a day at the same time. The next interval tries again.
        }
        _omitted.Clear();
        _written = today;
    }

    /// <summary>
    /// Returns why indexes cannot be called unused; null if nodes remembered all queries of each of the last days.
    /// </summary>
    public async ValueTask<string?> FindGap(CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        var keys = Enumerable.Range(0, MinDays + 1).Select(ago => KeyOf(now.AddDays(-ago))).ToList();
        var stored = await Exists(cancellationToken).ConfigureAwait(false)
            ? await store.Storage.Documents.GetMany(Collection, keys, cancellationToken).ConfigureAwait(false)
            : [];
        if (stored.Where(static day => Read(day).HasOmissions).Max(static day => day.Key) is { } omitted)
            return $"On {omitted} (UTC), a node did not count all queries: it had more shapes than MaxQueryShapes, or "
                + "a query had more than 8 conditions.";
        var missing = keys.Skip(1).Except(stored.Select(static day => day.Key), StringComparer.Ordinal).Max();
        return missing is null ? null : $"No node remembered queries on {missing} (UTC).";
    }

    private ValueTask<bool> Exists(CancellationToken cancellationToken) =>
        store.Storage.Documents.HasCollection(Collection, cancellationToken);

    private DocumentChange ChangeOf(string day, long version) => new()
    {
        Collection = Collection,
        Key = day,
        FromVersion = version,
        Body = JsonSerializer.SerializeToUtf8Bytes(
            new QueryDay { HasOmissions = _omitted.Contains(day) }, QueryUseJson.Default.QueryDay),
    };

    private async ValueTask<IEnumerable<DocumentChange>> FindOld(string before, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery { Collection = Collection, Limit = MaxStoredDays };
        var page = await store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        return page.Documents
            .Where(document => string.CompareOrdinal(document.Key, before) < 0)
            .Select(document => new DocumentChange
            {
                Collection = Collection,
                Key = document.Key,
                FromVersion = document.Version,
            });
    }

    private static string KeyOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString(KeyFormat, CultureInfo.InvariantCulture);

    private static QueryDay Read(Document document)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, QueryUseJson.Default.QueryDay) ?? new QueryDay();
        }
        catch (JsonException)
        {
            return new QueryDay { HasOmissions = true }; // A day that cannot be read proves nothing.
        }
    }
}
