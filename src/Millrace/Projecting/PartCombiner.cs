namespace Millrace.Projecting;

/// <summary>Combines the parts of a document that several shards have.</summary>
/// <param name="readModel">The name of the read model.</param>
internal sealed class PartCombiner<TDocument>(string readModel)
    where TDocument : class
{
    /// <summary>Gets whether documents can be combined.</summary>
    public bool CanCombine { get; } = typeof(TDocument).IsAssignableTo(typeof(ICombinable<TDocument>));

    /// <summary>Returns a document that contains the events of both parts.</summary>
    /// <exception cref="ReadModelShardException">The documents cannot be combined.</exception>
    public TDocument Combine(TDocument one, TDocument other, string key) => one is ICombinable<TDocument> combinable
        ? combinable.CombineWith(other)
        : throw new ReadModelShardException(
            readModel, typeof(TDocument), $"two shards have a document with the key '{key}'.");
}
