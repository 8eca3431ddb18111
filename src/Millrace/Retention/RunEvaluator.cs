using Millrace.Erasing;

namespace Millrace.Retention;

/// <summary>
/// Decides which events of a stream a run removes. A run that continues with other policies than it started with
/// removes only what both the recorded and the declared policies remove.
/// </summary>
/// <param name="scope">The store.</param>
/// <param name="recorded">The policies by which the run started.</param>
/// <param name="declared">The policies that are declared now; null if they are the same.</param>
/// <param name="before">The policy of a removal before a date; null for a run of the policies.</param>
/// <param name="now">The time at which data must have expired.</param>
internal sealed class RunEvaluator(
    ErasureScope scope,
    RetentionDeclaration recorded,
    RetentionDeclaration? declared,
    RetentionRule? before,
    DateTimeOffset now)
{
    /// <summary>The reason of kept data that has expired only by the policies with which the run started.</summary>
    public const string KeptNow = "kept by the policies that are declared now";

    private readonly StreamEvaluator _recorded = new(scope, With(recorded, before, scope.Tenant), now);
    private readonly StreamEvaluator? _declared =
        declared is null ? null : new(scope, With(declared, before, scope.Tenant), now);

    /// <summary>Gets the policies by which the run removes data.</summary>
    public RetentionRules Rules => _recorded.Rules;

    /// <summary>Gets all policies that the run respects, also those that it does not carry out.</summary>
    public IReadOnlyList<RetentionRules> AllRules { get; } = declared is null
        ? [new RetentionRules(recorded, scope.Tenant)]
        : [new RetentionRules(recorded, scope.Tenant), new RetentionRules(declared, scope.Tenant)];

    /// <summary>Returns the decision about a stream; null if nothing in it has expired.</summary>
    public async ValueTask<StreamVerdict?> Evaluate(
        StreamInfo stream, RetentionFacts facts, CancellationToken cancellationToken)
    {
        var verdict = await _recorded.Evaluate(stream, facts, cancellationToken).ConfigureAwait(false);
        if (_declared is null || verdict is null or { Kept: not null })
            return verdict;
        var other = await _declared.Evaluate(stream, facts, cancellationToken).ConfigureAwait(false);
        return other is null or { Kept: not null }
            ? verdict with { Kept = other?.Kept ?? KeptNow }
            : CommonOf(verdict, other);
    }

    /// <summary>Creates an object that finds the data subjects whose personal data has expired.</summary>
    /// <returns>Null if no policy erases personal data, and for a removal before a date.</returns>
    public SubjectPlanner? CreateSubjectPlanner() =>
        before is null && Rules.Erases ? new SubjectPlanner(scope, AllRules, _recorded.TimeOf, now) : null;

    /// <summary>
    /// Returns the policies of a removal before a date: its own policy, and those of event types, which protect
    /// streams. A removal that continues after the category was kept removes nothing more.
    /// </summary>
    private static RetentionDeclaration With(RetentionDeclaration declaration, RetentionRule? before, string tenant)
    {
        if (before is null)
            return declaration;
        var protecting = declaration.Rules.Where(rule => rule.Target == RetentionTarget.EventType)
            .Select(rule => rule with { OnlyProtects = true });
        var isKept = new RetentionRules(declaration, tenant).ForCategory(before.Name)
            is { Action: RetentionAction.Keep };
        return declaration with { Rules = isKept ? [.. protecting] : [.. protecting, before] };
    }

    /// <summary>
    /// Returns the events that both decisions remove. Both remove the first events of the stream. They are archived if
    /// one of the policies archives them.
    /// </summary>
    private static StreamVerdict CommonOf(StreamVerdict verdict, StreamVerdict other) => verdict with
    {
        Part = other.Part.LastVersion < verdict.Part.LastVersion ? other.Part : verdict.Part,
        Rule = verdict.Rule.Action != RetentionAction.Archive && other.Rule.Action == RetentionAction.Archive
            ? other.Rule
            : verdict.Rule,
        ReadModels =
        [
            .. verdict.ReadModels.Union(other.ReadModels, StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ],
    };
}
