using System.Runtime.CompilerServices;
using Millrace.Erasing;

namespace Millrace.Retention;

/// <summary>Finds the streams with expired events.</summary>
internal sealed class RetentionPlanner(ErasureScope scope, StreamEvaluator evaluator)
{
    private const int StreamsPerFacts = 1_000;

    /// <summary>Counts what the policies remove and keep, without any change.</summary>
    public async Task<RetentionTally> Count(CancellationToken cancellationToken)
    {
        var tally = CreateTally();
        await foreach (var verdict in Find(cancellationToken).ConfigureAwait(false))
        {
            if (verdict.Kept is { } reason)
                tally.AddKept(verdict.Rule.ToString(), reason, verdict.Name);
            else
                tally.AddRemoved(
                    verdict.Rule.ToString(), verdict.Part.Events, verdict.Part.Bytes, verdict.ReadModels);
        }
        foreach (var (subject, policy, kept) in await evaluator.FindSubjects(cancellationToken).ConfigureAwait(false))
        {
            if (kept is null)
                tally.AddErased(policy);
            else
                tally.AddKept(policy, kept, subject);
        }
        return tally;
    }

    /// <summary>Creates a tally with all policies that remove data.</summary>
    public RetentionTally CreateTally()
    {
        var tally = new RetentionTally();
        foreach (var rule in evaluator.Rules.All.Where(rule => rule.Removes || rule.EraseAfter is not null))
            tally.Add(rule.ToString());
        return tally;
    }

    /// <summary>Finds the streams with expired events, in the order of their names.</summary>
    public async IAsyncEnumerable<StreamVerdict> Find([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RetentionFacts? facts = null;
        var inspected = 0;
        await foreach (var stream in ListStreams(cancellationToken).ConfigureAwait(false))
        {
            if (facts is null || inspected++ % StreamsPerFacts == 0)
                facts = await RetentionFacts.Read(scope, cancellationToken).ConfigureAwait(false);
            if (await evaluator.Evaluate(stream, facts, cancellationToken).ConfigureAwait(false) is { } verdict)
                yield return verdict;
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
