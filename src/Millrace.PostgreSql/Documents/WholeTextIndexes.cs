using System.Collections.Concurrent;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Knows which texts are still in the one index of an earlier version, whole and in their order: a page by such a field
/// is one statement. By what is known a page is quick or slow, and never right or wrong.
/// </summary>
internal sealed class WholeTextIndexes(Tables tables, TimeProvider time)
{
    /// <summary>How long an index counts as standing. When another node replaces it, pages are slow for as long as
    /// that.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    // When; null where there is none, for ever.
    private readonly ConcurrentDictionary<(long Collection, int Field), long?> _seen = [];

    /// <summary>Whether that index of a field stands.</summary>
    public async ValueTask<bool> Stands(
        NpgsqlConnection connection, Collection collection, int field, CancellationToken cancellationToken)
    {
        var place = (collection.Number, field);
        if (_seen.TryGetValue(place, out var seen) && (seen is not { } at || time.GetElapsedTime(at) < Memory))
            return seen is not null;
        var now = time.GetTimestamp();
        var find = connection
            .Command("SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND indisvalid)")
            .With($"{tables.DocumentSchema}.{LongTexts.OldIndex(collection.Name, field)}");
        await using var _ = find.ConfigureAwait(false);
        var stands = await find.Scalar(false, cancellationToken).ConfigureAwait(false);
        _seen[place] = stands ? now : null;
        return stands;
    }
}
