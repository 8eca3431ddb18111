using Millrace.Store;

namespace Millrace.Erasing;

/// <summary>The keys of a subject, limited to the kinds of data of an erasure.</summary>
internal sealed class SubjectKeys(ErasureScope scope, string subject, IReadOnlyList<string> kinds)
{
    private const int PageKeys = 500;

    /// <summary>Lists the records of the keys in all states.</summary>
    public async ValueTask<IReadOnlyList<KeyRecord>> List(CancellationToken cancellationToken)
    {
        var found = new List<KeyRecord>();
        var query = new KeyQuery { Tenant = scope.Tenant, Subject = subject, Limit = PageKeys };
        await foreach (var record in scope.Keys.ReadRecords(query, cancellationToken).ConfigureAwait(false))
        {
            if (kinds.Count == 0 || kinds.Contains(record.Owner.Kind))
                found.Add(record);
        }
        return found;
    }

    /// <summary>Destroys the keys. A repeated call returns the same keys.</summary>
    public async ValueTask<ErasedKeys> Destroy(CancellationToken cancellationToken)
    {
        var erased = new ErasedKeys { Tenant = scope.Tenant, Subject = subject, Kinds = kinds, KeyIds = [] };
        foreach (var owner in erased.Owners())
            await scope.Keys.Destroy(owner, cancellationToken).ConfigureAwait(false);
        var records = await List(cancellationToken).ConfigureAwait(false);
        return erased with
        {
            KeyIds = [.. records.Where(record => record.State == KeyState.Destroyed).Select(record => record.Id)],
        };
    }
}
