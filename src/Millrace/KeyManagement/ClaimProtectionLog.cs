using System.Text.Json;
using Millrace.Auditing;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.KeyManagement;

/// <summary>Records the replacement of plain claims in the stream <c>$claims</c>: each start and the end.</summary>
internal sealed class ClaimProtectionLog(EventStore store)
{
    private const string Action = "keys.protect-claims";
    private const int PageEvents = 100;

    public static StreamId Stream { get; } = new("$claims");

    /// <summary>Returns the last note of an operation of a scope that was interrupted; null if there is none.</summary>
    public async ValueTask<ClaimProtectionNote?> FindOpen(string scope, CancellationToken cancellationToken)
    {
        var before = long.MaxValue;
        while (true)
        {
            var query = new StreamPageQuery(Stream, before, IsBackwards: true, PageEvents);
            var page = await store.Stored.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                var note = JsonSerializer.Deserialize(
                    recorded.Payload.Span, ReencryptionJson.Default.ClaimProtectionNote);
                if (note?.Scope == scope)
                    return recorded.Type == PlatformEvents.ClaimProtectionStarted ? note : null;
            }
            if (page.Events.Count < PageEvents)
                return null;
            before = page.Events[^1].Version - 1;
        }
    }

    /// <summary>Returns the events that are committed with the replacement of values that start as a hash.</summary>
    public IReadOnlyList<StreamAppend> ReplacedValuesLikeHashes(ClaimProtectionNote note) =>
        store.Encode(RequestOf(PlatformEvents.ClaimProtectionStarted, note)).Appends;

    public Task Started(ClaimProtectionNote note, CancellationToken cancellationToken) =>
        Append(PlatformEvents.ClaimProtectionStarted, note, cancellationToken);

    public Task Completed(ClaimProtectionNote note, CancellationToken cancellationToken) =>
        Append(PlatformEvents.ClaimProtectionCompleted, note, cancellationToken);

    private static AppendRequest RequestOf(string type, ClaimProtectionNote note) =>
        new AppendRequest().ToReserved(
            Stream,
            ExpectedVersion.Any,
            NewEvent.FromBytes(
                type,
                JsonSerializer.SerializeToUtf8Bytes(note, ReencryptionJson.Default.ClaimProtectionNote)));

    private async Task Append(string type, ClaimProtectionNote note, CancellationToken cancellationToken)
    {
        var request = RequestOf(type, note);
        var entry = new AuditEntry(Action, note.Scope, AuditResult.Succeeded) { User = note.By, Reason = note.Reason };
        await AuditTrail.AddIfUsed(store, request, entry, cancellationToken).ConfigureAwait(false);
        await store.Append(request, cancellationToken).ConfigureAwait(false);
    }
}
