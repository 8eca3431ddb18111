using System.Security.Cryptography;
using System.Text;
using Millrace.Erasing;
using Millrace.Events;

namespace Millrace.Retention;

/// <summary>Finds the erasures that a run requested, and refuses those that have not started.</summary>
internal sealed class RetentionErasures(ErasureScope scope)
{
    /// <summary>The reason of the refusal of erasures that had not started.</summary>
    public const string Stopped = "The retention run was stopped before the erasure started.";

    private readonly ErasureLog _log = new(scope);

    /// <summary>
    /// Returns the id of an erasure. The same subject in the same run is the same erasure, which a repeated call
    /// continues.
    /// </summary>
    public static string IdOf(string run, string subject)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{run}/{subject}"));
        return ErasureRecord.RetentionIdPrefix + Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }

    /// <summary>Returns the reason of the erasures and removals of a run.</summary>
    public static string ReasonOf(string run, string policy) => $"{ErasureRecord.RetentionReason}{run}: {policy}";

    /// <summary>Lists the ids of the erasures that a run requested, in the order of the requests.</summary>
    public async Task<IReadOnlyList<string>> List(RetentionRecord run, CancellationToken cancellationToken)
    {
        var streams = scope.ToStored(ErasureScope.StreamPrefix);
        var filter = new EventFilter
        {
            Types = [ErasureEvents.Requested],
            StreamPrefix = streams + ErasureRecord.RetentionIdPrefix,
        };
        var reason = ReasonOf(run.Id, "");
        var ids = new List<string>();
        await foreach (var recorded in scope.ReadEvents(filter, run.StartPosition, cancellationToken)
            .ConfigureAwait(false))
        {
            if (ErasureLog.TryRead(recorded)?.Reason?.StartsWith(reason, StringComparison.Ordinal) == true)
                ids.Add(recorded.Stream.Value[streams.Length..]);
        }
        return ids;
    }

    /// <summary>Refuses all erasures of a stopped run that have not started.</summary>
    public async Task RefuseAll(RetentionRecord run, CancellationToken cancellationToken)
    {
        foreach (var id in await List(run, cancellationToken).ConfigureAwait(false))
            await Refuse(id, Stopped, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses an erasure unless it has started. Repeats this if the erasure is changed meanwhile.</summary>
    public async Task Refuse(string id, string reason, CancellationToken cancellationToken)
    {
        var note = new ErasureNote { Reason = reason };
        while (true) // An erasure has few states before its start.
        {
            var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
            if (record.State is not (ErasureState.Requested or ErasureState.Found or ErasureState.Approved)
                || await _log.Append(
                    id, record.Version, ErasureEvents.Refused, note, cancellationToken: cancellationToken)
                    .ConfigureAwait(false))
                return;
        }
    }
}
