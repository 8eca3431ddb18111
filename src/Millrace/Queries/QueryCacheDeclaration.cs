using System.Text.Json;

namespace Millrace.Queries;

/// <summary>The cached queries of an application, with the storage that its stores share.</summary>
/// <param name="Cached">The cached queries and the invalidations.</param>
/// <param name="Storage">The levels of the cache.</param>
/// <param name="Json">The JSON metadata of the model.</param>
/// <param name="HasMarks">Returns whether values of a type can contain personal data or secrets.</param>
internal sealed record QueryCacheDeclaration(
    QueryCacheBuilder Cached, IQueryCacheStorage Storage, JsonSerializerOptions Json, Func<Type, bool> HasMarks)
{
    /// <summary>Gets whether any member of the model is personal data or a secret.</summary>
    public required bool ModelHasMarks { get; init; }

    /// <summary>Gets the collections that queries read.</summary>
    public required CurrentCollections Collections { get; init; }

    /// <summary>
    /// Gets a text that differs between versions of the projections, so that a new version does not use answers of an
    /// older one.
    /// </summary>
    public required string Build { get; init; }
}
