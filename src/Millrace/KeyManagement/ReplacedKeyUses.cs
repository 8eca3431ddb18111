using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.KeyManagement;

/// <summary>Counts the stored values of replaced keys.</summary>
internal sealed class ReplacedKeyUses
{
    private const int KeysPerPage = 500;

    private readonly Dictionary<string, ReplacedKey> _uses = new(StringComparer.Ordinal);
    private readonly ReplacedKeys _replaced;

    private ReplacedKeyUses(ReplacedKeys replaced) => _replaced = replaced;

    /// <summary>Returns the replaced keys with values in the log, in documents or in dead letters.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="log">The keys of the values in the log.</param>
    /// <param name="storage">The storage, without decryption.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<IReadOnlyList<ReplacedKey>> Find(
        KeyRing keys, KeyUses log, IStorage storage, CancellationToken cancellationToken)
    {
        var uses = new ReplacedKeyUses(new ReplacedKeys(keys, null));
        foreach (var part in log.ByKey.Chunk(KeysPerPage))
        {
            await uses._replaced.Load(part.Select(static use => use.Key), cancellationToken).ConfigureAwait(false);
            foreach (var (id, use) in part)
                uses.Add(id, use.Events, 0);
        }
        await foreach (var page in StoredRows.Read(storage, null, null, cancellationToken).ConfigureAwait(false))
        {
            var ids = page.Rows
                .SelectMany(static row => row.Values.Select(static value => value.Text.KeyId).Distinct())
                .ToList();
            await uses._replaced.Load(ids, cancellationToken).ConfigureAwait(false);
            foreach (var id in ids)
                uses.Add(id, 0, 1);
        }
        return [.. uses._uses.Values.OrderBy(static use => use.KeyId, StringComparer.Ordinal)];
    }

    private void Add(string id, long logValues, long documents)
    {
        if (_replaced.Find(id) is not { } record)
            return;
        var use = _uses.GetValueOrDefault(id) ?? new ReplacedKey(id, record.Owner, 0, 0);
        _uses[id] = use with { LogValues = use.LogValues + logValues, Documents = use.Documents + documents };
    }
}
