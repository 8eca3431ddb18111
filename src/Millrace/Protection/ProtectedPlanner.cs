using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Explains queries whose conditions on encrypted values compare hashes.</summary>
internal sealed class ProtectedPlanner(IQueryPlanner inner, BlindIndex index) : IQueryPlanner
{
    /// <summary>Gets the indexes of the stored columns. Queries to try compare hashes.</summary>
    public IDocumentIndexes? Indexes => inner.Indexes;

    public ValueTask<QueryExplanation> ExplainLog(LogPageQuery query, CancellationToken cancellationToken) =>
        inner.ExplainLog(query, cancellationToken);

    public ValueTask<QueryExplanation> ExplainStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        inner.ExplainStream(query, cancellationToken);

    public ValueTask<QueryExplanation> ExplainClaim(
        string scope, string value, CancellationToken cancellationToken) =>
        inner.ExplainClaim(scope, value, cancellationToken);

    public async ValueTask<QueryExplanation> ExplainDocuments(
        DocumentQuery query, CancellationToken cancellationToken)
    {
        var hashed = await index.ToStored(query, cancellationToken).ConfigureAwait(false);
        return await inner.ExplainDocuments(hashed, cancellationToken).ConfigureAwait(false);
    }
}
