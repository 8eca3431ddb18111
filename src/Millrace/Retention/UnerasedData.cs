using Millrace.Erasing;

namespace Millrace.Retention;

/// <summary>
/// Keeps streams with personal data that a policy erases but that is not erased yet. Without these streams, no later
/// run would find the data subject.
/// </summary>
/// <param name="scope">The store.</param>
/// <param name="rules">The policies that the run respects.</param>
/// <param name="allowed">The subjects whose streams may be removed: their other data has not expired, or a run erases
/// them first.</param>
internal sealed class UnerasedData(ErasureScope scope, IReadOnlyList<RetentionRules> rules, NameSet allowed)
{
    private const string Unknown = "may contain personal data that is not erased yet; only the application erases it";
    private const string Unerased = "contains personal data that is not erased yet";

    /// <summary>Returns the reason why the removed part of a stream is kept; null if it is not kept.</summary>
    public async ValueTask<string?> FindReason(StreamVerdict verdict, CancellationToken cancellationToken)
    {
        var category = new StreamId(verdict.Name).Category;
        if (!verdict.Part.Types.Any(type => Erases(type, category)))
            return null;
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var events = StoredStream.Read(scope, verdict.Stream, verdict.Part.LastVersion, cancellationToken);
        await foreach (var recorded in events.ConfigureAwait(false))
        {
            if (recorded.EncryptionKeyId is not null && Erases(recorded.Type, category))
                ids.UnionWith(SubjectPlanner.KeyIdsOf(recorded));
        }
        if (ids.Count == 0)
            return null;
        if (scope.Store.Stored.Protection?.Keys is not { } keys)
            return Unknown;
        await foreach (var record in keys.FindRecords(ids, cancellationToken).ConfigureAwait(false))
        {
            if (record.State != KeyState.Destroyed && record.Owner.Subject.Length > 0
                && !allowed.Contains(record.Owner.Subject))
                return Unerased;
        }
        return null;
    }

    private bool Erases(string type, string category) =>
        rules.Any(own => own.For(type, category)?.EraseAfter is not null);
}
