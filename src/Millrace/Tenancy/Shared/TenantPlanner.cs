using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>Explains the queries of one tenant in a shared storage.</summary>
internal sealed class TenantPlanner(TenantNames names, IQueryPlanner shared) : IQueryPlanner
{
    public IDocumentIndexes? Indexes =>
        shared.Indexes is { } indexes ? new TenantDocumentIndexes(names, indexes) : null;

    public ValueTask<QueryExplanation> ExplainLog(LogPageQuery query, CancellationToken cancellationToken) =>
        shared.ExplainLog(query with { Filter = names.ToStored(query.Filter) }, cancellationToken);

    public ValueTask<QueryExplanation> ExplainStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        shared.ExplainStream(query with { Stream = names.ToStored(query.Stream) }, cancellationToken);

    public ValueTask<QueryExplanation> ExplainClaim(
        string scope, string value, CancellationToken cancellationToken) =>
        shared.ExplainClaim(names.ToStored(scope), value, cancellationToken);

    public ValueTask<QueryExplanation> ExplainDocuments(DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return shared.ExplainDocuments(
            query with { Collection = names.ToStored(query.Collection) }, cancellationToken);
    }

    public ValueTask<QueryExplanation> ExplainCount(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken) =>
        shared.ExplainCount(names.ToStored(collection), conditions, cancellationToken);
}
