namespace Millrace.Store;

/// <summary>Compares names of categories with the streams of a store.</summary>
internal static class StreamCategories
{
    private const int MaxListed = 20;

    /// <summary>
    /// Returns the problem of a category that no stream has, with the categories of the store; null if a stream has it.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="prefix">The prefix of all stored names; empty if there is none.</param>
    /// <param name="category">The category.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<string?> FindProblem(
        EventStore store, string prefix, string category, CancellationToken cancellationToken)
    {
        if (await Exists(store, prefix + category, cancellationToken).ConfigureAwait(false))
            return null;
        var known = await List(store, prefix, cancellationToken).ConfigureAwait(false);
        var problem = $"no stream has the category '{category}'.";
        return known.Count == 0
            ? problem
            : $"{problem} Categories of the store: {string.Join(", ", known)}{(known.Count < MaxListed ? "." : ", …")}";
    }

    private static async ValueTask<bool> Exists(
        EventStore store, string category, CancellationToken cancellationToken)
    {
        // A stream with the name of the category is the first one in the order of the names.
        var first = await store.ListStreams(category, cancellationToken).FirstOrDefaultAsync(cancellationToken)
            .ConfigureAwait(false);
        return first?.Stream.Value == category
            || await store.ListStreams(category + "-", cancellationToken).AnyAsync(cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>Returns the first categories, with one look-up for each.</summary>
    private static async ValueTask<IReadOnlyList<string>> List(
        EventStore store, string prefix, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        string? after = null;
        while (found.Count < MaxListed)
        {
            var page = await store.Stored.Storage.Log.ListStreams(prefix, after, 1, cancellationToken)
                .ConfigureAwait(false);
            if (page.Count == 0)
                break;
            var name = page[0].Stream.Value;
            var category = new StreamId(name[prefix.Length..]).Category;
            if (!category.StartsWith('$') && !found.Contains(category))
                found.Add(category);
            // The greatest character sorts after every stream name of the category.
            after = name == prefix + category ? name : prefix + category + "-\U0010ffff";
        }
        return found;
    }
}
