namespace Millrace.Cli.Design;

/// <summary>Finds what is said of changes of state that cannot be.</summary>
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
            // One event cannot ask for something in one state and not in another.
            var first = group.First().Transition;
            if (group.FirstOrDefault(one => !IsSame(one.Transition.With, first.With)).Transition is { } differing)
                yield return new(
                    differing.Line,
                    $"To '{group.Key.Verb}' brings something else on line {first.Line}.",
                    $"Let it bring the same, or name another verb: -> {group.Key.To} by ...");
        }
    }

    private static bool IsSame(IReadOnlyList<DesignAttribute> one, IReadOnlyList<DesignAttribute> other) =>
        one.Count == other.Count
        && one.Zip(other)
            .All(pair => pair.First.Name == pair.Second.Name && AttributeCheck.IsSame(pair.First, pair.Second));
}
