using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// The catalog of read models as this node last read it from the storage. Reads of the catalog take no lock, because
/// every query reads it.
/// </summary>
internal sealed class ReadModelCatalog(Func<IDocumentStorage> documents)
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, DocumentExpiry> _expiries = new(StringComparer.Ordinal);
    private volatile Dictionary<string, ReadModelRecord> _records = new(StringComparer.Ordinal);

    /// <summary>Returns the record of a read model; null if the catalog has no such record.</summary>
    public ReadModelRecord? Find(string name) => _records.GetValueOrDefault(name);

    /// <summary>Gets all records, in no particular order.</summary>
    public IEnumerable<ReadModelRecord> All => _records.Values;

    /// <summary>Sets when the documents of a read model expire, by the code of this node.</summary>
    public void SetExpiry(string name, DocumentExpiry expiry) => _expiries[name] = expiry;

    /// <summary>
    /// Returns the condition that the documents of a collection meet which have not expired; null if they do not
    /// expire, or the collection of another version lacks the field.
    /// </summary>
    public FieldCondition? NotExpired(CollectionDefinition collection, DateTimeOffset now) =>
        _expiries.TryGetValue(CollectionName.NameOf(collection.Name), out var expiry)
            ? ExpiryColumn.Of(expiry, collection.Fields)?.NotExpired(now)
            : null;

    /// <summary>Reads the stored records. An older result never replaces a newer result.</summary>
    public async ValueTask Refresh(CancellationToken cancellationToken)
    {
        var stored = await documents().ListReadModels(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            // Records are never removed. If a known record is missing in this result, another call read it later than
            // this result.
            var records = new Dictionary<string, ReadModelRecord>(_records, StringComparer.Ordinal);
            foreach (var record in stored)
            {
                if (!records.TryGetValue(record.Name, out var known) || known.Revision <= record.Revision)
                    records[record.Name] = record;
            }
            _records = records;
        }
    }

    /// <summary>
    /// Changes a record and refreshes the catalog. Returns false if the stored record has another revision, or if the
    /// new live collection has not reached the required checkpoint.
    /// </summary>
    /// <param name="record">The new record, with the current revision.</param>
    /// <param name="reached">See <see cref="IDocumentStorage.PutReadModel"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<bool> Put(ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        var isPut = await documents().PutReadModel(record, reached, cancellationToken).ConfigureAwait(false);
        await Refresh(cancellationToken).ConfigureAwait(false);
        return isPut;
    }
}
