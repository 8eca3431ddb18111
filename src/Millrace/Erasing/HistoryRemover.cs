using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>
/// Removes events with copies of a subject's values from the log: the former commands of timers, and held messages. The
/// store records these removals.
/// </summary>
internal sealed class HistoryRemover(ErasureTask task)
{
    private static readonly string[] TimerTypes =
    [
        PlatformEvents.TimerSet,
        PlatformEvents.TimerEdited,
        PlatformEvents.TimerHeld,
        PlatformEvents.TimerRefused,
    ];

    private ErasureScope Scope => task.Scope;

    /// <summary>Removes the events with former commands of timers.</summary>
    public async Task<ErasureLocation> RemoveTimerHistory(CancellationToken cancellationToken)
    {
        var (rows, matches) = await Find(TimerTypes, cancellationToken).ConfigureAwait(false);
        var changed = 0L;
        foreach (var (stream, versions) in matches)
        {
            var head = await Scope.Storage.Log.GetStream(stream, cancellationToken).ConfigureAwait(false);
            if (versions.Max() >= head.Version)
                continue; // The last event of a stream is never removed. The verification reports it.
            await Truncate(stream, versions.Max() + 1, cancellationToken).ConfigureAwait(false);
            changed += versions.Count;
        }
        return new ErasureLocation(
            "history of timers",
            "Events with former commands that contain values and name the subject were removed.",
            rows)
        {
            Matches = matches.Values.Sum(versions => versions.Count),
            Changed = changed,
        };
    }

    /// <summary>Removes held messages, unless an earlier message of the same key still waits.</summary>
    public async Task<ErasureLocation> RemoveHeldMessages(CancellationToken cancellationToken)
    {
        var (rows, matches) = await Find([PlatformEvents.MessageHeld], cancellationToken).ConfigureAwait(false);
        var changed = 0L;
        foreach (var (stream, versions) in matches)
        {
            if (await HasOtherOpenMessage(stream, versions, cancellationToken).ConfigureAwait(false))
                continue;
            var removed = NewEvent.FromBytes(
                ErasureEvents.MessageRemoved, System.Text.Encoding.UTF8.GetBytes($$"""{"by":"{{task.Reason}}"}"""));
            var request = new AppendRequest().ToReserved(stream, ExpectedVersion.StreamExists, removed);
            await Scope.Store.Append(request, cancellationToken).ConfigureAwait(false);
            await Truncate(stream, versions.Max() + 1, cancellationToken).ConfigureAwait(false);
            changed += versions.Count;
        }
        return new ErasureLocation(
            "held messages", "Messages that contain values and name the subject were removed from the log.", rows)
        {
            Matches = matches.Values.Sum(versions => versions.Count),
            Changed = changed,
        };
    }

    /// <summary>Returns the payload of an event whose values Millrace encrypts as a copy, in plain form.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> Reveal(
        ErasureScope scope, RecordedEvent recorded, CancellationToken cancellationToken) =>
        (await scope.Protection.Reveal(recorded, cancellationToken).ConfigureAwait(false)).Payload;

    private async Task<(long Rows, Dictionary<StreamId, List<long>> Matches)> Find(
        string[] types, CancellationToken cancellationToken)
    {
        var rows = 0L;
        var matches = new Dictionary<StreamId, List<long>>();
        if (task.Matcher is null)
            return (0, matches);
        await foreach (var recorded in Scope.ReadEvents(Scope.Filter(types), cancellationToken).ConfigureAwait(false))
        {
            rows++;
            var plain = await Reveal(Scope, recorded, cancellationToken).ConfigureAwait(false);
            if (!task.MustChange(plain.Span, task.IsOfSubject(recorded.Stream)))
                continue;
            if (!matches.TryGetValue(recorded.Stream, out var versions))
                matches[recorded.Stream] = versions = [];
            versions.Add(recorded.Version);
        }
        return (rows, matches);
    }

    private async ValueTask<bool> HasOtherOpenMessage(
        StreamId stream, List<long> versions, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Stream = stream, States = DeadLetter.OpenStates, Limit = 1_000 };
        var open = await Scope.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
        var last = versions.Max();
        return open.Count == query.Limit
            || open.Any(letter => letter.Version < last && !versions.Contains(letter.Version));
    }

    private Task Truncate(StreamId stream, long before, CancellationToken cancellationToken) =>
        Scope.Store.Truncate(stream, before, task.Reason, cancellationToken: cancellationToken);
}
