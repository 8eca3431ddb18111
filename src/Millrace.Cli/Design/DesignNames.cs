namespace Millrace.Cli.Design;

/// <summary>
/// Finds names that the generated project would declare twice, and ambiguous names. The project compiles if the
/// description has no such names.
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
            .Where(one => ReservedNames.IsReservedType(one.Name))
            .DistinctBy(one => one.Name)
            .Select(one => new DesignProblem(
                one.Line, $"'{one.Name}' is a reserved name.", "Choose another name."));

    /// <summary>Returns the names that the author wrote in the description.</summary>
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
                    $"'{all[^1].Name}' would name both {all[0].Description} (line {all[0].Line}) and "
                        + $"{all[^1].Description}.",
                    all[^1].Remedy);
            });

    /// <summary>
    /// Returns all types and namespaces. They must be unique in the project, because each file can use all of them.
    /// </summary>
    private IEnumerable<DeclaredName> Types()
    {
        const string RenameRemedy = "Rename one of them.";
        yield return new(File.Application, 1, "the application", RenameRemedy);
        yield return new(File.Application + "Model", 1, "the model", RenameRemedy);
        foreach (var context in proposal.Contexts)
            yield return new(context.Name, context.Aggregates[0].Of.Line, "a context", RenameRemedy);
        foreach (var outside in File.Outside)
            yield return new(
                outside.Name + "Id",
                outside.Line,
                $"the id of the external entity {outside.Name}",
                "Remove one of them.");
        foreach (var part in File.Parts)
            yield return new(part.Name, part.Line, "a part", RenameRemedy);
        foreach (var (owner, choice) in File.Parts.SelectMany(part => part.Attributes.Select(one => (part.Name, one))))
        {
            if (choice.Kind == AttributeKind.Choice)
                yield return new(
                    owner + NameInflector.Pascal(choice.Name),
                    choice.Line,
                    $"the choices of {choice.Name}",
                    RenameRemedy);
        }
        foreach (var declared in proposal
                .Aggregates.SelectMany(OfAggregate)
                .Concat(proposal.ReadModels.SelectMany(OfReadModel)))
            yield return declared;
    }

    private static IEnumerable<DeclaredName> OfAggregate(AggregateProposal aggregate)
    {
        var entity = aggregate.Of;
        yield return new(entity.Name, entity.Line, "an entity", "Rename it.");
        foreach (var typeName in (string[])[aggregate.Id, entity.Name + "Handlers", entity.Name + "Tests"])
            yield return new(typeName, entity.Line, $"a type that belongs to {entity.Name}", "Rename it.");
        if (entity.States.Count > 0)
            yield return new(aggregate.State, entity.Line, $"the state of {entity.Name}", "Rename it.");
        var all = entity.Attributes.Concat(Project.ReadModelCode.Extras(aggregate));
        foreach (var choice in all.Where(one => one.Kind == AttributeKind.Choice))
            yield return new(
                entity.Name + NameInflector.Pascal(choice.Name),
                choice.Line,
                $"the choices of {choice.Name}",
                "Rename it.");
        foreach (var step in aggregate.Steps)
        {
            var description =
                step.Kind == StepKind.Begin ? $"the creation of {entity.Name}"
                : step.To is { } to ? $"the change to {to}"
                : $"the change of {step.Given[0].Name}";
            var remedy = step.Kind == StepKind.Begin ? "Use another verb: begins: VERB" : step.To is { } state
                ? $"Use another verb: -> {state} by VERB, or begins: VERB" : "Rename the attribute.";
            yield return new(step.Event, step.Line, description, remedy);
            yield return new(step.Command, step.Line, description, remedy);
        }
    }

    private static IEnumerable<DeclaredName> OfReadModel(ReadModelProposal model)
    {
        var line = model.Query?.Line ?? model.Entity.Of.Line;
        var owner = model.Query is { } counted ? counted.Name : model.Entity.Of.Name;
        string[] names = model.Query is null ? [model.Name, owner + "Projection", owner + "Queries"]
            : [model.Name, owner + "Projection", "Get" + owner, owner + "Queries"];
        foreach (var name in names)
            yield return new(name, line, $"the read model of {owner}", "Rename the query.");
        foreach (var query in model.Query is null ? model.Queries : [])
            yield return new(query.Name, query.Line, "a query", "Rename the query.");
        foreach (var query in model.Query is null ? model.Queries.Where(query => query.Kind == QueryKind.One) : [])
            yield return new("one " + owner, query.Line, "the query for one", "Query one of a kind only once.");
    }

    private IEnumerable<DeclaredName> StoredReadModels() =>
        proposal.ReadModels.Select(model => new DeclaredName(
            model.Stored,
            model.Query?.Line ?? model.Entity.Of.Line,
            $"the read model {model.Name}",
            "Rename the query."));

    /// <summary>Returns the problems with the members of an aggregate, and of its events and commands.</summary>
    private static IEnumerable<DesignProblem> Members(AggregateProposal aggregate)
    {
        var entity = aggregate.Of;
        var methods = aggregate.Steps.Select(step => step.Method).ToHashSet(StringComparer.Ordinal);
        foreach (
            var step in aggregate.Steps.Where(step =>
                step.Method == entity.Name || ReservedNames.IsReservedMethod(step.Method))
        )
            yield return new(
                step.Line, $"'{step.Method}' is a reserved name in {entity.Name}.", "Use another verb.");
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
                    $"'{attribute.Name}' is also the name of another member of {entity.Name}.",
                    "Choose another name.");
        }
    }

    /// <summary>Returns the problems with the members of a query and of its answer.</summary>
    private static IEnumerable<DesignProblem> Columns(ReadModelProposal model)
    {
        foreach (var query in model.Queries.Where(query => query.By.Any(by => NameInflector.Pascal(by) == query.Name)))
            yield return new(query.Line, $"'{query.Name}' is also the name of a parameter of the query.",
                "Rename the query.");
        foreach (var query in model.Queries.Where(query =>
                query.By.Distinct(StringComparer.Ordinal).Count() < query.By.Count))
            yield return new(query.Line, "A parameter is listed twice.", "Remove one of them.");
        foreach (var query in model.Queries.Where(query => query.Kind == QueryKind.List && query.By.Contains("limit")))
            yield return new(query.Line, "'limit' is the maximum number of results.", "Rename the attribute.");
        if (model.Query is { } counted && model.Key == (counted.Kind == QueryKind.Count ? "count" : "total"))
            yield return new(counted.Line, $"'{model.Key}' is the name of the counted value.", "Rename the attribute.");
    }

    /// <summary>A declared name with its origin and the remedy for a duplicate.</summary>
    private readonly record struct DeclaredName(string Name, int Line, string Description, string Remedy);
}
