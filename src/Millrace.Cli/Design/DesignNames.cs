namespace Millrace.Cli.Design;

/// <summary>
/// Finds the names that the project of a proposal would declare twice, or that would mean something else where they
/// stand: what is proposed must compile.
/// </summary>
internal sealed class DesignNames(DesignProposal proposal)
{
    private DesignFile File => proposal.File;

    public IEnumerable<DesignProblem> Problems() =>
        Reserved()
            .Concat(DuplicateNames(Types(), StringComparer.OrdinalIgnoreCase))
            .Concat(DuplicateNames(StoredReadModels(), StringComparer.Ordinal))
            .Concat(proposal.Aggregates.SelectMany(Members))
            .Concat(proposal.ReadModels.SelectMany(Columns));

    private IEnumerable<DesignProblem> Reserved() =>
        DeclaredNames()
            .Where(one => ReservedNames.IsType(one.Name))
            .DistinctBy(one => one.Name)
            .Select(one => new DesignProblem(
                one.Line, $"'{one.Name}' has a meaning of its own.", "Choose another name."));

    /// <summary>The names that the description says itself.</summary>
    private IEnumerable<(string Name, int Line)> DeclaredNames() =>
        File
            .Entities.SelectMany(one => new[] { (one.Name, one.Line), (one.Context, one.Line) })
            .Prepend((File.Application, 1))
            .Concat(File.Parts.Select(one => (one.Name, one.Line)))
            .Concat(File.Queries.Select(one => (one.Name, one.Line)));

    private static IEnumerable<DesignProblem> DuplicateNames(
        IEnumerable<DeclaredName> names, StringComparer comparer) =>
        names
            .GroupBy(one => one.Name, comparer)
            .Where(group => group.Skip(1).Any())
            .Select(group =>
            {
                var all = group.OrderBy(one => one.Line).ToList();
                return new DesignProblem(
                    all[^1].Line,
                    $"'{all[^1].Name}' would be {all[0].What} (line {all[0].Line}) and {all[^1].What}.",
                    all[^1].Cure);
            });

    /// <summary>All types and namespaces: pages of the project see those of all contexts.</summary>
    private IEnumerable<DeclaredName> Types()
    {
        const string Name = "Give one of them another name.";
        yield return new(File.Application, 1, "the application", Name);
        yield return new(File.Application + "Model", 1, "the model", Name);
        foreach (var context in proposal.Contexts)
            yield return new(context.Name, context.Aggregates[0].Of.Line, "a context", Name);
        foreach (var outside in File.Outside)
            yield return new(
                outside.Name + "Id",
                outside.Line,
                $"the id of what is outside, {outside.Name}",
                "Leave one of them out.");
        foreach (var part in File.Parts)
            yield return new(part.Name, part.Line, "a part", Name);
        foreach (var (owner, choice) in File.Parts.SelectMany(part => part.Attributes.Select(one => (part.Name, one))))
        {
            if (choice.Kind == AttributeKind.Choice)
                yield return new(
                    owner + NameInflector.Pascal(choice.Name), choice.Line, $"what {choice.Name} can be", Name);
        }
        foreach (var declared in proposal
                .Aggregates.SelectMany(OfAggregate)
                .Concat(proposal.ReadModels.SelectMany(OfReadModel)))
            yield return declared;
    }

    private static IEnumerable<DeclaredName> OfAggregate(AggregateProposal aggregate)
    {
        var entity = aggregate.Of;
        yield return new(entity.Name, entity.Line, "an entity", "Give it another name.");
        foreach (var more in (string[])[aggregate.Id, entity.Name + "Handlers", entity.Name + "Tests"])
            yield return new(more, entity.Line, $"what belongs to {entity.Name}", "Give it another name.");
        if (entity.States.Count > 0)
            yield return new(aggregate.State, entity.Line, $"the state of {entity.Name}", "Give it another name.");
        var all = entity.Attributes.Concat(Project.ReadModelCode.Extras(aggregate));
        foreach (var choice in all.Where(one => one.Kind == AttributeKind.Choice))
            yield return new(
                entity.Name + NameInflector.Pascal(choice.Name),
                choice.Line,
                $"what {choice.Name} can be",
                "Give it another name.");
        foreach (var step in aggregate.Steps)
        {
            var what =
                step.Kind == StepKind.Begin ? $"how {entity.Name} begins"
                : step.To is { } to ? $"what leads to {to}"
                : $"what changes {step.Given[0].Name}";
            var cure = step.Kind == StepKind.Begin ? "Say another verb: begins: VERB" : step.To is { } state
                ? $"Say another verb: -> {state} by VERB, or begins: VERB" : "Give the attribute another name.";
            yield return new(step.Event, step.Line, what, cure);
            yield return new(step.Command, step.Line, what, cure);
        }
    }

    private static IEnumerable<DeclaredName> OfReadModel(ReadModelProposal model)
    {
        var line = model.Query?.Line ?? model.Entity.Of.Line;
        var owner = model.Query is { } counted ? counted.Name : model.Entity.Of.Name;
        string[] names = model.Query is null ? [model.Name, owner + "Projection", owner + "Queries"]
            : [model.Name, owner + "Projection", "Get" + owner, owner + "Queries"];
        foreach (var name in names)
            yield return new(name, line, $"the read model of {owner}", "Give the query another name.");
        foreach (var query in model.Query is null ? model.Queries : [])
            yield return new(query.Name, query.Line, "a query", "Give the query another name.");
        foreach (var one in model.Query is null ? model.Queries.Where(query => query.Kind == QueryKind.One) : [])
            yield return new("one " + owner, one.Line, "the query of one", "Ask for one of a kind once.");
    }

    private IEnumerable<DeclaredName> StoredReadModels() =>
        proposal.ReadModels.Select(model => new DeclaredName(
            model.Stored,
            model.Query?.Line ?? model.Entity.Of.Line,
            $"the read model {model.Name}",
            "Give the query another name."));

    /// <summary>What stands side by side in an aggregate, and in its events and commands.</summary>
    private static IEnumerable<DesignProblem> Members(AggregateProposal aggregate)
    {
        var entity = aggregate.Of;
        var methods = aggregate.Steps.Select(step => step.Method).ToHashSet(StringComparer.Ordinal);
        foreach (
            var step in aggregate.Steps.Where(step => step.Method == entity.Name || ReservedNames.IsMethod(step.Method))
        )
            yield return new(
                step.Line, $"'{step.Method}' has a meaning of its own in {entity.Name}.", "Say another verb.");
        foreach (var attribute in entity
                .Attributes.Concat(aggregate.Steps.SelectMany(step => step.Given))
                .DistinctBy(one => one.Name))
        {
            var name = NameInflector.Pascal(attribute.Name);
            if (methods.Contains(name)
                || aggregate.Steps.Any(step => step.Event == name || step.Command == name)
                || name == aggregate.State
                || name == entity.Name + "View")
                yield return new(
                    attribute.Line,
                    $"'{attribute.Name}' is also what {entity.Name} does or is.",
                    "Choose another name.");
        }
    }

    /// <summary>What stands side by side in a query and in what it answers.</summary>
    private static IEnumerable<DesignProblem> Columns(ReadModelProposal model)
    {
        foreach (var query in model.Queries.Where(query => query.By.Any(by => NameInflector.Pascal(by) == query.Name)))
            yield return new(query.Line, $"'{query.Name}' is also what it asks by.", "Give the query another name.");
        foreach (var query in model.Queries.Where(query =>
                query.By.Distinct(StringComparer.Ordinal).Count() < query.By.Count))
            yield return new(query.Line, "It asks by the same twice.", "Leave one of them out.");
        foreach (var query in model.Queries.Where(query => query.Kind == QueryKind.List && query.By.Contains("limit")))
            yield return new(query.Line, "'limit' is how many it answers.", "Give the attribute another name.");
        if (model.Query is { } counted && model.Key == (counted.Kind == QueryKind.Count ? "count" : "total"))
            yield return new(counted.Line, $"'{model.Key}' is what it counts.", "Give the attribute another name.");
    }

    /// <summary>A name that is declared, where it comes from, and what to do when it is there twice.</summary>
    private readonly record struct DeclaredName(string Name, int Line, string What, string Cure);
}
