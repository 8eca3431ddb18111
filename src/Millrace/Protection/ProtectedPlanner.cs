using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Explains queries whose conditions and claims of protected values compare hashes.</summary>
internal sealed class ProtectedPlanner(IQueryPlanner inner, BlindIndex index, BlindClaims claims) : IQueryPlanner
{
    /// <summary>Gets the indexes of the stored columns. Queries to try compare hashes.</summary>
    public IDocumentIndexes? Indexes => inner.Indexes;

    public ValueTask<QueryExplanation> ExplainLog(LogPageQuery query, CancellationToken cancellationToken) =>
        inner.ExplainLog(query, cancellationToken);

    public ValueTask<QueryExplanation> ExplainStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        inner.ExplainStream(query, cancellationToken);

    public async ValueTask<QueryExplanation> ExplainClaim(
        string scope, string value, CancellationToken cancellationToken)
    {
        var stored = await claims.ToStored(scope, value, cancellationToken).ConfigureAwait(false);
        return await inner.ExplainClaim(scope, stored, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<QueryExplanation> ExplainDocuments(
        DocumentQuery query, CancellationToken cancellationToken)
    {
        var hashed = await index.ToStored(query, cancellationToken).ConfigureAwait(false);
        return await inner.ExplainDocuments(hashed, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<QueryExplanation> ExplainCount(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var hashed = await index.ToStored(collection, conditions, cancellationToken).ConfigureAwait(false);
        return await inner.ExplainCount(collection, hashed, cancellationToken).ConfigureAwait(false);
    }
}
