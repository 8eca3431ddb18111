using Millrace.Shared.Naming;

namespace Millrace.Cli.Design;

/// <summary>Proposes events, commands, boundaries and read models for a description.</summary>
internal sealed class DesignProposer
{
    private readonly DesignFile _file;
    private readonly List<string> _notes = [];

    private DesignProposer(DesignFile file) => _file = file;

    public static DesignProposal Propose(DesignFile file)
    {
        var proposer = new DesignProposer(file);
        var aggregates = file.Entities.Select(proposer.AggregateOf).ToList();
        var contexts = aggregates
            .GroupBy(one => one.Of.Context, StringComparer.Ordinal)
            .Select(group => new ContextProposal(group.Key, [.. group], ReasonOf(file, group.Key, [.. group])))
            .ToList();
        proposer.Check(aggregates);
        return new(file, contexts, [.. aggregates.SelectMany(proposer.ReadModelsOf)], proposer._notes);
    }

    private static string ReasonOf(DesignFile file, string context, List<AggregateProposal> aggregates)
    {
        var names = string.Join(", ", aggregates.Select(one => one.Of.Name));
        var others = aggregates
            .SelectMany(one => one.RefersTo)
            .Distinct()
            .Where(name => file.Entities.FirstOrDefault(entity => entity.Name == name)?.Context != context)
            .ToList();
        var dependencies =
            others.Count == 0
                ? "It does not depend on other contexts."
                : $"It refers to {string.Join(", ", others)} only by id, so it can be a separate service.";
        var commonality =
            aggregates.Count == 1 ? "has one language and decides independently" : "share one language";
        return $"{names} {commonality}. {dependencies}";
    }

    private AggregateProposal AggregateOf(Entity entity)
    {
        var known = entity.Attributes.Concat(entity.Transitions.SelectMany(one => one.With)).ToList();
        var parts = _file.Parts.Where(part => known.Exists(one => one.Of == part.Name)).ToList();
        var references = entity
            .Attributes.Concat(parts.SelectMany(part => part.Attributes))
            .Concat(known)
            .Select(one => one.Of)
            .Where(name => name.Length > 0 && _file.Parts.All(part => part.Name != name))
            .Distinct()
            .ToList();
        var partsText =
            parts.Count == 0
                ? ""
                : $" Its parts: {string.Join(", ", parts.Select(part => part.Name))}. Their rules are checked with it.";
        var referencesText =
            references.Count == 0
                ? ""
                : $" It refers by id to {string.Join(", ", references)}, which changes independently.";
        return new(
            entity,
            parts,
            references,
            [
                Beginning(entity),
                .. Moves(entity),
                .. entity.Attributes.Where(one => one.MayChange).SelectMany(one => Changes(entity, one)),
            ],
            [.. EventNaming.Propose(entity.Name).Where(one => !one.DomainLanguage).Select(one => one.Name)],
            $"Everything about one {WordsOfName(entity.Name)} that must be consistent at all times, in one "
                + $"stream.{partsText}{referencesText}"
        );
    }

    private static string WordsOfName(string name) => string.Join(' ', EventWords.OfType(name));

    private Step Beginning(Entity entity)
    {
        var (fact, verb, reason) = InitialEventOf(entity);
        var initial = entity.States.Count == 0 ? null : entity.Transitions[0].From[0];
        return StepOf(
            entity,
            StepKind.Begin,
            fact,
            verb,
            [.. entity.InitialAttributes],
            [],
            initial,
            reason,
            entity.Begins?.Line ?? entity.Line);
    }

    private static (IReadOnlyList<string> Fact, string Verb, string Reason) InitialEventOf(Entity entity)
    {
        if (entity.Begins is { } begins)
            return (NameInflector.FactOf(begins.Verb), begins.Verb, "The description specifies how it is created.");
        var moves = entity
            .Transitions.Select(one => string.Join(' ', NameInflector.FactOf(VerbOf(one))))
            .ToHashSet(StringComparer.Ordinal);
        if (EventNaming.Propose(entity.Name).FirstOrDefault(one => one.DomainLanguage) is { } domainTerm)
        {
            var fact = EventWords.OfType(domainTerm.Name).Skip(EventWords.OfType(entity.Name).Count).ToList();
            if (!moves.Contains(string.Join(' ', fact)))
                return (fact, Verbs.VerbOf(fact[^1]) ?? "create",
                    $"It is created. The domain term is '{fact[^1]}', not 'created'. For another one: begins: VERB.");
        }
        var first = entity.States.Count == 0 ? null : entity.Transitions[0].From[0];
        if (moves.Count > 0 && first is not null && NameInflector.VerbOf(first) is { } stateVerb
            && !moves.Contains(string.Join(' ', NameInflector.FactOf(stateVerb))))
            return (
                NameInflector.FactOf(stateVerb),
                stateVerb,
                $"It is created as {first}. For another word: begins: VERB.");
        return (["created"], "create", "It is created. No domain term is known. For a better one: begins: VERB.");
    }

    // The check has verified that a verb is known.
    private static string VerbOf(Transition transition) => transition.Verb ?? NameInflector.VerbOf(transition.To)!;

    /// <summary>
    /// Returns one step for each verb that leads to a state, because different actions are different events.
    /// </summary>
    private IEnumerable<Step> Moves(Entity entity) =>
        entity
            .Transitions.GroupBy(one => (one.To, Verb: VerbOf(one)))
            .Select(group =>
            {
                var from = group.SelectMany(one => one.From).Distinct().ToList();
                return StepOf(
                    entity,
                    StepKind.Move,
                    NameInflector.FactOf(group.Key.Verb),
                    group.Key.Verb,
                    group.First().With,
                    from,
                    group.Key.To,
                    $"It becomes {group.Key.To}, only from {string.Join(" or ", from)}. In other states it is "
                        + "rejected.",
                    group.First().Line);
            });

    private IEnumerable<Step> Changes(Entity entity, DesignAttribute attribute)
    {
        var words = EventWords.OfType(attribute.Name).ToList();
        var initial = attribute.ChangesIn;
        if (!attribute.IsList)
        {
            yield return StepOf(
                entity,
                StepKind.Change,
                [.. words, "changed"],
                "change " + string.Join(' ', words),
                [attribute],
                initial,
                null,
                $"The {WordsOfName(attribute.Name)} may change{In(initial)}. The event describes this action and not "
                    + $"all of {entity.Name}.",
                attribute.Line);
            yield break;
        }
        IReadOnlyList<string> one = [.. words.SkipLast(1), EventWords.Singular(words[^1])];
        var single = attribute with
        {
            Name = NameInflector.Camel(EventWords.Pascal(one)),
            IsList = false,
            MayChange = false,
        };
        yield return StepOf(
            entity, StepKind.Add, [.. one, "added"], "add " + string.Join(' ', one), [single], initial, null,
            $"The list grows{In(initial)}. The event contains only the new item.", attribute.Line);
        yield return StepOf(
            entity, StepKind.Remove, [.. one, "removed"], "remove " + string.Join(' ', one), [single], initial, null,
            $"The list shrinks{In(initial)}.", attribute.Line);
    }

    private static string In(IReadOnlyList<string> states) =>
        states.Count == 0 ? "" : " in " + string.Join(" or ", states);

    private Step StepOf(
        Entity entity, StepKind kind, IReadOnlyList<string> fact, string verb, IReadOnlyList<DesignAttribute> given,
        IReadOnlyList<string> from, string? to, string reason, int line)
    {
        IReadOnlyList<string> words = [.. EventWords.OfType(entity.Name)];
        var verbWords = verb.Split(' ');
        var command = EventWords.Pascal([verbWords[0], .. words, .. verbWords.Skip(1)]);
        return new(
            kind,
            EventWords.Pascal([.. words, .. fact]),
            $"{string.Join('-', words)}.{string.Join('-', fact)}",
            command,
            EventWords.Pascal(verbWords),
            given,
            [.. Needed(entity, to, given)],
            from,
            to,
            reason,
            line);
    }

    /// <summary>
    /// Returns the values that a read model sums or uses as a key and that the command does not contain.
    /// </summary>
    private IEnumerable<(DesignAttribute, string)> Needed(
        Entity entity, string? to, IReadOnlyList<DesignAttribute> given)
    {
        var included = given.Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var query in _file.Queries.Where(query =>
                query.Entity == entity.Name && query.When is not null && query.When == to))
        {
            foreach (var name in query
                    .By.Append(query.Attribute)
                    .OfType<string>()
                    .Where(name => name is not "day" and not "state"))
            {
                if (included.Add(name))
                    yield return (
                        entity.Attributes.First(one => one.Name == name) with
                        {
                            MayChange = false,
                        },
                        $"{query.Name} needs it");
            }
        }
    }

    private IEnumerable<ReadModelProposal> ReadModelsOf(AggregateProposal aggregate)
    {
        var entity = aggregate.Of;
        var queries = _file.Queries.Where(query => query.Entity == entity.Name).ToList();
        var viewQueries = queries.Where(query => query.Kind is QueryKind.One or QueryKind.List).ToList();
        var searchKeys = viewQueries.SelectMany(query => query.By).Distinct().ToList();
        var purpose = viewQueries.Count == 0
            ? "pages that show it"
            : string.Join(", ", viewQueries.Select(query => query.Name));
        yield return new(
            entity.Name + "View",
            NameInflector.Plural(NameInflector.Kebab(entity.Name)),
            aggregate,
            null,
            aggregate.Id,
            [.. aggregate.Steps.Select(step => (step, Becomes(step)))],
            viewQueries,
            $"One document for each {entity.Name}, for {purpose}"
                + (searchKeys.Count == 0 ? "." : $"; searched by {string.Join(", ", searchKeys)}."));
        foreach (var query in queries.Where(query => query.Kind is QueryKind.Count or QueryKind.Sum))
        {
            var effect = query.Kind == QueryKind.Count ? "adds one" : $"adds its {query.Attribute}";
            var rows = aggregate
                .Steps.Where(step => IsCountedBy(step, query))
                .Select(step => (step, $"{effect} to its {query.By[0]}"));
            yield return new(
                query.Name,
                NameInflector.Kebab(query.Name),
                aggregate,
                query,
                query.By[0],
                [.. rows],
                [query],
                $"{query.Name} covers many entities, so it is counted with each event and not on each query."
            );
        }
    }

    private static bool IsCountedBy(Step step, DesignQuery query) =>
        query.When is null ? step.Kind == StepKind.Begin : step.Kind == StepKind.Move && step.To == query.When;

    private static string Becomes(Step step) =>
        step.Kind switch
        {
            StepKind.Begin => "a new document",
            StepKind.Move when step.Given.Count > 0 =>
                $"state {step.To}, with {string.Join(", ", step.Given.Select(one => one.Name))}",
            StepKind.Move => $"state {step.To}",
            StepKind.Change => $"a new {step.Given[0].Name}",
            StepKind.Add => "one more in its list",
            _ => "one less in its list",
        };

    private void Check(List<AggregateProposal> aggregates)
    {
        var stored = aggregates.SelectMany(one => one.Steps).Select(step => step.Stored).ToList();
        foreach (var name in stored)
        {
            var check = EventNaming.Check(name, stored);
            foreach (var issue in check.Issues)
            {
                var better = check.Suggestions.Count == 0 ? "" : $" Better: {string.Join(", ", check.Suggestions)}.";
                _notes.Add($"{name}: {issue.Message}{better}");
            }
        }
        foreach (var aggregate in aggregates.Where(one => one.Steps.Count == 1))
        {
            _notes.Add(
                $"{aggregate.Of.Name} never changes. Is it a part of another entity, or an external entity (outside)?"
            );
        }
        foreach (var entity in aggregates.Select(one => one.Of))
        {
            var unreachable = entity.States.Where(state =>
                state != entity.States[0] && entity.Transitions.TrueForAll(one => one.To != state));
            foreach (var state in unreachable)
                _notes.Add($"Nothing leads to the state {state} of {entity.Name}.");
        }
    }
}
