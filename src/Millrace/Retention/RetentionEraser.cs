using System.Security.Cryptography;
using System.Text;
using Millrace.Events;

namespace Millrace.Retention;

/// <summary>Erases personal data that has expired. Each erasure has its own record and its own certificate.</summary>
/// <param name="erasures">The erasures; null if the program cannot erase.</param>
/// <param name="log">The events of retention.</param>
/// <param name="afterStep">A hook for tests.</param>
internal sealed class RetentionEraser(Erasures? erasures, RetentionLog log, Action<string>? afterStep)
{
    /// <summary>Erases the personal data that has expired, subject by subject, each with its own certificate.</summary>
    public async Task EraseAll(
        string id,
        RetentionRecord record,
        StreamEvaluator evaluator,
        RetentionTally kept,
        CancellationToken cancellationToken)
    {
        await RecordInterrupted(id, record, cancellationToken).ConfigureAwait(false);
        foreach (var (subject, policy, reason) in await evaluator.FindSubjects(cancellationToken).ConfigureAwait(false))
        {
            if (reason is not null || erasures is null)
            {
                kept.AddKept(policy, reason ?? "only the application, with AddErasures, erases personal data", subject);
                continue;
            }
            // The same subject in the same run is the same erasure, which a repeated call continues.
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{id}/{subject}"));
            var erasure = "retention-" + Convert.ToHexStringLower(hash.AsSpan(0, 16));
            var refusal = await Erase(erasures, erasure, subject, ReasonOf(id, policy), record.By,
                cancellationToken).ConfigureAwait(false);
            afterStep?.Invoke("erasure-ended");
            if (refusal is not null)
            {
                kept.AddKept(policy, refusal, subject);
                continue;
            }
            await RecordErased(id, record, policy, subject, erasure, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Records the erasures of the run that ended without a record, because the node stopped.</summary>
    private async Task RecordInterrupted(string id, RetentionRecord record, CancellationToken cancellationToken)
    {
        if (erasures is null || !record.WasInterrupted)
            return;
        var prefix = ReasonOf(id, "");
        foreach (var found in await erasures.List(cancellationToken).ConfigureAwait(false))
        {
            var request = found.Request;
            if (!request.Reason.StartsWith(prefix, StringComparison.Ordinal) || record.Erasures.Contains(request.Id)
                || found.State is ErasureState.Requested or ErasureState.Found or ErasureState.Refused)
                continue;
            var ended = await erasures.CarryOut(request.Id, cancellationToken).ConfigureAwait(false);
            if (ended.State != ErasureState.Refused)
                await RecordErased(
                    id, record, request.Reason[prefix.Length..], request.Subject, request.Id, cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    private async Task RecordErased(
        string id,
        RetentionRecord record,
        string policy,
        string subject,
        string erasure,
        CancellationToken cancellationToken)
    {
        var note = new RetentionNote { By = record.By, Policy = policy, Subject = subject, Erasure = erasure };
        await log.AppendNext(id, record, RetentionEvents.Erased, note, cancellationToken).ConfigureAwait(false);
        afterStep?.Invoke(RetentionEvents.Erased);
    }

    private static string ReasonOf(string id, string policy) => $"retention run {id}: {policy}";

    /// <summary>Requests, approves and carries out an erasure. Returns the reason if it is refused.</summary>
    private static async Task<string?> Erase(
        Erasures erasures, string id, string subject, string reason, string by, CancellationToken cancellationToken)
    {
        var request = new ErasureRequest(id, subject, reason, by);
        var requested = await erasures.Request(request, cancellationToken).ConfigureAwait(false);
        if (requested.State == ErasureState.Refused)
            return requested.Refusal;
        await erasures.Approve(id, by, cancellationToken).ConfigureAwait(false);
        var ended = await erasures.CarryOut(id, cancellationToken).ConfigureAwait(false);
        return ended.State == ErasureState.Refused ? ended.Refusal : null;
    }
}
