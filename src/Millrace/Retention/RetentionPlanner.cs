using System.Runtime.CompilerServices;
using Millrace.Erasing;

namespace Millrace.Retention;

/// <summary>Finds the streams with expired events.</summary>
internal sealed class RetentionPlanner(ErasureScope scope, StreamEvaluator evaluator)
{
    private const int StreamsPerFacts = 1_000;

    /// <summary>Counts what the policies erase, remove and keep, without any change.</summary>
    /// <param name="rules">The declared policies.</param>
    /// <param name="subjects">Finds the subjects; null if the run erases nothing.</param>
    /// <param name="canErase">Whether the program can erase.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<RetentionTally> Count(
        RetentionRules rules, SubjectPlanner? subjects, bool canErase, CancellationToken cancellationToken)
    {
        var tally = CreateTally();
        var allowed = new HashSet<string>(StringComparer.Ordinal);
        var found = subjects is null ? [] : await subjects.Find(cancellationToken).ConfigureAwait(false);
        foreach (var subject in found)
        {
            var kept = subject.Kept ?? (canErase ? null : RetentionEraser.NeedsApplication);
            if (kept is null)
                tally.AddErased(subject.Policy);
            else
                tally.AddKept(subject.Policy, kept, subject.Subject);
            if (kept is null || subject.IsYoung)
                allowed.Add(subject.Subject);
        }
        var unerased = new UnerasedData(scope, rules, allowed);
        await foreach (var verdict in Find(unerased, cancellationToken).ConfigureAwait(false))
        {
            if (verdict.Kept is { } reason)
                tally.AddKept(verdict.Rule.ToString(), reason, verdict.Name);
            else
                tally.AddRemoved(
                    verdict.Rule.ToString(), verdict.Part.Events, verdict.Part.Bytes, verdict.ReadModels);
        }
        return tally;
    }

    /// <summary>Creates a tally with all policies that remove data.</summary>
    public RetentionTally CreateTally()
    {
        var tally = new RetentionTally();
        foreach (var rule in evaluator.Rules.All)
        {
            if (!rule.OnlyProtects && (rule.Removes || rule.EraseAfter is not null))
                tally.Add(rule.ToString());
        }
        return tally;
    }

    /// <summary>Finds the streams with expired events, in the order of their names.</summary>
    /// <param name="unerased">Keeps streams with data that must be erased first.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async IAsyncEnumerable<StreamVerdict> Find(
        UnerasedData unerased, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RetentionFacts? facts = null;
        var inspected = 0;
        await foreach (var stream in ListStreams(cancellationToken).ConfigureAwait(false))
        {
            if (inspected++ % StreamsPerFacts == 0 || facts is null)
                facts = await RetentionFacts.Read(scope, cancellationToken).ConfigureAwait(false);
            if (await evaluator.Evaluate(stream, facts, cancellationToken).ConfigureAwait(false) is not { } found)
                continue;
            yield return found.Kept is null
                ? found with { Kept = await unerased.FindReason(found, cancellationToken).ConfigureAwait(false) }
                : found;
        }
    }

    private async IAsyncEnumerable<StreamInfo> ListStreams([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var category in evaluator.Rules.Categories ?? [""])
        {
            await foreach (var stream in scope.Store.ListStreams(scope.ToStored(category), cancellationToken)
                .ConfigureAwait(false))
            {
                if (category.Length == 0 || new StreamId(scope.ToOwn(stream.Stream.Value)).Category == category)
                    yield return stream;
            }
        }
    }
}
