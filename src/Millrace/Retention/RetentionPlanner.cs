using System.Runtime.CompilerServices;
using Millrace.Erasing;
using Millrace.Store;

namespace Millrace.Retention;

/// <summary>Finds the streams with expired events.</summary>
/// <param name="scope">The store.</param>
/// <param name="evaluator">Decides about a stream.</param>
/// <param name="check">Throws if the run was stopped. It is called from time to time.</param>
internal sealed class RetentionPlanner(
    ErasureScope scope, RunEvaluator evaluator, Func<CancellationToken, ValueTask> check)
{
    private const int StreamsPerFacts = 1_000;

    /// <summary>Counts what the policies erase, remove and keep, without any change.</summary>
    /// <param name="subjects">Finds the subjects; null if the run erases nothing.</param>
    /// <param name="canErase">Whether the program can erase.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<RetentionTally> Count(
        SubjectPlanner? subjects, bool canErase, CancellationToken cancellationToken)
    {
        var tally = await CreateTally(cancellationToken).ConfigureAwait(false);
        var allowed = subjects is null
            ? new NameSet()
            : await CountSubjects(subjects, canErase, tally, cancellationToken).ConfigureAwait(false);
        var unerased = new UnerasedData(scope, evaluator.AllRules, allowed);
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

    /// <summary>Counts the subjects. Returns those whose streams may be removed.</summary>
    private static async Task<NameSet> CountSubjects(
        SubjectPlanner subjects, bool canErase, RetentionTally tally, CancellationToken cancellationToken)
    {
        var allowed = new NameSet();
        await foreach (var subject in subjects.Find(cancellationToken).ConfigureAwait(false))
        {
            var kept = subject.Kept ?? (canErase ? null : RetentionEraser.NeedsApplication);
            if (kept is null)
                tally.AddErased(subject.Policy);
            else
                tally.AddKept(subject.Policy, kept, subject.Subject);
            if (kept is null || subject.IsYoung)
                allowed.Add(subject.Subject);
        }
        return allowed;
    }

    /// <summary>
    /// Creates a tally with all policies that remove data, and a warning if no stream has the category of a policy.
    /// </summary>
    public async ValueTask<RetentionTally> CreateTally(CancellationToken cancellationToken)
    {
        var tally = new RetentionTally();
        foreach (var rule in evaluator.Rules.All)
        {
            if (!rule.OnlyProtects && (rule.Removes || rule.EraseAfter is not null))
            {
                tally.Add(rule.ToString());
                if (rule.Target == RetentionTarget.Category && await StreamCategories.FindProblem(
                    scope.Store, scope.Prefix, rule.Name, cancellationToken)
                    .ConfigureAwait(false) is { } problem)
                    tally.Warn(rule.ToString(), problem);
            }
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
            {
                await check(cancellationToken).ConfigureAwait(false);
                facts = await RetentionFacts.Read(scope, cancellationToken).ConfigureAwait(false);
            }
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
