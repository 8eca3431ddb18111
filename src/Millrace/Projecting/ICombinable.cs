namespace Millrace;

/// <summary>
/// A document of a read model that can be combined with another document of the same key. Implement it if events of
/// several streams change a document, and the streams of the application are in several shards: each shard then has a
/// part of the document.
/// </summary>
/// <remarks>
/// Each event is in one of the parts. The order of the parts must not matter, so only values such as sums, counts,
/// minimums and sets can be combined. For a document whose key is the key of a stream, set
/// <see cref="ProjectionAttribute.Stream"/> instead.
/// </remarks>
/// <typeparam name="TDocument">The document itself.</typeparam>
public interface ICombinable<TDocument>
    where TDocument : class
{
    /// <summary>Returns a document that contains the events of both documents. Neither document changes.</summary>
    TDocument CombineWith(TDocument other);
}
