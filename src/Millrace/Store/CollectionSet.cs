using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Collections of the platform that exist after their first use. Tools that only read do not create them.
/// </summary>
internal sealed class CollectionSet(EventStore store, params CollectionDefinition[] definitions)
{
    private volatile bool _exist;

    /// <summary>Creates the collections if they do not exist.</summary>
    public async ValueTask Ensure(CancellationToken cancellationToken)
    {
        if (_exist)
            return;
        foreach (var definition in definitions)
            await store.Storage.Documents.EnsureCollection(definition, cancellationToken).ConfigureAwait(false);
        _exist = true;
    }

    /// <summary>Returns whether a collection exists, without creating it.</summary>
    public async ValueTask<bool> Has(string collection, CancellationToken cancellationToken)
    {
        if (_exist)
            return true;
        if (!await store.Storage.Documents.HasCollection(collection, cancellationToken).ConfigureAwait(false))
            return false;
        _exist = collection == definitions[^1].Name; // The last one is created after all others.
        return true;
    }
}
