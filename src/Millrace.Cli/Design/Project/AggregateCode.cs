using Millrace.Shared.Naming;

namespace Millrace.Cli.Design.Project;

/// <summary>Writes an aggregate with its ids, states, events, commands and handlers.</summary>
internal sealed class AggregateCode(DesignProposal proposal, AggregateProposal aggregate)
{
    private readonly SampleValues _types = new(proposal.File);
    private readonly CSharpWriter _code = new();

    private Entity Entity => aggregate.Of;

    private string NamespaceLine => $"namespace {proposal.File.Application}.{Entity.Context};";

    /// <summary>Writes the id, the states, the choices and the parts.</summary>
    public string Values()
    {
        _code.Line(NamespaceLine).EmptyLine().Summary($"The id of the {WordsOfName}.").Line("[Id<Guid>]")
            .Line($"public readonly partial record struct {aggregate.Id};");
        if (Entity.States.Count > 0)
            Enumeration(aggregate.State, Entity.States, $"The state of the {WordsOfName}.");
        var all = Entity.Attributes.Concat(ReadModelCode.Extras(aggregate));
        foreach (var choice in all.Where(one => one.Kind == AttributeKind.Choice))
            Enumeration(
                _types.TypeOf(choice with { IsOptional = false, IsList = false }, Entity.Name), choice.Choices, null);
        foreach (var part in aggregate.Parts.Where(IsDeclaredHere))
        {
            foreach (var choice in part.Attributes.Where(one => one.Kind == AttributeKind.Choice))
                Enumeration(
                    _types.TypeOf(choice with { IsOptional = false, IsList = false }, part.Name), choice.Choices, null);
            var members = part.Attributes.Select(one =>
                $"{_types.TypeOf(one, part.Name)} {NameInflector.Pascal(one.Name)}");
            _code
                .EmptyLine()
                .Summary($"A part of the {WordsOfName}.")
                .Line($"public sealed record {part.Name}({string.Join(", ", members)});");
        }
        return _code.ToString();
    }

    public string Events()
    {
        _code.Line(NamespaceLine);
        foreach (var step in aggregate.Steps)
        {
            var isDataTerm = EventNaming.Propose(Entity.Name).Any(one => !one.DomainLanguage && one.Name == step.Event);
            var reason = isDataTerm ? ", NameReason = \"No better domain term was found yet.\"" : "";
            var members = Members(step.EventAttributes, "DateTimeOffset OccurredAt");
            _code.EmptyLine().Summary(step.Reason).Line($"[Event({CSharpWriter.Literal(step.Stored)}{reason})]")
                .Line($"public sealed record {step.Event}({members});");
        }
        return _code.ToString();
    }

    public string Commands()
    {
        _code.Line(NamespaceLine);
        foreach (var step in aggregate.Steps)
            _code.EmptyLine().Line($"public sealed record {step.Command}({Members(step.Given)}) : ICommand;");
        _code
            .EmptyLine()
            .Summary($"Handles the commands for {NameInflector.Plural(WordsOfName)}.")
            .Open($"public static class {Entity.Name}Handlers");
        foreach (var step in aggregate.Steps)
            Handler(step);
        return _code.Close().ToString();
    }

    public string Aggregate()
    {
        _code.Line(NamespaceLine).EmptyLine().Summary(Entity.Summary ?? aggregate.Reason)
            .Line($"[Stream({CSharpWriter.Literal(Entity.Name.ToLowerInvariant())})]")
            .Open($"public sealed partial class {Entity.Name} : Aggregate<{aggregate.Id}>");
        foreach (var list in Entity.Attributes.Where(one => one.IsList))
            _code.Line(
                $"private readonly List<{_types.TypeOf(list with { IsList = false }, Entity.Name)}> _{list.Name} = [];"
            );
        foreach (var attribute in Entity.Attributes)
            Property(attribute);
        if (Entity.States.Count > 0)
            _code.EmptyLine().Line($"public {aggregate.State} State {{ get; private set; }}");
        foreach (var step in aggregate.Steps)
            Method(step);
        Invariants();
        if (Entity.States.Count > 0)
            RequireState();
        foreach (var step in aggregate.Steps)
            When(step);
        return _code.Close().ToString();
    }

    private string WordsOfName => string.Join(' ', EventWords.OfType(Entity.Name));

    private bool IsDeclaredHere(Part part) => proposal.Aggregates.First(one => one.Parts.Contains(part)) == aggregate;

    private void Enumeration(string name, IEnumerable<string> values, string? summary)
    {
        _code.EmptyLine().Summary(summary).Open($"public enum {name}");
        foreach (var value in values)
            _code.Line(value + ",");
        _code.Close();
    }

    private string Members(IEnumerable<DesignAttribute> attributes, params string[] additional) =>
        string.Join(
            ", ",
            attributes.Select(one => $"{_types.TypeOf(one, Entity.Name)} {NameInflector.Pascal(one.Name)}")
                .Prepend($"{aggregate.Id} {Entity.Name}")
                .Concat(additional));

    private void Handler(Step step)
    {
        var name = NameInflector.Local(Entity.Name);
        var arguments = string.Join(
            ", ", step.Given.Select(one => "command." + NameInflector.Pascal(one.Name)).Append("time.GetUtcNow()"));
        var call = $"{name}.{step.Method}({arguments})";
        var unique = step.Given.Where(one => one.IsUnique).ToList();
        var newAttribute = step.Kind == StepKind.Begin ? "[New] " : "";
        var context = unique.Count > 0 ? "CommandContext context, " : "";
        _code.EmptyLine();
        var signature =
            $"public static void Handle({step.Command} command, {newAttribute}{Entity.Name} {name}, "
                + $"{context}TimeProvider time)";
        if (unique.Count == 0)
        {
            _code.Line(signature + " =>").Line($"    {call};");
            return;
        }
        _code.Open(signature);
        if (step.Kind == StepKind.Change)
            _code.Line($"var before = {name}.{NameInflector.Pascal(unique[0].Name)};");
        _code.Line(call + ";");
        foreach (var attribute in unique)
            Claim(step, attribute, name);
        _code.Close();
    }

    /// <summary>
    /// Writes the claim for a unique value. When the value replaces another value, also releases the claim for the old
    /// value.
    /// </summary>
    private void Claim(Step step, DesignAttribute unique, string name)
    {
        var claim = proposal.Library("Millrace", "Claim");
        var scope = CSharpWriter.Literal($"{NameInflector.Kebab(Entity.Name)}-{NameInflector.Kebab(unique.Name)}");
        var (newValue, owner) = ("command." + NameInflector.Pascal(unique.Name), $"{name}.Id.ToString()");
        if (step.Kind != StepKind.Change)
        {
            Acquire(newValue, unique.IsOptional);
            return;
        }
        // When the value has not changed, the claim remains.
        _code.Open($"if ({name}.{NameInflector.Pascal(unique.Name)} != before)");
        if (unique.IsOptional)
            _code.Line("if (before is not null)")
                .Line($"    context.Claim({claim}.Release({scope}, before, {owner}));");
        else
            _code.Line($"context.Claim({claim}.Release({scope}, before, {owner}));");
        Acquire(newValue, unique.IsOptional);
        _code.Close();

        void Acquire(string value, bool isOptional)
        {
            if (isOptional)
                _code.Line($"if ({value} is {{ }} {NameInflector.Local(unique.Name)})")
                    .Line($"    context.Claim({claim}.Acquire({scope}, {NameInflector.Local(unique.Name)}, {owner}));");
            else
                _code.Line($"context.Claim({claim}.Acquire({scope}, {value}, {owner}));");
        }
    }

    private void Property(DesignAttribute attribute)
    {
        var (type, name) = (_types.TypeOf(attribute, Entity.Name), NameInflector.Pascal(attribute.Name));
        if (attribute.Formula is { } formula)
            _code.EmptyLine().Line($"public {type} {name} => {ReadModelCode.Formula(formula, "_" + formula.List)};");
        else if (attribute.IsList)
            _code.EmptyLine().Line($"public {type} {name} => _{attribute.Name};");
        else
            _code.EmptyLine().Line($"public {type} {name} {{ get; private set; }}{Initial(attribute, type)}");
    }

    private string Initial(DesignAttribute attribute, string type) => type == "string" ? " = \"\";"
        : _types.IsPart(attribute) && !attribute.IsOptional ? " = null!; // Set by the first event." : "";

    private void Method(Step step)
    {
        var parameters = step
            .Given.Select(one => $"{_types.TypeOf(one, Entity.Name)} {one.Name}")
            .Append("DateTimeOffset at");
        _code.EmptyLine().Open($"public void {step.Method}({string.Join(", ", parameters)})");
        if (step.Kind != StepKind.Begin && step.From.Count > 0)
        {
            var allowed = string.Join(", ", step.From.Select(state => $"{aggregate.State}.{state}"));
            _code.Line($"RequireState({CSharpWriter.Literal(RequestedAction(step))}, {allowed});");
        }
        foreach (var rule in Entity.Rules.Where(rule =>
                rule.When is not null && rule.When == step.To && step.Kind == StepKind.Move))
            Require(rule);
        if (step.Kind == StepKind.Change)
            _code.Line($"if ({NameInflector.Pascal(step.Given[0].Name)} == {step.Given[0].Name})").Line("    return;");
        if (step.Kind == StepKind.Remove)
        {
            var item = step.Given[0].Name;
            _code.Line(
                $"Require(_{ListOf(step)}.Contains({item}), \"{NameInflector.Kebab(item)}-in-list\", "
                    + "\"It is not in the list.\");"
            );
        }
        var arguments = step
            .Given.Select(one => one.Name)
            .Concat(step.Known.Select(one => NameInflector.Pascal(one.Attribute.Name)));
        _code.Line($"Raise(new {step.Event}({string.Join(", ", arguments.Prepend("Id").Append("at"))}));").Close();
    }

    private static string RequestedAction(Step step)
    {
        var words = EventWords.OfType(step.Method);
        return words.Count == 1 ? "be " + Verbs.PastOf(words[0]) : string.Join(' ', words);
    }

    private string ListOf(Step step) =>
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
            .Name;

    private void Require(DesignRule rule) =>
        _code.Line(
            $"Require({RuleCode.Expression(Entity, rule)}, {CSharpWriter.Literal(rule.Name)}, "
                + $"{CSharpWriter.Literal(rule.Message)});"
        );

    private void Invariants()
    {
        var rules = Entity.Rules.Where(rule => rule.When is null).ToList();
        if (rules.Count == 0)
            return;
        _code.EmptyLine().Line("/// <inheritdoc/>").Open("protected override void CheckInvariants()");
        rules.ForEach(Require);
        _code.Close();
    }

    private void RequireState()
    {
        var rule = CSharpWriter.Literal(NameInflector.Kebab(Entity.Name) + "-state");
        _code.EmptyLine().Open($"private void RequireState(string requestedAction, params {aggregate.State}[] allowed)")
            .Line("if (Array.IndexOf(allowed, State) < 0)")
            .Line("    throw new WrongStateException(")
            .Line($"        nameof({Entity.Name}), {rule}, State.ToString(), requestedAction);")
            .Close();
    }

    private void When(Step step)
    {
        _code.EmptyLine().Open($"private void When({step.Event} raised)");
        var set = step.Kind is StepKind.Begin or StepKind.Change ? step.Given : [];
        foreach (var attribute in set)
        {
            _code.Line(attribute.IsList
                ? $"_{attribute.Name}.AddRange(raised.{NameInflector.Pascal(attribute.Name)});"
                : $"{NameInflector.Pascal(attribute.Name)} = raised.{NameInflector.Pascal(attribute.Name)};");
        }
        if (step.Kind is StepKind.Add or StepKind.Remove)
            _code.Line($"_{ListOf(step)}.{step.Kind}(raised.{NameInflector.Pascal(step.Given[0].Name)});");
        if (step.To is { } state)
            _code.Line($"State = {aggregate.State}.{state};");
        _code.Close();
    }
}
