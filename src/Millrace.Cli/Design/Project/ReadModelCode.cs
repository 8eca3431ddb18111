using Millrace.Shared.Naming;

namespace Millrace.Cli.Design.Project;

/// <summary>Writes a read model with its projection and its queries.</summary>
internal sealed class ReadModelCode(DesignProposal proposal, ReadModelProposal model)
{
    private readonly SampleValues _types = new(proposal.File);
    private readonly CSharpWriter _code = new();

    private Entity Entity => model.Entity.Of;

    /// <summary>Returns a calculation over a list as code.</summary>
    public static string Formula(DesignFormula formula, string list) =>
        formula.IsCount
            ? $"{list}.Count"
            : $"{list}.Sum(one => "
                + $"{string.Join(" * ", formula.Factors.Select(factor => "one." + NameInflector.Pascal(factor)))})";

    /// <summary>Returns the key type of a counting read model.</summary>
    public string KeyType =>
        model.Key == "day" ? "DateOnly"
        : model.Query is null ? model.Key
        : _types.TypeOf(Attribute(model.Key), Entity.Name);

    public string Write()
    {
        _code.Line("using Millrace.Storage;").EmptyLine().Line(
            $"namespace {proposal.File.Application}.{Entity.Context};");
        if (model.Query is { } counted)
            WriteCount(counted);
        else
            WriteView();
        return _code.ToString();
    }

    /// <summary>
    /// Returns the attributes that a change of state sets and that the entity itself does not declare.
    /// </summary>
    public static IReadOnlyList<DesignAttribute> Extras(AggregateProposal aggregate) =>
        [
            .. aggregate
                .Steps.Where(step => step.Kind == StepKind.Move)
                .SelectMany(step => step.Given)
                .Where(one => aggregate.Of.Attributes.TrueForAll(known => known.Name != one.Name))
                .DistinctBy(one => one.Name),
        ];

    private DesignAttribute Attribute(string name) => Entity.Attributes.First(one => one.Name == name);

    private void WriteView()
    {
        var searchKeys = model.Queries.SelectMany(query => query.By).ToHashSet(StringComparer.Ordinal);
        var members = Entity
            .Attributes.Where(one => one.Formula is null)
            .Select(one =>
                $"{Indexed(searchKeys, one.Name)}{_types.TypeOf(one, Entity.Name)} {NameInflector.Pascal(one.Name)}")
            .Prepend($"{model.Entity.Id} {Entity.Name}")
            .ToList();
        if (Entity.States.Count > 0)
            members.Add($"{Indexed(searchKeys, "state")}{model.Entity.State} State");
        members.Add("DateTimeOffset ChangedAt");
        _code.EmptyLine().Summary(Entity.Summary ?? $"The {NameInflector.Kebab(Entity.Name)} as shown to users.")
            .Open($"public sealed record {model.Name}({string.Join(", ", members)})");
        foreach (var one in Entity.Attributes.Where(one => one.Formula is not null))
        {
            var list = NameInflector.Pascal(one.Formula!.List); // The attribute has a formula.
            _code
                .EmptyLine()
                .Line(
                    $"public {_types.TypeOf(one, Entity.Name)} {NameInflector.Pascal(one.Name)} => "
                        + $"{Formula(one.Formula, list)};"
                );
        }
        foreach (var one in Extras(model.Entity))
        {
            var type = _types.TypeOf(one with { IsOptional = true }, Entity.Name);
            _code.EmptyLine().Line($"public {type} {NameInflector.Pascal(one.Name)} {{ get; init; }}");
        }
        _code.Close();
        WriteProjection();
        WriteQueries();
    }

    private static string Indexed(HashSet<string> searchKeys, string name) =>
        searchKeys.Contains(name) ? "[property: Indexed] " : "";

    private void WriteProjection()
    {
        _code.EmptyLine().Summary(model.Reason).Line($"[Projection({CSharpWriter.Literal(model.Stored)})]")
            .Open($"public sealed partial class {Entity.Name}Projection : Projection<{model.Key}, {model.Name}>");
        foreach (var (step, _) in model.Rows)
        {
            _code.EmptyLine().Line($"public static {model.Key} Key({step.Event} raised) => raised.{Entity.Name};");
            if (step.Kind == StepKind.Begin)
                Begin(step);
            else
                WriteUpdate(step);
        }
        _code.Close();
    }

    private void Begin(Step step)
    {
        var values = Entity
            .Attributes.Where(one => one.Formula is null)
            .Select(one =>
                step.Given.Any(given => given.Name == one.Name) ? "raised." + NameInflector.Pascal(one.Name) : "[]")
            .Prepend("raised." + Entity.Name)
            .ToList();
        if (step.To is { } state)
            values.Add($"{model.Entity.State}.{state}");
        values.Add("raised.OccurredAt");
        _code.EmptyLine().Line($"public static {model.Name} Apply({model.Name}? view, {step.Event} raised) =>")
            .Line($"    new({string.Join(", ", values)});");
    }

    private void WriteUpdate(Step step)
    {
        var assignments = new List<string>();
        if (step.To is { } state)
            assignments.Add($"State = {model.Entity.State}.{state}");
        if (step.Kind is StepKind.Add or StepKind.Remove)
        {
            var list = ListOf(step);
            var item = "raised." + NameInflector.Pascal(step.Given[0].Name);
            assignments.Add(
                step.Kind == StepKind.Add
                    ? $"{list} = [.. view.{list}, {item}]"
                    : $"{list} = Without(view.{list}, {item})");
        }
        else
        {
            assignments.AddRange(
                step.Given.Select(one => $"{NameInflector.Pascal(one.Name)} = raised.{NameInflector.Pascal(one.Name)}")
            );
        }
        assignments.Add("ChangedAt = raised.OccurredAt");
        _code.EmptyLine().Line($"public static {model.Name}? Apply({model.Name}? view, {step.Event} raised) =>")
            .Line($"    view is null ? null : view with {{ {string.Join(", ", assignments)} }};");
        if (step.Kind == StepKind.Remove && model.Rows.First(row => row.Step.Kind == StepKind.Remove).Step == step)
            WriteWithoutHelper();
    }

    private void WriteWithoutHelper() =>
        _code
            .EmptyLine()
            .Open("private static List<T> Without<T>(IReadOnlyList<T> list, T item)")
            .Line("var left = list.ToList();")
            .Line("left.Remove(item);")
            .Line("return left;")
            .Close();

    private string ListOf(Step step) =>
        NameInflector.Pascal(
            Entity
                .Attributes.First(one =>
                    one.IsList
                    && one.MayChange
                    && NameInflector.Camel(
                        EventWords.Pascal([
                            .. EventWords.OfType(one.Name).SkipLast(1),
                            EventWords.Singular(EventWords.OfType(one.Name)[^1]),
                        ])
                    ) == step.Given[0].Name)
                .Name);

    private void WriteQueries()
    {
        if (model.Queries.Count == 0)
            return;
        foreach (var query in model.Queries)
        {
            var members = query.Kind == QueryKind.One ? [$"{model.Entity.Id} {Entity.Name}"]
                : query.By.Select(by => $"{ParameterTypeOf(by)} {NameInflector.Pascal(by)}").Append("int Limit = 100");
            var answer = query.Kind == QueryKind.One ? model.Name + "?" : $"IReadOnlyList<{model.Name}>";
            _code.EmptyLine().Summary(query.Summary).Line(
                $"public sealed record {query.Name}({string.Join(", ", members)}) : IQuery<{answer}>;");
        }
        _code.EmptyLine().Open($"public static class {Entity.Name}Queries");
        foreach (var query in model.Queries)
            Handler(query);
        _code.Close();
    }

    private string ParameterTypeOf(string by) =>
        by == "state" ? model.Entity.State : _types.TypeOf(Attribute(by), Entity.Name);

    private void Handler(DesignQuery query)
    {
        var parameters =
            $"IReadModel<{model.Key}, {model.Name}> documents, QueryContext context, CancellationToken "
                + "cancellationToken";
        if (query.Kind == QueryKind.One)
        {
            _code
                .EmptyLine()
                .Line($"public static async Task<{model.Name}?> Handle(")
                .Line($"    {query.Name} query, {parameters}) =>")
                .Line($"    await documents.Get(query.{Entity.Name}, context, cancellationToken);");
            return;
        }
        _code
            .EmptyLine()
            .Line($"public static async Task<IReadOnlyList<{model.Name}>> Handle(")
            .Line($"    {query.Name} query, {parameters})")
            .Line("{");
        var conditions = query.By.Select(by => $"new({CSharpWriter.Literal(by)}, Comparison.Equal, {FieldOf(by)})");
        _code
            .Line(
                $"    var wanted = new ReadQuery {{ Conditions = [{string.Join(", ", conditions)}], Limit = "
                    + "query.Limit };"
            )
            .Line("    return (await documents.Query(wanted, context, cancellationToken)).Items;")
            .Line("}");
    }

    private string FieldOf(string by)
    {
        var isPlain = by != "state" && Attribute(by).Kind is AttributeKind.Text or AttributeKind.Date;
        return $"query.{NameInflector.Pascal(by)}{(isPlain ? "" : ".ToString()")}";
    }

    private void WriteCount(DesignQuery query)
    {
        var key = model.Key == "day" ? "Day" : NameInflector.Pascal(model.Key);
        var isSum = query.Kind == QueryKind.Sum;
        var (type, name) = isSum ? (_types.TypeOf(Attribute(query.Attribute!), Entity.Name), "Total") : ("long",
            "Count"); // A sum has an attribute.
        var added = isSum ? $"raised.{NameInflector.Pascal(query.Attribute!)}" : "1";
        var keyOf = model.Key == "day" ? "DateOnly.FromDateTime(raised.OccurredAt.UtcDateTime)" : "raised." + key;
        _code
            .EmptyLine()
            .Summary(query.Summary ?? model.Reason)
            .Line($"public sealed record {model.Name}({KeyType} {key}, {type} {name});")
            .EmptyLine()
            .Line($"[Projection({CSharpWriter.Literal(model.Stored)})]")
            .Open($"public sealed partial class {model.Name}Projection : Projection<{KeyType}, {model.Name}>");
        foreach (var (step, _) in model.Rows)
        {
            _code.EmptyLine().Line($"public static {KeyType} Key({step.Event} raised) => {keyOf};").EmptyLine()
                .Line($"public static {model.Name} Apply({model.Name}? before, {step.Event} raised) =>")
                .Line($"    new(Key(raised), (before?.{name} ?? 0) + {added});");
        }
        _code.Close().EmptyLine().Line(
            $"public sealed record Get{model.Name}({KeyType} {key}) : IQuery<{model.Name}?>;")
            .EmptyLine().Open($"public static class {model.Name}Queries")
            .Line($"public static async Task<{model.Name}?> Handle(")
            .Line($"    Get{model.Name} query,").Line($"    IReadModel<{KeyType}, {model.Name}> documents,")
            .Line("    QueryContext context,").Line("    CancellationToken cancellationToken) =>")
            .Line($"    await documents.Get(query.{key}, context, cancellationToken);").Close();
    }
}
