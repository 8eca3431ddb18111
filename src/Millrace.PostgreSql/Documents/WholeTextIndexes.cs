using System.Collections.Concurrent;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;
using Npgsql;

namespace Millrace.PostgreSql.Documents;

/// <summary>
/// Knows which fields still have the single index of an earlier version, which contains whole texts in order. A page
/// sorted by such a field is one statement. This knowledge affects only the speed of a page, never its result.
/// </summary>
internal sealed class WholeTextIndexes(Tables tables, TimeProvider time)
{
    /// <summary>
    /// How long a found index is assumed to exist. After another node replaces it, pages are slow for this time.
    /// </summary>
    private static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(10);

    // When the index was last seen; null for a field that never gets one again.
    private readonly ConcurrentDictionary<(long Collection, int Field), long?> _seen = [];

    /// <summary>Returns true if a field still has the index of an earlier version.</summary>
    public async ValueTask<bool> Exists(
        NpgsqlConnection connection, Collection collection, int field, CancellationToken cancellationToken)
    {
        var index = (collection.Number, field);
        if (_seen.TryGetValue(index, out var known)
            && (known is not { } lastSeen || time.GetElapsedTime(lastSeen) < CacheDuration))
            return known is not null;
        var now = time.GetTimestamp();
        var find = connection
            .Command("SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND indisvalid)")
            .With($"{tables.DocumentSchema}.{LongTexts.OldIndex(collection.Name, field)}");
        await using var _ = find.ConfigureAwait(false);
        var exists = await find.Scalar(false, cancellationToken).ConfigureAwait(false);
        _seen[index] = exists ? now : null;
        return exists;
    }
}
