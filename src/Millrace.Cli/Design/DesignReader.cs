using System.Text.RegularExpressions;
using Millrace.Shared.Naming;

namespace Millrace.Cli.Design;

/// <summary>Parses a design file line by line. The grammar is in docs/reference/design-file.md.</summary>
internal sealed partial class DesignReader
{
    private readonly List<DesignProblem> _problems = [];
    private readonly List<Entity> _entities = [];
    private readonly List<Part> _parts = [];
    private readonly List<ExternalEntity> _externalEntities = [];
    private readonly List<DesignQuery> _queries = [];
    private string? _application;
    private string? _summary;
    private string? _context;
    private object? _current; // The entity or part to which the next lines belong.

    private DesignReader()
    {
    }

    /// <summary>Parses the text of a design file.</summary>
    /// <returns>The parsed file or its errors, never both.</returns>
    public static (DesignFile? File, IReadOnlyList<DesignProblem> Problems) Read(string text)
    {
        var reader = new DesignReader();
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            if (line.Trim() is { Length: > 0 } statement && statement[0] != '#')
                reader.Read(statement, number);
        }
        if (reader._application is null)
            reader._problems.Add(
                new(
                    1,
                    "The first line must name the application.",
                    "Start with: application Bookshop \"Sells books by post.\""));
        if (reader._entities.Count == 0)
            reader._problems.Add(new(number, "The design has no entity.", "Define an entity: entity Order"));
        var file = new DesignFile(
            reader._application ?? "",
            reader._summary,
            reader._entities,
            reader._parts,
            reader._externalEntities,
            reader._queries);
        reader._problems.AddRange(DesignCheck.Problems(file));
        // Checks the names that the project would declare. A project can be proposed only from a file without errors.
        if (reader._problems.Count == 0)
            reader._problems.AddRange(new DesignNames(DesignProposer.Propose(file)).Problems());
        return reader._problems.Count == 0
            ? (file, [])
            : (null, [.. reader._problems.OrderBy(problem => problem.Line)]);
    }

    private void Read(string line, int number)
    {
        switch (line.Split([' ', ':'], 2)[0])
        {
            case "application" when Head().Match(line) is { Success: true } match:
                (_application, _summary) = (match.Groups["name"].Value, TextOf(match));
                break;
            case "context" when Head().Match(line) is { Success: true } match:
                _context = match.Groups["name"].Value;
                break;
            case "entity" when Head().Match(line) is { Success: true } match:
                var name = match.Groups["name"].Value;
                Open(
                    new Entity(
                        name,
                        _context ?? EventWords.Pascal([.. EventWords.OfType(name)]) + "s",
                        TextOf(match),
                        number));
                break;
            case "part" when Head().Match(line) is { Success: true } match:
                Open(new Part(match.Groups["name"].Value, number));
                break;
            case "outside" when Head().Match(line) is { Success: true } match:
                _externalEntities.Add(new(match.Groups["name"].Value, number));
                break;
            case "query":
                ReadQuery(line, number);
                break;
            case "application" or "context" or "entity" or "part" or "outside":
                Problem(number, $"'{line}' is not understood.",
                    $"Write: {line.Split(' ')[0]} Name \"a description\", with the name in PascalCase.");
                break;
            default:
                ReadWithin(line, number);
                break;
        }
    }

    private void Open(object owner)
    {
        _current = owner;
        if (owner is Entity entity)
            _entities.Add(entity);
        else
            _parts.Add((Part)owner);
    }

    private void ReadWithin(string line, int number)
    {
        if (_current is null)
            Problem(
                number,
                $"'{line}' does not belong to an entity or a part.",
                "Define one in an earlier line: entity Order");
        else if (_current is Part part)
            Add(part.Attributes, AttributeOf(line, number));
        else if (line.StartsWith("states:", StringComparison.Ordinal))
            ReadStates((Entity)_current, line["states:".Length..].Trim(), number);
        else if (line.StartsWith("begins:", StringComparison.Ordinal))
            ((Entity)_current).Begins = (line["begins:".Length..].Trim(), number);
        else if (line.StartsWith("rule ", StringComparison.Ordinal))
            ReadRule((Entity)_current, line, number);
        else
            Add(((Entity)_current).Attributes, AttributeOf(line, number));
    }

    private static void Add(List<DesignAttribute> attributes, DesignAttribute? attribute)
    {
        if (attribute is not null)
            attributes.Add(attribute);
    }

    private DesignAttribute? AttributeOf(string line, int number)
    {
        var match = Attribute().Match(line);
        if (!match.Success)
        {
            Problem(
                number, $"'{line}' is not an attribute.",
                "Write: name: type. The type is text, integer, number, money, yes-no, date, time, one of A, B, the "
                + "name of an entity or a part, or list of Part. After the type you can write: optional, unique, "
                + "may change, may change in STATE.");
            return null;
        }
        var type = match.Groups["type"].Value;
        var isList = type.StartsWith("list of ", StringComparison.Ordinal);
        var of = isList ? type["list of ".Length..] : type;
        var isChoice = type.StartsWith("one of ", StringComparison.Ordinal);
        var formula = match.Groups["formula"].Success ? FormulaOf(match.Groups["formula"].Value, number) : null;
        return new(match.Groups["name"].Value, KindOf(of), number)
        {
            Of = char.IsUpper(of[0]) ? of : "",
            Choices = isChoice ? List(type["one of ".Length..]) : [],
            IsList = isList,
            IsOptional = match.Groups["optional"].Success,
            IsUnique = match.Groups["unique"].Success,
            MayChange = match.Groups["change"].Success,
            ChangesIn = match.Groups["in"].Success ? List(match.Groups["in"].Value) : [],
            Formula = formula,
        };
    }

    // A later step decides whether a name means an entity or a part, when all lines have been read.
    private static AttributeKind KindOf(string type) => type switch
    {
        "text" => AttributeKind.Text,
        "integer" => AttributeKind.Integer,
        "number" => AttributeKind.Number,
        "money" => AttributeKind.Money,
        "yes-no" => AttributeKind.YesNo,
        "date" => AttributeKind.Date,
        "time" => AttributeKind.Time,
        _ when type.StartsWith("one of ", StringComparison.Ordinal) => AttributeKind.Choice,
        _ => AttributeKind.Reference,
    };

    private DesignFormula? FormulaOf(string text, int number)
    {
        var match = Formula().Match(text.Trim());
        if (!match.Success)
        {
            Problem(
                number,
                $"'{text}' is not a calculation.",
                "Write: = count of items, or: = sum of items.quantity * items.price");
            return null;
        }
        var factors = match.Groups["factor"].Captures.Select(factor => factor.Value).ToList();
        if (match.Groups["count"].Success)
            return new(true, match.Groups["count"].Value, []);
        var lists = match.Groups["list"].Captures.Select(list => list.Value).Distinct().ToList();
        if (lists.Count > 1)
            Problem(number, $"'{text}' uses several lists.", "Use factors of one list only.");
        return new(false, lists[0], factors);
    }

    private void ReadStates(Entity entity, string text, int number)
    {
        var with = new List<DesignAttribute>();
        if (text.IndexOf(" with ", StringComparison.Ordinal) is > 0 and var withIndex)
        {
            foreach (var part in text[(withIndex + " with ".Length)..].Split(';', StringSplitOptions.TrimEntries))
                Add(with, AttributeOf(part, number));
            text = text[..withIndex];
        }
        string? verb = null;
        if (text.IndexOf(" by ", StringComparison.Ordinal) is > 0 and var byIndex)
            (verb, text) = (text[(byIndex + " by ".Length)..].Trim(), text[..byIndex]);
        var steps = text.Split("->", StringSplitOptions.TrimEntries).Select(List).ToList();
        if (steps.Count < 2
            || steps.Skip(1).Any(step => step.Count != 1)
            || steps.Any(step => step.Any(name => !Name().IsMatch(name))))
        {
            Problem(
                number,
                $"'{text}' is not a list of states.",
                "Write: states: Draft -> Submitted -> Paid, or: states: Draft, Submitted -> Cancelled by cancel with "
                    + "reason: text"
            );
            return;
        }
        for (var step = 1; step < steps.Count; step++)
        {
            var isLast = step == steps.Count - 1;
            entity.Transitions.Add(
                new(steps[step - 1], steps[step][0], isLast ? verb : null, isLast ? with : [], number));
        }
    }

    private void ReadRule(Entity entity, string line, int number)
    {
        var match = Rule().Match(line);
        var conditions = match.Success
            ? match
                .Groups["conditions"]
                .Value.Split(" and ", StringSplitOptions.TrimEntries)
                .Select(one => Condition().Match(one))
                .ToList()
            : [];
        if (conditions.Count == 0 || conditions.Exists(one => !one.Success))
        {
            Problem(
                number, $"'{line}' is not a rule.",
                "Write: rule name-of-rule: items.quantity > 0 \"The message for users.\" The operators are >, >=, <, "
                + "<=, is and is not. Compare with a number, yes, no, empty or an attribute. Join conditions with and. "
                + "Add when STATE if the rule is checked only when the entity reaches that state.");
            return;
        }
        entity.Rules.Add(new(
            match.Groups["name"].Value,
            [.. conditions.Select(one => new DesignCondition(
                one.Groups["attribute"].Value,
                one.Groups["inner"].Success ? one.Groups["inner"].Value : null,
                one.Groups["operator"].Value,
                one.Groups["value"].Value))],
            match.Groups["when"].Success ? match.Groups["when"].Value : null,
            match.Groups["message"].Value,
            number));
    }

    private void ReadQuery(string line, int number)
    {
        var match = Query().Match(line);
        if (!match.Success)
        {
            Problem(
                number, $"'{line}' is not a query.",
                "Write: query Name: one Order, or: list Order by customer, state, or: count Order per day when Paid, "
                + "or: sum Order.total per day when Paid. At the end you can add \"a description\".");
            return;
        }
        var kind = Enum.Parse<QueryKind>(match.Groups["kind"].Value, ignoreCase: true);
        _queries.Add(new(
            match.Groups["name"].Value, kind, match.Groups["entity"].Value,
            match.Groups["attribute"].Success ? match.Groups["attribute"].Value : null,
            match.Groups["by"].Success ? List(match.Groups["by"].Value) : [],
            match.Groups["when"].Success ? match.Groups["when"].Value : null,
            TextOf(match),
            number));
    }

    private void Problem(int line, string error, string correction) => _problems.Add(new(line, error, correction));

    private static string? TextOf(Match match) => match.Groups["text"].Success ? match.Groups["text"].Value : null;

    private static List<string> List(string names) =>
        [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("^[a-z]+ (?<name>[A-Z][A-Za-z0-9]*)(?: \"(?<text>[^\"]*)\")?$")]
    private static partial Regex Head();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*$")]
    private static partial Regex Name();

    [GeneratedRegex(
        "^(?<name>[a-z][A-Za-z0-9]*): (?<type>list of [A-Z][A-Za-z0-9]*|one of [A-Z][A-Za-z0-9]*(?:, "
            + "[A-Z][A-Za-z0-9]*)*|[A-Z][A-Za-z0-9]*"
            + "|text|integer|number|money|yes-no|date|time)(?: = (?<formula>.+?))?(?<optional> optional)?(?<unique> "
            + "unique)?"
            + "(?<change> may change(?: in (?<in>[A-Z][A-Za-z0-9]*(?:, [A-Z][A-Za-z0-9]*)*))?)?$")]
    private static partial Regex Attribute();

    [GeneratedRegex(
        "^(?:count of (?<count>[a-z][A-Za-z0-9]*)|sum of (?<list>[a-z][A-Za-z0-9]*)\\.(?<factor>[a-z][A-Za-z0-9]*)"
        + "(?: \\* (?<list>[a-z][A-Za-z0-9]*)\\.(?<factor>[a-z][A-Za-z0-9]*))*)$")]
    private static partial Regex Formula();

    [GeneratedRegex(
        "^rule (?<name>[a-z][a-z0-9-]*): (?<conditions>.+?)(?: when (?<when>[A-Z][A-Za-z0-9]*))? "
            + "\"(?<message>[^\"]+)\"$"
    )]
    private static partial Regex Rule();

    [GeneratedRegex(
        "^(?<attribute>[a-z][A-Za-z0-9]*)(?:\\.(?<inner>[a-z][A-Za-z0-9]*))? (?<operator>>=|<=|>|<|is not|is) "
        + "(?<value>-?\\d+(?:\\.\\d+)?|empty|yes|no|[a-z][A-Za-z0-9]*)$")]
    private static partial Regex Condition();

    [GeneratedRegex(
        "^query (?<name>[A-Z][A-Za-z0-9]*): (?<kind>one|list|count|sum) "
            + "(?<entity>[A-Z][A-Za-z0-9]*)(?:\\.(?<attribute>[a-z][A-Za-z0-9]*))?"
        + "(?: (?:by|per) (?<by>[a-z][A-Za-z0-9]*(?:, [a-z][A-Za-z0-9]*)*))?(?: when (?<when>[A-Z][A-Za-z0-9]*))?"
        + "(?: \"(?<text>[^\"]*)\")?$")]
    private static partial Regex Query();
}
