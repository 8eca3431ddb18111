namespace Millrace.Erasing;

/// <summary>Counts the data of a subject before an erasure.</summary>
internal static class SubjectSearch
{
    /// <summary>Returns the places with data of a subject.</summary>
    public static async Task<IReadOnlyList<ErasureLocation>> Find(
        ErasureScope scope,
        ErasureRequest request,
        IReadOnlyList<KeyRecord> records,
        CancellationToken cancellationToken)
    {
        var ids = new KeyIdSet(records.Select(key => key.Id));
        var keys = records.Count;
        var head = await scope.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var trace = new SubjectTrace(scope, request.Subject, request.Kinds, withValues: false);
        await trace.Read(head.Position, ids, cancellationToken).ConfigureAwait(false);
        var places = new List<ErasureLocation>
        {
            new("key store", "Keys of the subject were counted.", keys) { Matches = keys },
            new("log", "Events with values of the subject were counted.", trace.Inspected)
            {
                Matches = trace.Positions.Count,
            },
            new("streams", "Streams with such events were counted.", trace.Streams.Count)
            {
                Matches = trace.Streams.Count,
            },
        };
        foreach (var collection in await scope.Collections(cancellationToken).ConfigureAwait(false))
        {
            var (rows, matches) = (0L, 0L);
            var documents = scope.ReadDocuments(collection.Definition.Name, cancellationToken);
            await foreach (var document in documents.ConfigureAwait(false))
            {
                rows++;
                matches += ids.IsIn(document.Body.Span) ? 1 : 0;
            }
            places.Add(new ErasureLocation(
                $"documents of {scope.ToOwn(collection.Definition.Name)}",
                "Documents with encrypted values of the subject were counted.",
                rows)
            {
                Matches = matches,
            });
        }
        return places;
    }
}
