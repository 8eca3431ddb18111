using Millrace.Aggregates;
using Millrace.Erasing;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Retention;

/// <summary>
/// Removes events of several streams in one commit, together with the record of the run. A stream that was changed
/// after it was read is not removed.
/// </summary>
/// <remarks>
/// The version of a stream is that of its last event, so an event without data replaces a whole stream. The stream is
/// then deleted. A later append starts it again.
/// </remarks>
internal sealed class StreamRemover(ErasureScope scope, RunEvaluator evaluator, RetentionLog log)
{
    private const string Changed = "changed during the run";

    private const int SnapshotsPerRead = 500;

    private RetentionFacts? _facts;
    private bool? _hasSnapshots;

    /// <summary>Removes the events of streams that one policy removes.</summary>
    /// <param name="record">The run.</param>
    /// <param name="batch">The streams.</param>
    /// <param name="kept">Receives the streams that are kept after all.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task Remove(
        RetentionRecord record,
        IReadOnlyList<StreamVerdict> batch,
        RetentionTally kept,
        CancellationToken cancellationToken)
    {
        var rule = batch[0].Rule;
        var remaining = batch.ToList();
        var isStale = false;
        while (remaining.Count > 0)
        {
            // After a conflict, streams are evaluated again, which needs the current keys of held subjects.
            var facts = _facts = _facts is null || isStale
                ? await RetentionFacts.Read(scope, cancellationToken).ConfigureAwait(false)
                : await RetentionFacts.Refresh(scope, _facts, cancellationToken).ConfigureAwait(false);
            await Recheck(remaining, facts, isStale, kept, cancellationToken).ConfigureAwait(false);
            if (remaining.Count == 0)
                return;
            var request = await RequestOf(record, rule, remaining, facts.Holds, cancellationToken)
                .ConfigureAwait(false);
            var outcome = await scope.Store.TryCommit(request, isBackground: true, cancellationToken)
                .ConfigureAwait(false);
            if (outcome.Refusal is null)
            {
                record.NoteAppended();
                return;
            }
            isStale = true;
            if (StreamOf(outcome.Refusal) is { } conflicted
                && remaining.FindIndex(verdict => verdict.Stream.Stream == conflicted) is >= 0 and var index)
            {
                kept.AddKept(rule.ToString(), Changed, remaining[index].Name);
                remaining.RemoveAt(index);
            }
            else if (outcome.Refusal is not (ConditionFailedException or DeadLetterConflictException))
            {
                throw outcome.Refusal;
            }
        }
    }

    /// <summary>Removes snapshots that commands wrote after the streams of a run were removed.</summary>
    public async Task RemoveLateSnapshots(RetentionRecord record, CancellationToken cancellationToken)
    {
        _hasSnapshots = null; // A command may have created the collection during the run.
        if (!await HasSnapshots(cancellationToken).ConfigureAwait(false))
            return;
        var streams = log.ReadRemovedStreams(record.Id, cancellationToken);
        await foreach (var keys in streams.Chunk(SnapshotsPerRead).ConfigureAwait(false))
            await RemoveSnapshots(keys, cancellationToken).ConfigureAwait(false);
    }

    private async Task RemoveSnapshots(string[] keys, CancellationToken cancellationToken)
    {
        var collection = scope.ToStored(SnapshotStore.Collection);
        var found = await scope.Storage.Documents.GetMany(collection, keys, cancellationToken)
            .ConfigureAwait(false);
        foreach (var document in found)
        {
            var head = await scope.Storage.Log.GetStream(scope.StreamOf(document.Key), cancellationToken)
                .ConfigureAwait(false);
            if (head.State != StreamState.Deleted)
                continue; // The stream was started again.
            var removal = new DocumentChange
            {
                Collection = collection,
                Key = document.Key,
                FromVersion = document.Version,
            };
            await scope.Store.TryCommit(new CommitRequest { Documents = [removal] }, true, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static StreamId? StreamOf(MillraceException refusal) => refusal switch
    {
        VersionConflictException conflict => conflict.Stream,
        StreamNotFoundException missing => missing.Stream,
        StreamDeletedException deleted => deleted.Stream,
        _ => null,
    };

    /// <summary>Decides again whether streams are removed if holds, consumers or dead letters have changed.</summary>
    private async Task Recheck(
        List<StreamVerdict> remaining,
        RetentionFacts facts,
        bool isStale,
        RetentionTally kept,
        CancellationToken cancellationToken)
    {
        for (var i = remaining.Count - 1; i >= 0; i--)
        {
            var earlier = remaining[i];
            if (!isStale && earlier.HoldsPosition == facts.Holds.Position
                && earlier.Part.LastPosition <= facts.Checkpoint)
                continue;
            var now = await evaluator.Evaluate(earlier.Stream, facts, cancellationToken).ConfigureAwait(false);
            if (now is { Kept: null } && now.Part.LastVersion == earlier.Part.LastVersion
                && now.Part.Events == earlier.Part.Events && now.Rule == earlier.Rule)
            {
                remaining[i] = now;
                continue;
            }
            kept.AddKept(earlier.Rule.ToString(), now?.Kept ?? Changed, earlier.Name);
            remaining.RemoveAt(i);
        }
    }

    private async ValueTask<CommitRequest> RequestOf(
        RetentionRecord record,
        RetentionRule rule,
        IReadOnlyList<StreamVerdict> batch,
        LegalHolds holds,
        CancellationToken cancellationToken)
    {
        var reason = RetentionErasures.ReasonOf(record.Id, rule.ToString());
        var note = new RetentionNote
        {
            By = record.By,
            Policy = rule.ToString(),
            Streams = [.. batch.Select(verdict => new RemovedStream(
                verdict.Name, verdict.Part.LastVersion, verdict.Part.Events, verdict.Part.Bytes))],
            ReadModels = [.. batch.SelectMany(verdict => verdict.ReadModels).Distinct().Order(StringComparer.Ordinal)],
        };
        var append = log.RequestOf(record, RetentionEvents.Removed, note);
        append.OnlyIf(new AppendCondition(scope.ErasureFilter(ErasureEvents.Held), holds.Position));
        var removals = new List<StreamRemoval>();
        foreach (var verdict in batch)
        {
            var stream = verdict.Stream.Stream;
            var before = verdict.Part.LastVersion + 1;
            if (verdict.IsWhole)
                append.ToReserved(
                    stream, ExpectedOf(verdict.Stream), RetentionLog.MarkerOf(record.Id, rule.ToString()));
            removals.Add(new(stream, RemovalKind.Truncate, before, ExpectedVersion.StreamExists, reason, record.By));
            if (verdict.IsWhole)
                removals.Add(new(stream, RemovalKind.Delete, 0, ExpectedVersion.StreamExists, reason, record.By));
        }
        var encoded = scope.Store.Encode(append);
        return new CommitRequest
        {
            Appends = encoded.Appends,
            Conditions = encoded.Conditions,
            Removals = removals,
            DeadLetters = [.. batch.SelectMany(verdict => verdict.DeadLetters)
                .Select(letter => new DeadLetterChange(letter, IsRemoval: true))],
            Documents = await HasSnapshots(cancellationToken).ConfigureAwait(false)
                ? [.. batch.Where(verdict => verdict.IsWhole).Select(verdict => new DocumentChange
                {
                    Collection = scope.ToStored(SnapshotStore.Collection),
                    Key = verdict.Name,
                })]
                : [],
        };
    }

    private static ExpectedVersion ExpectedOf(StreamInfo stream) =>
        stream.State == StreamState.Open ? ExpectedVersion.Exactly(stream.Version) : ExpectedVersion.NoStream;

    private async ValueTask<bool> HasSnapshots(CancellationToken cancellationToken)
    {
        if (_hasSnapshots is { } known)
            return known;
        var name = scope.ToStored(SnapshotStore.Collection);
        var collections = await scope.Collections(cancellationToken).ConfigureAwait(false);
        _hasSnapshots = collections.Any(collection => collection.Definition.Name == name);
        return _hasSnapshots.Value;
    }
}
