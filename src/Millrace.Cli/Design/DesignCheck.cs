namespace Millrace.Cli.Design;

/// <summary>Finds what the lines of a description say about each other that cannot be.</summary>
internal static class DesignCheck
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal",
            "default",
        "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for",
            "foreach", "goto",
        "id", "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object",
            "occurredAt",
        "operator", "out", "override", "params", "private", "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short",
        "state", "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked", "unsafe",
        "ushort", "using", "version", "virtual", "void", "volatile", "while", "at", "raised",
    };

    /// <summary>Whether a name means something in C#, or in what is written of a design.</summary>
    public static bool IsReserved(string name) => Reserved.Contains(name);

    public static IEnumerable<DesignProblem> Problems(DesignFile file) =>
        Twice(file).Concat(file.Entities.SelectMany(entity => OfEntity(file, entity)))
            .Concat(file.Parts.SelectMany(part => part.Attributes.SelectMany(one => OfAttribute(file, one, part.Name))))
            .Concat(file.Queries.SelectMany(query => OfQuery(file, query)));

    private static IEnumerable<DesignProblem> Twice(DesignFile file)
    {
        var names = file.Entities.Select(one => (one.Name, one.Line)).Concat(file.Parts.Select(one => (one.Name, one.Line)))
            .Concat(file.Queries.Select(one => (one.Name, one.Line)));
        foreach (var group in names.GroupBy(one => one.Name, StringComparer.Ordinal).Where(group => group.Skip(1).Any()))
            yield return new(group.Last().Line, $"'{group.Key}' is there twice.", "Give one of them another name.");
        foreach (var entity in file.Entities.Where(one => one.Name == file.Application || one.Name == one.Context))
            yield return new(entity.Line, $"'{entity.Name}' is also the name of its application or context.",
                "Name the context in the plural: Orders.");
    }

    private static IEnumerable<DesignProblem> OfEntity(DesignFile file, Entity entity)
    {
        foreach (var problem in entity.Attributes.SelectMany(one => OfAttribute(file, one, entity.Name)))
            yield return problem;
        foreach (var twice in entity.Attributes.GroupBy(one => one.Name, StringComparer.Ordinal).Where(group => group.Skip(1).Any()))
            yield return new(twice.Last().Line, $"{entity.Name} has '{twice.Key}' twice.", "Leave one of them out.");
        foreach (var attribute in entity.Attributes)
        {
            foreach (var state in attribute.ChangesIn.Where(state => !entity.States.Contains(state)))
                yield return Unknown(attribute.Line, "state", state, entity.States);
            if (attribute.Formula is { } formula && entity.Attributes.Find(one => one.Name == formula.List) is not { IsList: true })
                yield return new(attribute.Line, $"'{formula.List}' is no list of {entity.Name}.", "Name a list: items: list of OrderItem");
        }
        if (entity.Begins is { Length: > 0 } begins && !Words.IsVerb(begins))
            yield return new(entity.Line, $"'{begins}' is no verb that is known.", "Say it in the infinitive: begins: place");
        foreach (var problem in entity.Transitions.SelectMany(one => OfTransition(file, entity, one)))
            yield return problem;
        foreach (var problem in entity.Rules.SelectMany(rule => OfRule(file, entity, rule)))
            yield return problem;
    }

    private static IEnumerable<DesignProblem> OfTransition(DesignFile file, Entity entity, Transition transition)
    {
        if (transition.Verb is { } verb && !Words.IsVerb(verb))
            yield return new(transition.Line, $"'{verb}' is no verb that is known.", "Say it in the infinitive: by cancel");
        else if (transition.Verb is null && Words.VerbOf(transition.To) is null)
            yield return new(
                transition.Line, $"What leads to '{transition.To}' cannot be told from its name.",
                    $"Say the verb: -> {transition.To} by activate");
        foreach (var problem in transition.With.SelectMany(one => OfAttribute(file, one, entity.Name)))
            yield return problem;
        if (transition.With.FirstOrDefault(one => one.IsList || one.Formula is not null) is { } list)
            yield return new(list.Line, $"'{list.Name}' cannot come with a change of state.", "Let it be a single value.");
    }

    private static IEnumerable<DesignProblem> OfRule(DesignFile file, Entity entity, DesignRule rule)
    {
        if (rule.When is { } state && !entity.Transitions.Exists(one => one.To == state))
            yield return Unknown(rule.Line, "state that something leads to", state, entity.States);
        foreach (var condition in rule.Conditions)
        {
            var attribute = entity.Attributes.Find(one => one.Name == condition.Attribute);
            if (attribute is null)
            {
                yield return Unknown(rule.Line, $"attribute of {entity.Name}", condition.Attribute, entity.Attributes.Select(one =>
                    one.Name));
                continue;
            }
            var inner = condition.Inner is null ? null : file.Parts.FirstOrDefault(part => part.Name == attribute.Of)?.Attributes
                .Find(one => one.Name == condition.Inner);
            if (condition.Inner is not null && (inner is null || !attribute.IsList))
                yield return new(rule.Line, $"'{condition.Attribute}.{condition.Inner}' is nothing that is known.",
                    "Name a list and what its parts have.");
            else if (RuleCode.Problem(entity, attribute, inner, condition) is { } problem)
                yield return new(rule.Line, problem, "See docs/reference/design-file.md for what can be compared.");
        }
    }

    private static IEnumerable<DesignProblem> OfAttribute(DesignFile file, DesignAttribute attribute, string owner)
    {
        if (Reserved.Contains(attribute.Name) || string.Equals(attribute.Name, owner, StringComparison.OrdinalIgnoreCase))
            yield return new(attribute.Line, $"'{attribute.Name}' has a meaning of its own.", "Choose another name.");
        if (attribute.IsUnique && attribute.Kind != AttributeKind.Text)
            yield return new(attribute.Line, $"'{attribute.Name}' cannot be unique.", "Let it be a text.");
        if (attribute.Of.Length == 0)
            yield break;
        var parts = file.Parts.Select(part => part.Name);
        var others = file.Entities.Select(entity => entity.Name).Concat(file.Outside);
        if (!parts.Concat(others).Contains(attribute.Of))
            yield return new(
                attribute.Line, $"'{attribute.Of}' is no entity and no part.",
                    $"Describe it, or say that it is somebody else's: outside {attribute.Of}");
        if (attribute.IsOptional && attribute.IsList)
            yield return new(attribute.Line, $"'{attribute.Name}' cannot be optional.",
                "A list may be empty.");
    }

    private static IEnumerable<DesignProblem> OfQuery(DesignFile file, DesignQuery query)
    {
        if (file.Entities.FirstOrDefault(one => one.Name == query.Entity) is not { } entity)
        {
            yield return Unknown(query.Line, "entity", query.Entity, file.Entities.Select(one => one.Name));
            yield break;
        }
        if (query.When is { } state && !entity.Transitions.Exists(one => one.To == state))
            yield return Unknown(query.Line, "state that something leads to", state, entity.States);
        var summed = query.Attribute is null ? null : entity.Attributes.Find(one => one.Name == query.Attribute);
        if (query.Kind == QueryKind.Sum && summed is not { Kind: AttributeKind.Integer or AttributeKind.Number or AttributeKind.Money })
            yield return new(query.Line, $"'{query.Entity}.{query.Attribute}' cannot be summed.", "Name a number: sum Order.total per day");
        if (query is { Kind: QueryKind.Sum, When: null } && summed is { Formula: not null } or { MayChange: true })
            yield return new(query.Line, $"'{query.Attribute}' is not known when {query.Entity} begins.", "Say when it counts: when Paid");
        if (query.Kind is QueryKind.Count or QueryKind.Sum && query.By is not [_])
            yield return new(query.Line, "It does not say what is counted by.", "Write: per day, or per one attribute.");
        foreach (var by in query.By.Where(by => !IsKey(entity, by, query.Kind)))
            yield return new(query.Line, $"'{by}' is nothing that can be asked by.",
                "Name a text, a date, a choice or a reference; state in lists, day in counts.");
    }

    private static bool IsKey(Entity entity, string by, QueryKind kind) =>
        (by == "state" && kind == QueryKind.List && entity.States.Count > 0) || (by == "day" && kind is QueryKind.Count or QueryKind.Sum)
        || entity.Attributes.Exists(one => one.Name == by && one is { IsList: false, Formula: null, IsOptional: false }
            && one.Kind is AttributeKind.Text or AttributeKind.Date or AttributeKind.Choice or AttributeKind.Reference);

    private static DesignProblem Unknown(int line, string what, string name, IEnumerable<string> known)
    {
        var names = known.Distinct().ToList();
        return new(line, $"'{name}' is no {what}.", NearNames.To(name, names) is { } near ? $"Did you mean {near}?"
            : $"There are: {string.Join(", ", names)}.");
    }
}
