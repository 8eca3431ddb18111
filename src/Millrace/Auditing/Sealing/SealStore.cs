using Millrace.Auditing.Merkle;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>Stores the hashes of the Merkle tree: a document for each tile, and one for the state.</summary>
internal static class SealStore
{
    /// <summary>The name of the collection.</summary>
    public const string CollectionName = "seal-tiles";

    /// <summary>The stream of the seals' events. The version of an event is the number of the seal.</summary>
    public static StreamId Stream { get; } = new("$seals");

    public static CollectionDefinition Collection { get; } = new(CollectionName, []);

    /// <summary>Returns whether the collection exists.</summary>
    public static ValueTask<bool> Exists(IDocumentStorage documents, CancellationToken cancellationToken) =>
        documents.HasCollection(CollectionName, cancellationToken);

    /// <summary>Reads the hashes of a tile; null if there is no such tile.</summary>
    public static async ValueTask<Hash256[]?> ReadTile(
        IDocumentStorage documents, TileKey tile, CancellationToken cancellationToken)
    {
        var document = await documents.Get(CollectionName, tile.ToString(), cancellationToken).ConfigureAwait(false);
        return document is null ? null : HashesIn(document.Body.Span);
    }

    public static DocumentChange ChangeOf(TileKey tile, IReadOnlyList<Hash256> hashes)
    {
        var body = new byte[hashes.Count * Hash256.Length];
        for (var i = 0; i < hashes.Count; i++)
            hashes[i].CopyTo(body.AsSpan(i * Hash256.Length));
        return new DocumentChange { Collection = CollectionName, Key = tile.ToString(), Body = body };
    }

    /// <summary>Returns the hashes in the bytes of a tile; null if it has other bytes.</summary>
    public static Hash256[]? HashesIn(ReadOnlySpan<byte> body)
    {
        if (body.Length is 0 or > TileKey.Width * Hash256.Length || body.Length % Hash256.Length != 0)
            return null;
        var hashes = new Hash256[body.Length / Hash256.Length];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = new Hash256(body.Slice(i * Hash256.Length, Hash256.Length));
        return hashes;
    }
}
