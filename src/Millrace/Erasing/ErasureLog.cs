using System.Text.Json;
using Millrace.Events;
using Millrace.Store;

namespace Millrace.Erasing;

/// <summary>Reads and appends the events of erasures and legal holds.</summary>
internal sealed class ErasureLog(ErasureScope scope)
{
    /// <summary>Reads an erasure; version 0 if it does not exist.</summary>
    /// <param name="id">The id.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="FormatException">The certificate was changed.</exception>
    public async ValueTask<ErasureRecord> Read(string id, CancellationToken cancellationToken)
    {
        var record = new ErasureRecord();
        var stream = scope.StreamOf(ErasureScope.ErasureStreamName(id));
        await foreach (var recorded in scope.Store.ReadStream(stream, cancellationToken: cancellationToken)
            .ConfigureAwait(false))
            record.Apply(id, recorded, NoteOf(recorded));
        return record;
    }

    /// <summary>Lists the ids of all erasures.</summary>
    public async ValueTask<IReadOnlyList<string>> ListIds(CancellationToken cancellationToken)
    {
        var prefix = scope.ToStored(ErasureScope.StreamPrefix);
        var ids = new List<string>();
        await foreach (var info in scope.Store.ListStreams(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (info.Stream != scope.HoldsStream)
                ids.Add(info.Stream.Value[prefix.Length..]);
        }
        return ids;
    }

    /// <summary>Appends a step to an erasure.</summary>
    /// <param name="id">The id of the erasure.</param>
    /// <param name="version">The version that its stream must have.</param>
    /// <param name="type">The type of the event.</param>
    /// <param name="note">The content.</param>
    /// <param name="condition">A condition; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False if another node appended first, or the condition does not hold.</returns>
    public Task<bool> Append(
        string id,
        long version,
        string type,
        ErasureNote note,
        AppendCondition? condition = null,
        CancellationToken cancellationToken = default) =>
        Append(
            scope.StreamOf(ErasureScope.ErasureStreamName(id)),
            version,
            EventOf(type, Write(note), note.By),
            note,
            condition,
            cancellationToken);

    /// <summary>Appends the event about destroyed keys.</summary>
    public Task<bool> Append(string id, long version, ErasedKeys keys, CancellationToken cancellationToken) =>
        Append(
            scope.StreamOf(ErasureScope.ErasureStreamName(id)),
            version,
            EventOf(ErasureEvents.KeysDestroyed, keys.ToBytes(), null),
            new ErasureNote(),
            null,
            cancellationToken);

    /// <summary>Appends an event to the stream of legal holds.</summary>
    public Task<bool> AppendHold(
        long version, string type, ErasureNote note, AppendCondition? condition, CancellationToken cancellationToken) =>
        Append(scope.HoldsStream, version, EventOf(type, Write(note), note.By), note, condition, cancellationToken);

    /// <summary>Reads the legal holds that are active at a time.</summary>
    /// <returns>The holds, the version of their stream, and the position of its last event.</returns>
    public async ValueTask<(IReadOnlyList<LegalHold> Holds, long Version, long Position)> ReadHolds(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var holds = new List<LegalHold>();
        var version = 0L;
        var position = 0L;
        await foreach (var recorded in scope.Store.ReadStream(scope.HoldsStream, cancellationToken: cancellationToken)
            .ConfigureAwait(false))
        {
            (version, position) = (recorded.Version, recorded.Position);
            Apply(holds, recorded, NoteOf(recorded));
        }
        holds.RemoveAll(hold => hold.Until <= now);
        return (holds, version, position);
    }

    /// <summary>
    /// Returns the ids of the started erasures of a subject, and the position of the last start of any erasure.
    /// </summary>
    public async ValueTask<(IReadOnlyList<string> Ids, long Position)> ReadStarted(
        string subject, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        var position = 0L;
        var prefix = scope.ToStored(ErasureScope.StreamPrefix);
        var filter = scope.ErasureFilter(ErasureEvents.Started);
        await foreach (var recorded in scope.ReadEvents(filter, cancellationToken).ConfigureAwait(false))
        {
            position = recorded.Position;
            if (NoteOf(recorded).Subject == subject)
                ids.Add(recorded.Stream.Value[prefix.Length..]);
        }
        return (ids, position);
    }

    /// <summary>Applies an event to a list of legal holds.</summary>
    public static void Apply(List<LegalHold> holds, RecordedEvent recorded, ErasureNote note)
    {
        if (recorded.Type == ErasureEvents.Released)
            holds.RemoveAll(hold => hold.Subject == note.Subject);
        else if (recorded.Type == ErasureEvents.Held)
            holds.Add(new LegalHold(
                note.Subject ?? "", note.Reason ?? "", note.By ?? "", recorded.Timestamp, note.Until));
    }

    /// <summary>Returns the content of an event; null if the bytes have another form.</summary>
    public static ErasureNote? TryRead(RecordedEvent recorded)
    {
        if (recorded.Type is ErasureEvents.KeysDestroyed or ErasureEvents.KeysDestroyedAgain)
            return new ErasureNote();
        try
        {
            return JsonSerializer.Deserialize(recorded.Payload.Span, ErasureJson.Default.ErasureNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Write(ErasureNote note) =>
        JsonSerializer.SerializeToUtf8Bytes(note, ErasureJson.Default.ErasureNote);

    private static NewEvent EventOf(string type, byte[] payload, string? by) =>
        NewEvent.FromBytes(type, payload) with
        {
            Metadata = by is null ? null : new EventMetadata { UserId = by },
        };

    private static ErasureNote NoteOf(RecordedEvent recorded) => TryRead(recorded) ?? new ErasureNote();

    private async Task<bool> Append(
        StreamId stream,
        long version,
        NewEvent content,
        ErasureNote note,
        AppendCondition? condition,
        CancellationToken cancellationToken)
    {
        var request = new AppendRequest().ToReserved(stream, ExpectedVersion.AsRead(version), content);
        if (condition is not null)
            request.OnlyIf(condition);
        ErasureAudit.AddTo(request, scope, stream, content.Type!, note);
        var outcome = await scope.TryAppendNote(request, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal switch
        {
            null => true,
            VersionConflictException or ConditionFailedException => false,
            var refusal => throw refusal,
        };
    }
}
