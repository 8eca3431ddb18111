using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.KeyManagement;

/// <summary>
/// Encrypts the values of replaced keys in documents, dead letters and answers again. Each row is replaced only if it
/// is unchanged, so every step can be repeated, and other writers are not disturbed. Events are never encrypted again.
/// </summary>
internal sealed class Reencryption(
    EventStore store, KeyRing keys, ReencryptionRequest request, IProgress<MaintenanceProgress>? progress)
{
    private const int MaxPasses = 3;
    private const int RowsPerRecord = 1_000;
    private const string Step = "Encrypting documents";

    private readonly ReencryptionLog _log = new(store);

    /// <summary>Continues an operation that was interrupted, or starts one, and returns its result.</summary>
    public async Task<ReencryptionResult> Run(CancellationToken cancellationToken)
    {
        keys.Forget(); // A key in memory may have been replaced by another program.
        var open = await _log.FindOpen(cancellationToken).ConfigureAwait(false);
        var note = open ?? new ReencryptionNote(Guid.CreateVersion7(store.Time.GetUtcNow()))
        {
            Subject = request.Subject,
            By = request.By,
            Reason = request.Reason,
        };
        if (open is null)
            await _log.Started(note, cancellationToken).ConfigureAwait(false);
        var replaced = new ReplacedKeys(keys, note.Subject);
        var (pass, remaining) = (0, 0L);
        do
        {
            // After the first pass: other writers changed documents at the same time, or a node used a key in memory.
            note = await Rewrite(note, replaced, cancellationToken).ConfigureAwait(false);
            note = note with { Collection = null, After = null };
            remaining = await CountRemaining(replaced, cancellationToken).ConfigureAwait(false);
        }
        while (remaining > 0 && ++pass < MaxPasses);
        note = note with { Remaining = remaining };
        await _log.Completed(note, cancellationToken).ConfigureAwait(false);
        return new ReencryptionResult
        {
            Id = note.Id,
            Subject = note.Subject,
            WasContinued = open is not null,
            Inspected = note.Inspected,
            Rewritten = note.Rewritten,
            Remaining = remaining,
        };
    }

    private async Task<ReencryptionNote> Rewrite(
        ReencryptionNote note, ReplacedKeys replaced, CancellationToken cancellationToken)
    {
        var payloads = new PayloadReencryptor(keys, replaced);
        var (startedAt, read, sinceRecord) = (store.Time.GetTimestamp(), 0L, 0);
        var collections = await store.Stored.Storage.Documents.List(cancellationToken).ConfigureAwait(false);
        var total = collections.Sum(static collection => collection.Documents);
        var pages = StoredRows.Read(store.Stored.Storage, note.Collection, note.After, cancellationToken);
        await foreach (var page in pages.ConfigureAwait(false))
        {
            await Load(replaced, page, cancellationToken).ConfigureAwait(false);
            var rewritten = await Rewrite(page, payloads, cancellationToken).ConfigureAwait(false);
            note = note with
            {
                Collection = page.Collection ?? note.Collection,
                After = page.Collection is null ? note.After : page.Last,
                Inspected = note.Inspected + page.Inspected,
                Rewritten = note.Rewritten + rewritten,
            };
            sinceRecord += page.Inspected;
            if (sinceRecord >= RowsPerRecord)
            {
                await _log.Advanced(note, cancellationToken).ConfigureAwait(false);
                sinceRecord = 0;
            }
            progress?.Report(new MaintenanceProgress(note.Inspected, Math.Max(total, note.Inspected), Step));
            read += page.Inspected;
            await Throttle(startedAt, read, cancellationToken).ConfigureAwait(false);
        }
        return note;
    }

    private async Task<long> Rewrite(
        StoredRowPage page, PayloadReencryptor payloads, CancellationToken cancellationToken)
    {
        var requests = new List<CommitRequest>();
        foreach (var row in page.Rows)
        {
            if (await payloads.Reencrypt(row, cancellationToken).ConfigureAwait(false) is { } body)
                requests.Add(row.Write(body));
        }
        if (requests.Count == 0)
            return 0;
        var rewritten = 0L;
        foreach (var response in await store.TryCommitAll(requests, cancellationToken).ConfigureAwait(false))
        {
            var problem = response.Problem;
            if (problem is not (null or DocumentConflictException or DeadLetterConflictException))
                throw problem;
            // Otherwise another writer changed the row, which a further pass inspects.
            if (response.Outcome?.Result == CommitResult.Committed)
                rewritten++;
        }
        return rewritten;
    }

    private async Task<long> CountRemaining(ReplacedKeys replaced, CancellationToken cancellationToken)
    {
        var remaining = 0L;
        var pages = StoredRows.Read(store.Stored.Storage, null, null, cancellationToken);
        await foreach (var page in pages.ConfigureAwait(false))
        {
            await Load(replaced, page, cancellationToken).ConfigureAwait(false);
            remaining += page.Rows.Count(row => row.Values.Any(value => replaced.Find(value.Text.KeyId) is not null));
        }
        return remaining;
    }

    private static ValueTask Load(ReplacedKeys replaced, StoredRowPage page, CancellationToken cancellationToken) =>
        replaced.Load(
            page.Rows.SelectMany(static row => row.Values).Select(static value => value.Text.KeyId),
            cancellationToken);

    /// <summary>Waits until the number of rows that were read corresponds to the maximum rate.</summary>
    private async Task Throttle(long startedAt, long read, CancellationToken cancellationToken)
    {
        var due = TimeSpan.FromSeconds((double)read / request.MaxDocumentsPerSecond);
        var early = due - store.Time.GetElapsedTime(startedAt);
        if (early > TimeSpan.Zero)
            await Task.Delay(early, store.Time, cancellationToken).ConfigureAwait(false);
    }
}
