namespace Millrace.Cli.Design;

/// <summary>Finds invalid attribute definitions.</summary>
internal static class AttributeCheck
{
    public static IEnumerable<DesignProblem> OfEntity(DesignFile file, Entity entity)
    {
        foreach (var problem in entity.Attributes.SelectMany(one => OfAttribute(file, one, entity.Name)).Concat(
            DuplicateNames(entity.Attributes, entity.Name)))
            yield return problem;
        foreach (var attribute in entity.Attributes)
        {
            foreach (var state in attribute.ChangesIn.Where(state => !entity.States.Contains(state)))
                yield return DesignCheck.Unknown(attribute.Line, "state", state, entity.States);
            if (attribute.Formula is not null && OfFormula(file, entity, attribute, attribute.Formula) is { } problem)
                yield return problem;
        }
    }

    public static IEnumerable<DesignProblem> OfPart(DesignFile file, Part part)
    {
        foreach (var problem in part.Attributes.SelectMany(one => OfAttribute(file, one, part.Name)).Concat(
            DuplicateNames(part.Attributes, part.Name)))
            yield return problem;
        foreach (var attribute in part.Attributes)
        {
            if (attribute.Formula is not null || attribute.IsUnique || attribute.MayChange)
                yield return new(
                    attribute.Line,
                    $"'{attribute.Name}' belongs to a part, which is added and removed as a whole.",
                    "Use a plain value, or make the part an entity.");
            if (file.Parts.Any(other => other.Name == attribute.Of))
                yield return new(
                    attribute.Line,
                    $"'{attribute.Of}' is a part, and a part cannot contain parts.",
                    "List its values instead, or make it an entity.");
        }
    }

    /// <summary>Checks the attributes of a change of state.</summary>
    public static IEnumerable<DesignProblem> ProblemsOfTransition(DesignFile file, Entity entity, Transition transition)
    {
        foreach (var problem in transition.With.SelectMany(one => OfAttribute(file, one, entity.Name)).Concat(
            DuplicateNames(transition.With, "A change of state")))
            yield return problem;
        if (transition.With.FirstOrDefault(one => one.IsList || one.Formula is not null) is { } list)
            yield return new(
                list.Line, $"'{list.Name}' cannot come with a change of state.", "Use a single value.");
        if (transition.With.FirstOrDefault(one => one.MayChange) is { } changing)
            yield return new(
                changing.Line,
                $"'{changing.Name}' comes with a change of state, and only then.",
                "Remove 'may change'.");
        foreach (var attribute in transition.With)
        {
            if (entity
                    .Attributes.Concat(entity.Transitions.SelectMany(other => other.With))
                    .FirstOrDefault(other => other.Name == attribute.Name && !IsSame(attribute, other)) is
                { } differing)
                yield return new(
                    attribute.Line,
                    $"'{attribute.Name}' has another type on line {differing.Line}.",
                    "Rename one of them.");
        }
    }

    /// <summary>Returns true when two attributes with the same name have the same definition.</summary>
    public static bool IsSame(DesignAttribute one, DesignAttribute other) =>
        one.Kind == other.Kind && one.Of == other.Of && one.IsList == other.IsList && one.IsOptional == other.IsOptional
        && one.Formula is null == other.Formula is null && one.Choices.SequenceEqual(other.Choices);

    private static IEnumerable<DesignProblem> DuplicateNames(IEnumerable<DesignAttribute> attributes, string owner) =>
        attributes
            .GroupBy(one => one.Name, StringComparer.Ordinal)
            .Where(group => group.Skip(1).Any())
            .Select(twice => new DesignProblem(
                twice.Last().Line, $"{owner} has '{twice.Key}' twice.", "Remove one of them."));

    private static IEnumerable<DesignProblem> OfAttribute(DesignFile file, DesignAttribute attribute, string owner)
    {
        if (ReservedNames.IsReservedAttribute(attribute.Name)
            || string.Equals(attribute.Name, owner, StringComparison.OrdinalIgnoreCase))
            yield return new(attribute.Line, $"'{attribute.Name}' is a reserved name.", "Choose another name.");
        if (attribute.IsUnique && attribute.Kind != AttributeKind.Text)
            yield return new(attribute.Line, $"'{attribute.Name}' cannot be unique.", "Only a text can be unique.");
        if (attribute
                .Choices.GroupBy(one => one, StringComparer.Ordinal)
                .FirstOrDefault(group => group.Skip(1).Any()) is
            { } twice)
            yield return new(attribute.Line, $"'{twice.Key}' is listed twice.", "Remove one of them.");
        if (attribute.IsOptional && attribute.IsList)
            yield return new(attribute.Line, $"'{attribute.Name}' cannot be optional.",
                "Remove 'optional': a list may be empty.");
        if (attribute.Of.Length == 0)
            yield break;
        var known = file.Parts.Select(part => part.Name).Concat(file.Entities.Select(entity => entity.Name))
            .Concat(file.Outside.Select(outside => outside.Name));
        if (!known.Contains(attribute.Of))
            yield return new(
                attribute.Line, $"'{attribute.Of}' is neither an entity nor a part.",
                    $"Describe it, or declare it as external: outside {attribute.Of}");
    }

    private static DesignProblem? OfFormula(
        DesignFile file, Entity entity, DesignAttribute attribute, DesignFormula formula)
    {
        DesignProblem Wrong(string message, string remedy) => new(attribute.Line, message, remedy);

        if (attribute.IsOptional || attribute.IsUnique || attribute.MayChange)
            return Wrong(
                $"'{attribute.Name}' is calculated and cannot have other options.",
                "Remove 'optional', 'unique' and 'may change'.");
        if (attribute.Kind is not (AttributeKind.Integer or AttributeKind.Number or AttributeKind.Money)
            || attribute.IsList)
            return Wrong(
                $"'{attribute.Name}' is calculated and must be numeric.", "Use integer, number or money.");
        if (entity.Attributes.Find(one => one.Name == formula.List) is not { IsList: true } list)
            return Wrong($"'{formula.List}' is not a list of {entity.Name}.", "Use a list: items: list of OrderItem");
        if (formula.IsCount)
            return null;
        var part = file.Parts.FirstOrDefault(one => one.Name == list.Of);
        foreach (var factor in formula.Factors)
        {
            var found = part?.Attributes.Find(one => one.Name == factor);
            if (found is not
                {
                    IsList: false,
                    IsOptional: false,
                    Kind: AttributeKind.Integer or AttributeKind.Number or AttributeKind.Money
                })
                return Wrong(
                    $"'{formula.List}.{factor}' is not a required number.",
                    "Use required numbers of the list's parts.");
            if (attribute.Kind == AttributeKind.Integer && found.Kind != AttributeKind.Integer)
                return Wrong(
                    $"'{formula.List}.{factor}' is not an integer, so the sum is not an integer either.",
                    $"Use the type number for '{attribute.Name}'.");
        }
        return null;
    }
}
