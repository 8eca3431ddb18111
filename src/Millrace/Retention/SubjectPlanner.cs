using System.Runtime.CompilerServices;
using Millrace.Erasing;
using Millrace.Protection;

namespace Millrace.Retention;

/// <summary>
/// Finds the data subjects whose personal data the policies no longer keep: all streams with an event that has a value
/// of the subject have expired. It reads the log once for each page of subjects, so that its memory is bounded.
/// </summary>
/// <param name="scope">The store.</param>
/// <param name="rules">The policies. Data has expired only if it has by each of them.</param>
/// <param name="timeOf">Returns the time of an event for a policy; null if it has none.</param>
/// <param name="now">The time at which data must have expired.</param>
/// <param name="maxEntries">The maximum number of keys, and of streams with values of a key, in memory. One subject
/// can have more.</param>
internal sealed class SubjectPlanner(
    ErasureScope scope,
    IReadOnlyList<RetentionRules> rules,
    Func<RecordedEvent, RetentionRule, CancellationToken, ValueTask<DateTimeOffset?>> timeOf,
    DateTimeOffset now,
    int maxEntries = SubjectPlanner.DefaultMaxEntries)
{
    /// <summary>The reason of kept data that has not expired as a whole.</summary>
    public const string Younger = "has younger data, or data under another policy";

    private const int DefaultMaxEntries = 200_000; // 73 MB, measured with a key and a stream of each subject.

    private SubjectPage? _page;

    /// <summary>Gets the largest number of entries that were in memory.</summary>
    public int MaxEntriesInMemory { get; private set; }

    /// <summary>Gets the number of times that the log was read from its start.</summary>
    public int Pages { get; private set; }

    /// <summary>
    /// Finds the subjects with expired data, with the policy and the reason why the data is kept. The subjects of a
    /// page are in ordinal order.
    /// </summary>
    public async IAsyncEnumerable<ExpiredSubject> Find([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (scope.Store.Stored.Protection?.Keys is null)
            yield break;
        var pending = new Stack<SubjectPartition>([default]);
        while (pending.TryPop(out var partition))
        {
            var page = await Open(partition, cancellationToken).ConfigureAwait(false);
            foreach (var rest in page.TakeRest())
                pending.Push(rest);
            var (holds, _, _) = await new ErasureLog(scope)
                .ReadHolds(scope.Store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            var held = holds.Select(hold => hold.Subject).ToHashSet(StringComparer.Ordinal);
            foreach (var subject in page.ListSubjects())
            {
                // Without a policy, nothing of the subject has expired.
                if (page.PolicyOf(subject) is not { } policy)
                    continue;
                var isYoung = page.IsYoung(subject);
                var kept = held.Contains(subject) ? "legal hold" : isYoung ? Younger : null;
                yield return new ExpiredSubject(subject, policy, isYoung, kept);
            }
        }
    }

    /// <summary>
    /// Reads the events that were appended since the last call. Returns whether all data of the subject, which
    /// <see cref="Find"/> has just returned, still has expired.
    /// </summary>
    public async Task<bool> HasExpired(string subject, CancellationToken cancellationToken)
    {
        await _page!.ReadNew(mayShrink: false, cancellationToken).ConfigureAwait(false); // Set by Find.
        return !_page.IsYoung(subject);
    }

    /// <summary>Returns the ids of the keys of the values in an event that has encrypted values.</summary>
    public static IReadOnlyList<string> KeyIdsOf(RecordedEvent recorded) =>
        EncryptedValueLocator.Find(recorded.Payload.Span) is { Count: > 0 } found
            ? [.. found.Select(value => value.Text.KeyId).Distinct(StringComparer.Ordinal)]
            : recorded.EncryptionKeyId is { } id ? [id] : [];

    /// <summary>Reads the subjects of a partition, or only new events if the page contains all subjects.</summary>
    private async Task<SubjectPage> Open(SubjectPartition partition, CancellationToken cancellationToken)
    {
        if (_page is not null && _page.Partition == default && partition == default)
        {
            await _page.ReadNew(mayShrink: true, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _page = new SubjectPage(scope, rules, timeOf, now, partition, maxEntries);
            Pages++;
            await _page.Load(cancellationToken).ConfigureAwait(false);
        }
        MaxEntriesInMemory = Math.Max(MaxEntriesInMemory, _page.MaxEntriesInMemory);
        return _page;
    }
}
