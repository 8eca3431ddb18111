using System.Globalization;
using System.Text;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.ProcessManagers;

/// <summary>
/// Stores the number of events of a process that arrived before their instances started and were dropped or refused.
/// </summary>
internal static class EarlyEventStore
{
    private const int MaxAttempts = 5;

    // The name must not start like the collections of processes.
    private static readonly CollectionDefinition Collection = new("processes-early", []);

    public static async ValueTask<long> Read(EventStore store, string process, CancellationToken cancellationToken)
    {
        var documents = store.Storage.Documents;
        return await documents.HasCollection(Collection.Name, cancellationToken).ConfigureAwait(false)
            ? CountOf(await documents.Get(Collection.Name, process, cancellationToken).ConfigureAwait(false))
            : 0;
    }

    /// <summary>
    /// Adds to the number of events. Returns false, without a change, if other nodes changed the number at each
    /// attempt.
    /// </summary>
    public static async ValueTask<bool> Add(
        EventStore store, string process, long events, CancellationToken cancellationToken)
    {
        await store.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var before = await store
                .Storage.Documents.Get(Collection.Name, process, cancellationToken)
                .ConfigureAwait(false);
            var count = CountOf(before) + events;
            var change = new DocumentChange
            {
                Collection = Collection.Name,
                Key = process,
                FromVersion = before?.Version ?? 0,
                Body = Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $$"""{"events":{{count}}}""")),
            };
            var outcome = await store
                .TryCommit(new CommitRequest { Documents = [change] }, isBackground: true, cancellationToken)
                .ConfigureAwait(false);
            if (outcome.Refusal is null)
                return true;
            if (outcome.Refusal is not DocumentConflictException)
                throw outcome.Refusal;
        }
        return false;
    }

    private static long CountOf(Document? document)
    {
        if (document is null)
            return 0;
        using var json = JsonDocument.Parse(document.Body);
        return json.RootElement.GetProperty("events"u8).GetInt64();
    }
}
