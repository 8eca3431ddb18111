using System.Diagnostics;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Planning;

/// <summary>What it costs to keep results instead of querying again, measured in the store.</summary>
/// <param name="ReadTime">The time to read a small kept row.</param>
/// <param name="DocumentBytes">The average size of the documents of a read model, by its name.</param>
internal sealed record KeptResultCosts(TimeSpan ReadTime, IReadOnlyDictionary<string, long> DocumentBytes)
{
    private const int Executions = 5;
    private const int SampleDocuments = 20;

    /// <summary>Measures the costs for the read models of queries.</summary>
    public static async ValueTask<KeptResultCosts> Measure(
        EventStore store, IReadOnlyList<QueryUse> uses, CancellationToken cancellationToken)
    {
        var bytes = new Dictionary<string, long>(StringComparer.Ordinal);
        if (uses.Count == 0)
            return new KeptResultCosts(TimeSpan.Zero, bytes);
        var documents = store.Stored.Storage.Documents;
        foreach (var name in uses.Where(use => !use.Shape.IsOfLog).Select(use => use.Shape.Source).Distinct())
        {
            var found = await QueriedCollection.TryFind(documents, name, cancellationToken).ConfigureAwait(false);
            if (found is not null)
                bytes[name] = await AverageBytes(documents, found.Name, cancellationToken).ConfigureAwait(false);
        }
        return new KeptResultCosts(await MeasureRead(documents, cancellationToken).ConfigureAwait(false), bytes);
    }

    private static async ValueTask<long> AverageBytes(
        IDocumentStorage documents, string collection, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery { Collection = collection, Limit = SampleDocuments };
        var page = await documents.Query(query, cancellationToken).ConfigureAwait(false);
        var sizes = page.Documents.Select(static document => (double)document.Body.Length);
        return (long)sizes.DefaultIfEmpty().Average();
    }

    /// <summary>Returns the fastest of several reads. The collection exists, because it has queries.</summary>
    private static async ValueTask<TimeSpan> MeasureRead(
        IDocumentStorage documents, CancellationToken cancellationToken)
    {
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < Executions; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await documents.Get(QueryUseStore.Collection, "0", cancellationToken).ConfigureAwait(false);
            var time = Stopwatch.GetElapsedTime(started);
            best = time < best ? time : best;
        }
        return best;
    }
}
