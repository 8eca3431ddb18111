using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// The stored states of the followers of documents. A state belongs to a collection of a read model. When the
/// collection is emptied or dropped, its states are removed first, so that none is taken for that of later documents.
/// </summary>
internal static class FollowerStates
{
    /// <summary>The name of the collection of the states.</summary>
    public const string Collection = "view-progress";

    private const int MaxPerPage = 100;

    /// <summary>Returns the key of a state.</summary>
    /// <param name="source">The collection of the documents.</param>
    /// <param name="follower">The key of the follower.</param>
    public static string KeyOf(string source, string follower) => PrefixOf(source) + follower;

    /// <summary>Removes the states for a collection of documents.</summary>
    public static async ValueTask RemoveOf(EventStore store, string source, CancellationToken cancellationToken)
    {
        var documents = store.Storage.Documents;
        if (!await documents.HasCollection(Collection, cancellationToken).ConfigureAwait(false))
            return;
        var prefix = PrefixOf(source);
        var query = new DocumentQuery
        {
            Collection = Collection,
            After = new DocumentCursor(FieldValue.Null, prefix),
            Limit = MaxPerPage,
        };
        while (true)
        {
            var page = await documents.Query(query, cancellationToken).ConfigureAwait(false);
            DocumentChange[] removals =
            [
                .. page.Documents
                    .Where(document => document.Key.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(static document => new DocumentChange { Collection = Collection, Key = document.Key }),
            ];
            if (removals.Length > 0)
                await store
                    .Commit(new CommitRequest { Documents = removals }, isBackground: true, cancellationToken)
                    .ConfigureAwait(false);
            if (removals.Length < page.Documents.Count || page.Next is not { } next)
                return; // Keys are ordered, so no later one has the prefix.
            query = query with { After = next };
        }
    }

    // No name of a collection contains the separator.
    private static string PrefixOf(string source) => source + ":";
}
