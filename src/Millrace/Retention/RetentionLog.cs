using System.Runtime.CompilerServices;
using System.Text.Json;
using Millrace.Erasing;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Retention;

/// <summary>Reads and appends the events of retention.</summary>
internal sealed class RetentionLog(ErasureScope scope)
{
    private const int MaxAttempts = 10;
    private const int MaxStopAttempts = 100; // Each removal of a run that is carried out changes its version.

    private StreamId DeclarationStream => scope.StreamOf(RetentionEvents.Stream);

    /// <summary>Reads a run; version 0 if it does not exist.</summary>
    public async ValueTask<RetentionRecord> Read(string id, CancellationToken cancellationToken)
    {
        var record = new RetentionRecord(id);
        await foreach (var recorded in scope.Store.ReadStream(StreamOf(id), cancellationToken: cancellationToken)
            .ConfigureAwait(false))
            record.Apply(recorded, NoteOf(recorded));
        return record;
    }

    /// <summary>Lists the ids of all runs, in ordinal order.</summary>
    public async ValueTask<IReadOnlyList<string>> ListIds(CancellationToken cancellationToken)
    {
        var prefix = scope.ToStored(RetentionEvents.StreamPrefix);
        var ids = new List<string>();
        await foreach (var info in scope.Store.ListStreams(prefix, cancellationToken).ConfigureAwait(false))
            ids.Add(info.Stream.Value[prefix.Length..]);
        return ids;
    }

    /// <summary>
    /// Returns the ids of the runs that have not ended, in ordinal order. The start of each run records those before
    /// it, so that only a few events are read.
    /// </summary>
    public async ValueTask<IReadOnlyList<string>> FindOpen(CancellationToken cancellationToken)
    {
        var prefix = scope.ToStored(RetentionEvents.StreamPrefix);
        var filter = new EventFilter { Types = [RetentionEvents.Started], StreamPrefix = prefix };
        var query = new LogPageQuery(filter, long.MaxValue, IsBackwards: true, Limit: 1);
        var page = await scope.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        while (page.Events.Count == 0 && !page.IsEnd)
        {
            query = query with { From = page.Next };
            page = await scope.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        }
        if (page.Events.Count == 0)
            return [];
        var last = page.Events[0];
        // Runs that an earlier version started do not name those before them.
        var candidates = NoteOf(last).Open is { } earlier
            ? [.. earlier, last.Stream.Value[prefix.Length..]]
            : await ListIds(cancellationToken).ConfigureAwait(false);
        var open = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var id in candidates)
        {
            if (!(await ReadEnd(id, cancellationToken).ConfigureAwait(false)).HasEnded)
                open.Add(id);
        }
        return [.. open];
    }

    /// <summary>Stops a run.</summary>
    /// <returns>False if the run had ended.</returns>
    /// <exception cref="RetentionNotFoundException">There is no such run.</exception>
    public async Task<bool> Stop(string id, RetentionNote note, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxStopAttempts; attempt++)
        {
            var (version, hasEnded) = await ReadEnd(id, cancellationToken).ConfigureAwait(false);
            if (version == 0)
                throw new RetentionNotFoundException(id);
            if (hasEnded)
                return false;
            var request = new AppendRequest().ToReserved(
                StreamOf(id), ExpectedVersion.AsRead(version), EventOf(RetentionEvents.Stopped, note));
            if (await TryAppend(request, cancellationToken).ConfigureAwait(false))
                return true;
        }
        throw new RetentionRefusedException(id, "the run changed at each attempt to stop it. Stop it again.");
    }

    /// <summary>Checks that a run was not stopped.</summary>
    /// <exception cref="RetentionRefusedException">The run was stopped.</exception>
    public async ValueTask ThrowIfStopped(string id, CancellationToken cancellationToken)
    {
        if ((await ReadEnd(id, cancellationToken).ConfigureAwait(false)).HasEnded)
            throw new RetentionRefusedException(id, "the run was stopped.");
    }

    /// <summary>Returns the version of a run, and whether it was completed or stopped.</summary>
    private async ValueTask<(long Version, bool HasEnded)> ReadEnd(string id, CancellationToken cancellationToken)
    {
        // An erasure that had started before the run was stopped is recorded after that.
        var query = new StreamPageQuery(StreamOf(id), long.MaxValue, IsBackwards: true, Limit: 2);
        var page = await scope.Store.ReadPage(query, cancellationToken).ConfigureAwait(false);
        return page.Events.Count == 0
            ? (0, false)
            : (page.Events[0].Version,
                page.Events.Any(last => last.Type is RetentionEvents.Completed or RetentionEvents.Stopped));
    }

    /// <summary>Reads the names of the streams from which a run removed events.</summary>
    public async IAsyncEnumerable<string> ReadRemovedStreams(
        string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var recorded in scope.Store.ReadStream(StreamOf(id), cancellationToken: cancellationToken)
            .ConfigureAwait(false))
        {
            if (recorded.Type != RetentionEvents.Removed)
                continue;
            foreach (var removed in NoteOf(recorded).Streams ?? [])
                yield return removed.Stream;
        }
    }

    /// <summary>Appends the next event to a run.</summary>
    /// <exception cref="RetentionRefusedException">Another node appended first.</exception>
    public async Task AppendNext(
        RetentionRecord record, string type, RetentionNote note, CancellationToken cancellationToken)
    {
        if (!await TryAppend(RequestOf(record, type, note), cancellationToken).ConfigureAwait(false))
            throw new RetentionRefusedException(
                record.Id, "another node changed the run at the same time. Run it again.");
        record.NoteAppended();
    }

    /// <summary>Creates the request that appends an event to a run.</summary>
    public AppendRequest RequestOf(RetentionRecord record, string type, RetentionNote note) =>
        new AppendRequest()
            .ToReserved(StreamOf(record.Id), ExpectedVersion.AsRead(record.Version), EventOf(type, note));

    /// <summary>Creates the event that remains of a removed stream.</summary>
    public static NewEvent MarkerOf(string id, string policy) =>
        EventOf(RetentionEvents.StreamRemoved, new RetentionNote { Run = id, Policy = policy });

    /// <summary>Returns the last declaration; null if there is none.</summary>
    public async ValueTask<RetentionDeclaration?> FindDeclaration(CancellationToken cancellationToken) =>
        (await ReadLastDeclaration(cancellationToken).ConfigureAwait(false)).Note.Declaration;

    /// <summary>
    /// Records the declaration of an application if it has changed. Without policies, it still contains the read models
    /// and aggregates that limit removals.
    /// </summary>
    public async Task Declare(RetentionDeclaration declaration, CancellationToken cancellationToken)
    {
        var note = new RetentionNote { Declaration = declaration };
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var (last, version) = await ReadLastDeclaration(cancellationToken).ConfigureAwait(false);
            if (Write(last).AsSpan().SequenceEqual(Write(note)))
                return;
            var request = new AppendRequest().ToReserved(
                DeclarationStream, ExpectedVersion.AsRead(version), EventOf(RetentionEvents.Declared, note));
            if (await TryAppend(request, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    /// <summary>Appends an event. Returns false if another node appended first.</summary>
    private async Task<bool> TryAppend(AppendRequest request, CancellationToken cancellationToken)
    {
        var outcome = await scope.TryAppendNote(request, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal switch
        {
            null => true,
            VersionConflictException => false,
            var refusal => throw refusal,
        };
    }

    private async ValueTask<(RetentionNote Note, long Version)> ReadLastDeclaration(CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(DeclarationStream, long.MaxValue, IsBackwards: true, Limit: 1);
        var page = await scope.Store.ReadPage(query, cancellationToken).ConfigureAwait(false);
        return page.Events.Count == 0
            ? (new RetentionNote(), 0)
            : (NoteOf(page.Events[0]), page.Events[0].Version);
    }

    private StreamId StreamOf(string id) => scope.StreamOf(RetentionEvents.StreamPrefix + id);

    private static NewEvent EventOf(string type, RetentionNote note) =>
        NewEvent.FromBytes(type, Write(note)) with
        {
            Metadata = note.By is null ? null : new EventMetadata { UserId = note.By },
        };

    /// <summary>Returns whether two declarations are the same.</summary>
    public static bool AreEqual(RetentionDeclaration first, RetentionDeclaration second) =>
        Write(new RetentionNote { Declaration = first }).AsSpan()
            .SequenceEqual(Write(new RetentionNote { Declaration = second }));

    private static byte[] Write(RetentionNote note) =>
        JsonSerializer.SerializeToUtf8Bytes(note, RetentionJson.Default.RetentionNote);

    /// <summary>Returns the content of an event; an empty one if the bytes have another form.</summary>
    private static RetentionNote NoteOf(RecordedEvent recorded) => TryRead(recorded) ?? new RetentionNote();

    /// <summary>Returns the content of an event; null if the bytes have another form.</summary>
    public static RetentionNote? TryRead(RecordedEvent recorded)
    {
        try
        {
            return JsonSerializer.Deserialize(recorded.Payload.Span, RetentionJson.Default.RetentionNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
