using Millrace.Storage;

namespace Millrace;

/// <summary>Makes the collection of a projection, or empties it when its fields have changed.</summary>
internal static class CollectionSetup
{
    /// <summary>
    /// Sets the checkpoint back before the collection is emptied: should the node end in between, the difference is found again at the
    /// next start.
    /// </summary>
    public static async ValueTask Ensure(
        IStorage storage, CollectionDefinition wanted, string consumer, CancellationToken cancellationToken)
    {
        foreach (var there in await storage.Documents.List(cancellationToken).ConfigureAwait(false))
        {
            if (there.Definition.Name != wanted.Name)
                continue;
            if (there.Definition.Fields.SequenceEqual(wanted.Fields))
                return;
            await storage.Leases.Reset(consumer, 0, cancellationToken).ConfigureAwait(false);
        }
        if (!await storage.Documents.EnsureCollection(wanted, cancellationToken).ConfigureAwait(false))
            await storage.Leases.Reset(consumer, 0, cancellationToken).ConfigureAwait(false);
    }
}
