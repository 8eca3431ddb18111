using Millrace.Storage;

namespace Millrace;

/// <summary>The catalogue of read models as this node last saw it. Read by every query, so reading takes no
/// lock.</summary>
internal sealed class ReadModelCatalog(Func<IDocumentStorage> documents)
{
    private readonly Lock _lock = new();
    private volatile Dictionary<string, ReadModelRecord> _records = new(StringComparer.Ordinal);

    /// <summary>The row of a read model; null when there is none.</summary>
    public ReadModelRecord? Find(string name) => _records.GetValueOrDefault(name);

    /// <summary>The rows, in no order.</summary>
    public IEnumerable<ReadModelRecord> All => _records.Values;

    /// <summary>Looks at what is stored. An older answer does not replace a newer one that came first.</summary>
    public async ValueTask Refresh(CancellationToken cancellationToken)
    {
        var stored = await documents().ListReadModels(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            // Rows are never removed: one that this answer lacks was written since.
            var records = new Dictionary<string, ReadModelRecord>(_records, StringComparer.Ordinal);
            foreach (var record in stored)
            {
                if (!records.TryGetValue(record.Name, out var known) || known.Revision <= record.Revision)
                    records[record.Name] = record;
            }
            _records = records;
        }
    }

    /// <summary>Changes a row and sees the change at once. False when it has moved on, or is behind.</summary>
    /// <param name="record">The row as it is to be, with the revision that it has.</param>
    /// <param name="reached">See <see cref="IDocumentStorage.PutReadModel"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<bool> Put(ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        var isPut = await documents().PutReadModel(record, reached, cancellationToken).ConfigureAwait(false);
        await Refresh(cancellationToken).ConfigureAwait(false);
        return isPut;
    }
}
