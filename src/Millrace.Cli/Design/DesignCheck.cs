using Millrace.Shared.Settings;

namespace Millrace.Cli.Design;

/// <summary>Finds contradictions between the lines of a description.</summary>
internal static class DesignCheck
{
    public static IEnumerable<DesignProblem> Problems(DesignFile file) =>
        DuplicateNames(file).Concat(file.Entities.SelectMany(entity => OfEntity(file, entity)))
            .Concat(file.Parts.SelectMany(part => AttributeCheck.OfPart(file, part)))
            .Concat(file.Queries.SelectMany(query => OfQuery(file, query)));

    private static IEnumerable<DesignProblem> DuplicateNames(DesignFile file)
    {
        var names = file
            .Entities.Select(one => (one.Name, one.Line))
            .Concat(file.Parts.Select(one => (one.Name, one.Line)))
            .Concat(file.Queries.Select(one => (one.Name, one.Line)));
        foreach (
            var group in names.GroupBy(one => one.Name, StringComparer.Ordinal).Where(group => group.Skip(1).Any()))
            yield return new(group.Last().Line, $"'{group.Key}' is defined twice.", "Rename one of them.");
        foreach (var entity in file.Entities.Where(one => one.Name == file.Application || one.Name == one.Context))
            yield return new(entity.Line, $"'{entity.Name}' is also the name of its application or context.",
                "Use the plural for the context: Orders.");
    }

    private static IEnumerable<DesignProblem> OfEntity(DesignFile file, Entity entity)
    {
        foreach (var problem in AttributeCheck.OfEntity(file, entity))
            yield return problem;
        if (entity.Begins is { } begins && !NameInflector.IsVerb(begins.Verb))
            yield return new(
                begins.Line, $"'{begins.Verb}' is not a known verb.", "Use the infinitive: begins: place");
        foreach (var problem in entity.Transitions.SelectMany(one => OfTransition(entity, one)))
            yield return problem;
        foreach (var problem in TransitionCheck.Problems(file, entity))
            yield return problem;
        foreach (var problem in entity.Rules.SelectMany(rule => OfRule(file, entity, rule)))
            yield return problem;
    }

    private static IEnumerable<DesignProblem> OfTransition(Entity entity, Transition transition)
    {
        if (transition.Verb is { } verb && !NameInflector.IsVerb(verb))
            yield return new(
                transition.Line, $"'{verb}' is not a known verb.", "Use the infinitive: by cancel");
        else if (transition.Verb is null && NameInflector.VerbOf(transition.To) is null)
            yield return new(
                transition.Line, $"The verb for '{transition.To}' cannot be derived from its name.",
                    $"Specify the verb: -> {transition.To} by activate");
    }

    private static IEnumerable<DesignProblem> OfRule(DesignFile file, Entity entity, DesignRule rule)
    {
        if (rule.When is { } state && !entity.Transitions.Exists(one => one.To == state))
            yield return Unknown(rule.Line, "reachable state", state, entity.States);
        foreach (var condition in rule.Conditions)
        {
            var attribute = entity.Attributes.Find(one => one.Name == condition.Attribute);
            if (attribute is null)
            {
                yield return UnsetAttributeProblem(entity, condition.Attribute, rule.Line)
                    ?? Unknown(
                        rule.Line,
                        $"attribute of {entity.Name}",
                        condition.Attribute,
                        entity.Attributes.Select(one => one.Name));
                continue;
            }
            var inner = condition.Inner is null
                ? null
                : file
                    .Parts.FirstOrDefault(part => part.Name == attribute.Of)
                    ?.Attributes.Find(one => one.Name == condition.Inner);
            if (condition.Inner is not null && (inner is null || !attribute.IsList))
                yield return new(rule.Line, $"'{condition.Attribute}.{condition.Inner}' is unknown.",
                    "Use a list and an attribute of its parts.");
            else if (RuleCode.Problem(entity, attribute, inner, condition) is { } problem)
                yield return new(rule.Line, problem, "See docs/reference/design-file.md for what can be compared.");
        }
    }

    private static IEnumerable<DesignProblem> OfQuery(DesignFile file, DesignQuery query)
    {
        if (file.Entities.FirstOrDefault(one => one.Name == query.Entity) is not { } entity)
        {
            yield return Unknown(query.Line, "entity", query.Entity, file.Entities.Select(one => one.Name));
            yield break;
        }
        if (query.When is { } state && !entity.Transitions.Exists(one => one.To == state))
            yield return Unknown(query.Line, "reachable state", state, entity.States);
        foreach (var problem in query.Kind == QueryKind.Sum ? OfSum(entity, query) : OfWholeEntity(query))
            yield return problem;
        if (query.Kind is QueryKind.Count or QueryKind.Sum && query.By is not [_])
            yield return new(
                query.Line, "The grouping of the count is missing.", "Write: per day, or per one attribute.");
        foreach (var by in query.By.Where(by => !CanBeKey(entity, by, query.Kind)))
            yield return new(query.Line, $"'{by}' cannot be used in a query.",
                "Use a text, a date, a choice or a reference, 'state' in lists, or 'day' in counts.");
    }

    private static IEnumerable<DesignProblem> OfSum(Entity entity, DesignQuery query)
    {
        var summed = query.Attribute is null ? null : entity.Attributes.Find(one => one.Name == query.Attribute);
        if (summed is null
            && query.Attribute is { } name
            && UnsetAttributeProblem(entity, name, query.Line) is { } problem)
        {
            yield return problem;
            yield break;
        }
        if (summed is not
            {
                IsList: false,
                IsOptional: false,
                Kind: AttributeKind.Integer or AttributeKind.Number or AttributeKind.Money
            })
            yield return new(query.Line, $"'{query.Entity}.{query.Attribute}' cannot be summed.",
                "Use a number: sum Order.total per day");
        if (query.When is null && summed is { Formula: not null } or { MayChange: true })
            yield return new(
                query.Line,
                $"'{query.Attribute}' is not known when {query.Entity} is created.",
                "Specify when it counts: when Paid");
    }

    private static IEnumerable<DesignProblem> OfWholeEntity(DesignQuery query)
    {
        var kind = query.Kind.ToString().ToLowerInvariant();
        if (query.Attribute is not null)
            yield return new(query.Line, $"'{kind}' applies to a whole entity.", $"Write: {kind} {query.Entity}");
        if (query is { When: not null, Kind: QueryKind.One or QueryKind.List })
            yield return new(query.Line, $"'{kind}' has no 'when'.", "List by state: list Order by state");
        if (query is { Kind: QueryKind.One, By.Count: > 0 })
            yield return new(
                query.Line, "'one' finds an entity by its id.",
                $"Write: one {query.Entity}, or: list {query.Entity} by ...");
    }

    private static bool CanBeKey(Entity entity, string by, QueryKind kind) =>
        (by == "state" && kind == QueryKind.List && entity.States.Count > 0)
        || (by == "day" && kind is QueryKind.Count or QueryKind.Sum)
        || entity.Attributes.Exists(one =>
            one.Name == by
            && one is { IsList: false, Formula: null, IsOptional: false }
            && one.Kind is AttributeKind.Text or AttributeKind.Date or AttributeKind.Choice or AttributeKind.Reference);

    /// <summary>
    /// Returns the problem with an attribute that belongs only to a change of state. The event contains the attribute,
    /// but the entity does not. Returns null for other attributes.
    /// </summary>
    private static DesignProblem? UnsetAttributeProblem(Entity entity, string attribute, int line) =>
        entity.Transitions.Find(one => one.With.Any(with => with.Name == attribute)) is { } transition
            ? new(
                line,
                $"'{attribute}' comes with {transition.To} (line {transition.Line}), and {entity.Name} does not keep "
                    + "it.",
                $"Describe it as an attribute as well: {attribute}: money may change")
            : null;

    /// <summary>Returns the problem with an unknown name, and suggests another name.</summary>
    public static DesignProblem Unknown(int line, string kindOfName, string name, IEnumerable<string> known)
    {
        var names = known.Distinct().ToList();
        if (names.Count == 0)
            return new(line, $"'{name}' is not a {kindOfName}.", "None is defined. Define it.");
        return new(
            line,
            $"'{name}' is not a {kindOfName}.",
            NameSuggestions.To(name, names) is { } similar
                ? $"Did you mean {similar}?"
                : $"Available: {string.Join(", ", names)}.");
    }
}
