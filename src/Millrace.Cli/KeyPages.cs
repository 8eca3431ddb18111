using System.Runtime.CompilerServices;

namespace Millrace.Cli;

/// <summary>Reads the records of keys, page by page.</summary>
internal static class KeyPages
{
    private const int PageKeys = 1_000;

    public static async IAsyncEnumerable<KeyRecord> Read(
        Func<KeyQuery, CancellationToken, ValueTask<IReadOnlyList<KeyRecord>>> list,
        KeyQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        query = query with { Limit = PageKeys };
        while (true)
        {
            var page = await list(query, cancellationToken);
            foreach (var key in page)
                yield return key;
            if (page.Count < PageKeys)
                yield break;
            query = query with { After = page[^1].Id };
        }
    }
}
