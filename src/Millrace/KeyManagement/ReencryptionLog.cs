using System.Text.Json;
using Millrace.Auditing;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.KeyManagement;

/// <summary>
/// Records a re-encryption in the stream <c>$reencryption</c>: its start, its progress and its end. Each event is
/// appended after the last one that this object read, so that of two nodes with the same operation one stops.
/// </summary>
internal sealed class ReencryptionLog(EventStore store)
{
    private const string Action = "keys.reencrypt";

    private long _version;

    public static StreamId Stream { get; } = new("$reencryption");

    /// <summary>Returns the last state of an operation that was interrupted; null if there is none.</summary>
    public async ValueTask<ReencryptionNote?> FindOpen(CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(Stream, long.MaxValue, IsBackwards: true, 1);
        var page = await store.Stored.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        if (page.Events.Count == 0)
            return null;
        var last = page.Events[0];
        _version = last.Version;
        return last.Type == PlatformEvents.ReencryptionCompleted
            ? null
            : JsonSerializer.Deserialize(last.Payload.Span, ReencryptionJson.Default.ReencryptionNote);
    }

    public Task Started(ReencryptionNote note, CancellationToken cancellationToken) =>
        Append(PlatformEvents.ReencryptionStarted, note, isAudited: true, cancellationToken);

    public Task Advanced(ReencryptionNote note, CancellationToken cancellationToken) =>
        Append(PlatformEvents.ReencryptionAdvanced, note, isAudited: false, cancellationToken);

    public Task Completed(ReencryptionNote note, CancellationToken cancellationToken) =>
        Append(PlatformEvents.ReencryptionCompleted, note, isAudited: true, cancellationToken);

    /// <exception cref="VersionConflictException">Another node runs the same operation.</exception>
    private async Task Append(
        string type, ReencryptionNote note, bool isAudited, CancellationToken cancellationToken)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(note, ReencryptionJson.Default.ReencryptionNote);
        var request = new AppendRequest()
            .ToReserved(Stream, ExpectedVersion.AsRead(_version), NewEvent.FromBytes(type, payload));
        var entry = new AuditEntry(Action, note.Subject ?? "*", AuditResult.Succeeded)
        {
            User = note.By,
            Reason = note.Reason,
        };
        if (isAudited)
            await AuditTrail.AddIfUsed(store, request, entry, cancellationToken).ConfigureAwait(false);
        await store.Append(request, cancellationToken).ConfigureAwait(false);
        _version++;
    }
}
