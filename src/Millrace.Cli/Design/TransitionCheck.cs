namespace Millrace.Cli.Design;

/// <summary>Finds invalid changes of state.</summary>
internal static class TransitionCheck
{
    public static IEnumerable<DesignProblem> Problems(DesignFile file, Entity entity)
    {
        foreach (
            var problem in entity.Transitions.SelectMany(one => AttributeCheck.ProblemsOfTransition(file, entity, one)))
            yield return problem;
        var named = entity.Transitions.Select(one => (Transition: one, Verb: one.Verb ?? NameInflector.VerbOf(one.To)));
        foreach (var group in named.Where(one => one.Verb is not null).GroupBy(one => (one.Transition.To, one.Verb)))
        {
            // One event cannot require an attribute in one state and not in another.
            var first = group.First().Transition;
            if (group.FirstOrDefault(one => !IsSame(one.Transition.With, first.With)).Transition is { } differing)
                yield return new(
                    differing.Line,
                    $"'{group.Key.Verb}' has other attributes on line {first.Line}.",
                    $"Use the same attributes, or another verb: -> {group.Key.To} by ...");
        }
    }

    private static bool IsSame(IReadOnlyList<DesignAttribute> one, IReadOnlyList<DesignAttribute> other) =>
        one.Count == other.Count
        && one.Zip(other)
            .All(pair => pair.First.Name == pair.Second.Name && AttributeCheck.IsSame(pair.First, pair.Second));
}
