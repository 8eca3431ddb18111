using System.Globalization;
using Millrace.Shared.Naming;

namespace Millrace.Cli.Design.Project;

/// <summary>
/// Writes the tests of an aggregate and its read models. A test specifies the previous events, a command, and the new
/// events or the rejection.
/// </summary>
internal sealed class SpecificationCode(DesignProposal proposal, AggregateProposal aggregate)
{
    private readonly SampleValues _samples = new(proposal.File);
    private readonly CSharpWriter _code = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private Entity Entity => aggregate.Of;

    public string Write()
    {
        // The namespace of the tested types: their names take precedence over library names.
        _code
            .Line($"namespace {proposal.File.Application}.{Entity.Context};")
            .EmptyLine()
            .Open($"public sealed class {Entity.Name}Tests");
        _code
            .Line($"private static readonly {aggregate.Id} Id = {aggregate.Id}.New();")
            .Line("private static readonly DateTimeOffset At = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);");
        foreach (var other in aggregate.RefersTo)
            _code.Line($"private static readonly {other}Id The{other} = {other}Id.New();");
        Fact("It_begins", [], aggregate.Beginning, $".Then({Event(aggregate.Beginning)})");
        foreach (var step in aggregate.Steps.Skip(1))
            Step(step);
        foreach (var rule in Entity.Rules)
            Rule(rule);
        foreach (var unique in aggregate.Beginning.Given.Where(one => one.IsUnique))
            Unique(unique);
        foreach (var model in proposal.ReadModels.Where(model => model.Entity == aggregate && model.Query is not null))
            WriteReadModelTest(model);
        WriteViewTest();
        return _code.Close().ToString();
    }

    private void Step(Step step)
    {
        var words = string.Join('_', EventWords.OfType(step.Event).Skip(EventWords.OfType(Entity.Name).Count));
        foreach (var from in Starts(step))
        {
            var history = History(from);
            if (step.Kind == StepKind.Add)
                history.RemoveAll(one => one.Kind == StepKind.Add);
            Fact(
                NameInflector.Pascal(words)
                    + (from is null ? "" : "_from_" + NameInflector.Kebab(from).Replace('-', '_')),
                history,
                step,
                $".Then({Event(step, isDifferent: step.Kind == StepKind.Change)})",
                step.Kind == StepKind.Change);
        }
        if (step.From.Count > 0 && ForbiddenState(step) is { } forbidden)
            Fact($"Not_{words}_when_{NameInflector.Kebab(forbidden).Replace('-', '_')}", History(forbidden), step,
                $".ThenRefused(\"{NameInflector.Kebab(Entity.Name)}-state\")", step.Kind == StepKind.Change);
    }

    /// <summary>
    /// Writes tests for a unique value. A second entity can use the value only after the first entity has changed it.
    /// </summary>
    private void Unique(DesignAttribute unique)
    {
        // All other unique values differ, so that only this value causes a conflict.
        var second =
            ".When("
            + Command(aggregate.Beginning, one => one.IsUnique && one.Name != unique.Name, $"{aggregate.Id}.New()")
            + ")";
        WriteHostTest(
            $"No_two_have_the_same_{NameInflector.Kebab(unique.Name).Replace('-', '_')}",
            [aggregate.Beginning],
            second,
            ".ThenThrew<ClaimTakenException>()");
        if (aggregate.Steps.FirstOrDefault(step => step.Kind == StepKind.Change && step.Given[0].Name == unique.Name)
            is not { } change)
            return;
        if (Starts(change).Take(1).ToList() is [var from])
            WriteHostTest(
                NameInflector.Pascal(NameInflector.Kebab(unique.Name).Replace('-', '_'))
                    + "_is_free_again_when_it_was_changed",
                History(from),
                $".When({Command(change, _ => true)})",
                second);
    }

    private void WriteHostTest(string name, List<Step> history, params string[] furtherCalls)
    {
        Begin(name, proposal.Library("System.Threading.Tasks", "Task"), "async ");
        _code.Line($"await Specification.ForHost<{proposal.File.Application}Model>()");
        string[] calls = [.. history.Select(step => $".When({Command(step)})"), .. furtherCalls];
        foreach (var call in calls)
            _code.Line($"    {call}{(call == calls[^1] ? ";" : "")}");
        _code.Close();
    }

    private string Command(Step step, Predicate<DesignAttribute>? differs = null, string id = "Id") =>
        $"new {step.Command}({string.Join(", ", Arguments(step, differs).Prepend(id))})";

    private IEnumerable<string> Arguments(Step step, Predicate<DesignAttribute>? differs) =>
        step.Given.Select(one => Value(one, differs?.Invoke(one) ?? false, null));

    /// <summary>Returns the states from which a step is tested, or a single null if the entity has no states.</summary>
    private IEnumerable<string?> Starts(Step step)
    {
        if (step.From.Count > 0)
            return step.From.Where(IsReached);
        return [Entity.States.Count > 0 ? aggregate.Beginning.To : null];
    }

    private bool IsReached(string state) => state == aggregate.Beginning.To || Path(state) is not null;

    private string? ForbiddenState(Step step) =>
        Entity.States.FirstOrDefault(state => !step.From.Contains(state) && IsReached(state));

    private void Rule(DesignRule rule)
    {
        foreach (var (condition, index) in rule.Conditions.Select((condition, index) => (condition, index)))
        {
            var attribute = Entity.Attributes.First(one => one.Name == condition.Attribute);
            var number = index == 0 ? "" : "_" + (index + 1).ToString(CultureInfo.InvariantCulture);
            var name = $"Refused_by_{rule.Name.Replace('-', '_')}{number}";
            var expectation = $".ThenRefused({CSharpWriter.Literal(rule.Name)})";
            if (rule.When is { } state)
                WriteMoveRuleTest(
                    name,
                    aggregate.Steps.First(step => step.Kind == StepKind.Move && step.To == state),
                    attribute,
                    condition,
                    expectation);
            else if (IsBreakable(attribute, condition) && attribute is { IsList: true, MayChange: true })
                Fact(name, [aggregate.Beginning], aggregate.Steps.First(step => step.Kind == StepKind.Add
                    && step.Given[0].Of == attribute.Of), expectation, violated: condition);
            else if (IsBreakable(attribute, condition) && attribute.Formula is null)
                Fact(name, [], aggregate.Beginning, expectation, violated: condition);
        }
    }

    private bool IsBreakable(DesignAttribute attribute, DesignCondition condition)
    {
        if (attribute.IsList && condition.Inner is null)
            return false; // A list may start empty or with an item.
        var compared = condition.Inner is null ? attribute : _samples.PartOf(attribute).Attributes.First(one =>
            one.Name == condition.Inner);
        return RuleCode.BreakingValue(condition, compared) is not null;
    }

    private void WriteMoveRuleTest(
        string name, Step step, DesignAttribute attribute, DesignCondition condition, string expectation)
    {
        var from = Starts(step).FirstOrDefault();
        var history = from is null ? [aggregate.Beginning] : History(from);
        if (attribute is { IsList: true, MayChange: true } && condition.Inner is null)
            history.RemoveAll(one => one.Kind == StepKind.Add);
        else if (!IsBreakable(attribute, condition) || attribute.Formula is not null || attribute.IsList)
            return;
        Fact(name, history, step, expectation, violatedByHistory: attribute.IsList ? null : condition);
    }

    private void WriteReadModelTest(ReadModelProposal model)
    {
        var step = model.Rows[0].Step;
        var attribute = step.EventAttributes.FirstOrDefault(one => one.Name == model.Query!.Attribute);
        var value = model.Query!.Kind == QueryKind.Count ? "1"
            : attribute!.Formula is null ? _samples.ValueOf(attribute, Entity)
            : _samples.CalculatedValue(attribute, Entity);
        var key = model.Key == "day" ? "new DateOnly(2026, 1, 5)"
            : _samples.ValueOf(Entity.Attributes.First(one => one.Name == model.Key), Entity);
        Begin($"{model.Name}_counts_it");
        _code.Line($"Specification.For(new {model.Name}Projection())").Line($"    .When({Event(step)})")
            .Line($"    .Then({key}, new {model.Name}({key}, {value}));").Close();
    }

    /// <summary>Writes tests that the read model of the entity follows all its events.</summary>
    private void WriteViewTest()
    {
        if (Entity.States.Count == 0)
            return;
        var last = Entity.States.Last(IsReached);
        Begin($"{Entity.Name}View_shows_what_has_become_of_it");
        _code.Line($"{Entity.Name}View? shown = null;");
        foreach (var step in History(last))
            _code.Line($"shown = {Entity.Name}Projection.Apply(shown, {Event(step)});");
        _code.Line($"Assert.Equal({aggregate.State}.{last}, shown?.State);").Close();
    }

    private void Fact(
        string name, List<Step> history, Step step, string expectation, bool isDifferent = false,
        DesignCondition? violated = null, DesignCondition? violatedByHistory = null)
    {
        Begin(name);
        _code.Line($"Specification.For<{Entity.Name}>(Id)");
        if (history.Count > 0)
            _code.Line(
                $"    .Given({string.Join(", ", history.Select(one => Event(one, violated: violatedByHistory)))})");
        var arguments = step.Given.Select(one => Value(one, isDifferent, violated)).Append("At");
        _code.Line($"    .When(one => one.{step.Method}({string.Join(", ", arguments)}))")
            .Line($"    {expectation};").Close();
    }

    private void Begin(string name, string type = "void", string modifier = "")
    {
        var unique = name;
        for (var number = 2; !_names.Add(unique); number++)
            unique = $"{name}_{number}";
        _code.EmptyLine().Line("[Fact]").Open($"public {modifier}{type} {unique}()");
    }

    private string Event(Step step, bool isDifferent = false, DesignCondition? violated = null)
    {
        var values = step
            .Given.Select(one => Value(one, isDifferent, violated))
            .Concat(
                step.Known.Select(one =>
                    one.Attribute.Formula is null
                        ? Value(one.Attribute, false, null)
                        : _samples.CalculatedValue(one.Attribute, Entity)));
        return $"new {step.Event}({string.Join(", ", values.Prepend("Id").Append("At"))})";
    }

    /// <summary>Returns a valid value, a different valid value for a change, or a value that breaks a rule.</summary>
    private string Value(DesignAttribute attribute, bool isDifferent, DesignCondition? violated)
    {
        var typical = _samples.ValueOf(attribute, Entity, Entity.Name, violated);
        if (!isDifferent || attribute.IsList)
            return typical;
        return attribute.Kind switch
        {
            AttributeKind.Text => typical.Replace("\"", "", StringComparison.Ordinal) is { } text
                ? $"\"another {text}\""
                : typical,
            AttributeKind.Integer => $"{typical} + 1",
            AttributeKind.Number or AttributeKind.Money => $"{typical} + 1",
            AttributeKind.YesNo => typical == "true" ? "false" : "true",
            AttributeKind.Date => $"{typical}.AddDays(1)",
            AttributeKind.Time => $"{typical}.AddHours(1)",
            AttributeKind.Choice => $"{Entity.Name}{NameInflector.Pascal(attribute.Name)}.{attribute.Choices[^1]}",
            AttributeKind.Reference when !_samples.IsPart(attribute) => $"{attribute.Of}Id.New()",
            _ => OtherItem(attribute, typical),
        };
    }

    /// <summary>Returns a part that differs in one value.</summary>
    private string OtherItem(DesignAttribute attribute, string typical)
    {
        var different = _samples
            .PartOf(attribute)
            .Attributes.Find(one => one is { IsList: false, Of: "", Kind: not AttributeKind.Choice });
        return different is null
            ? typical
            : $"{typical} with {{ {NameInflector.Pascal(different.Name)} = "
                + $"{Value(different, isDifferent: true, violated: null)} }}";
    }

    /// <summary>
    /// Returns the steps to a state. They are the creation, an item for each list, and the shortest path to the state.
    /// </summary>
    private List<Step> History(string? state)
    {
        List<Step> steps = [aggregate.Beginning, .. aggregate.Steps.Where(step => step.Kind == StepKind.Add)];
        if (state is not null && state != aggregate.Beginning.To)
            steps.AddRange(Path(state) ?? []);
        return steps;
    }

    private List<Step>? Path(string to)
    {
        var pending = new Queue<(string State, List<Step> Steps)>([(aggregate.Beginning.To ?? "", [])]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (pending.TryDequeue(out var current))
        {
            if (current.State == to && current.Steps.Count > 0)
                return current.Steps;
            foreach (var move in aggregate.Steps.Where(step =>
                    step.Kind == StepKind.Move && step.From.Contains(current.State) && seen.Add(step.To!)))
                pending.Enqueue((move.To!, [.. current.Steps, move])); // A move has a target state.
        }
        return null;
    }
}
