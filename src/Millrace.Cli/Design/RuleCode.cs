using System.Globalization;

namespace Millrace.Cli.Design;

/// <summary>Writes rules as code, and finds values that satisfy or violate the rules.</summary>
internal static class RuleCode
{
    // The maximum fits every numeric type, and a larger value remains possible.
    private const decimal MaxMagnitude = 1_000_000_000;

    private static readonly string[] OrderOperators = [">", ">=", "<", "<="];

    /// <summary>Returns the reason why a condition is invalid, or null when the condition is valid.</summary>
    public static string? Problem(
        Entity entity, DesignAttribute attribute, DesignAttribute? inner, DesignCondition condition)
    {
        var compared = inner ?? attribute;
        var isNumber =
            compared.Kind is AttributeKind.Integer or AttributeKind.Number or AttributeKind.Money
            && (inner is not null || !attribute.IsList);
        var value = condition.Value;
        if (attribute.IsList && inner is null)
            return value == "empty" && condition.Operator == "is not" ? null
                : $"'{attribute.Name}' is a list and supports only 'is not empty'.";
        if (compared.IsList)
            return $"'{compared.Name}' is a list inside a list and supports no condition.";
        if (attribute.IsOptional || compared.IsOptional)
            return $"'{attribute.Name}' is optional and supports no condition.";
        if (isNumber)
        {
            var isAttribute = char.IsAsciiLetterLower(value[0]) && entity.Attributes.Exists(one => one.Name == value
                && one.Kind == compared.Kind && one is { IsList: false, IsOptional: false });
            if (decimal.TryParse(value, CultureInfo.InvariantCulture, out var bound) && Math.Abs(bound) > MaxMagnitude)
                return $"{value} is too large: compare with at most "
                    + $"{MaxMagnitude.ToString(CultureInfo.InvariantCulture)}.";
            return
                decimal.TryParse(value, CultureInfo.InvariantCulture, out _)
                || (isAttribute && condition.Operator is ">=" or "<=" or "is")
                ? null
                : $"'{compared.Name}' is numeric: compare it with a number, or by >=, <= or is with another attribute "
                    + "of the same type.";
        }
        if (OrderOperators.Contains(condition.Operator))
            return $"'{compared.Name}' is not numeric.";
        return compared.Kind switch
        {
            AttributeKind.Text => value == "empty" && condition.Operator == "is not" ? null
                : $"'{compared.Name}' is a text and supports only 'is not empty'.",
            AttributeKind.YesNo => value is "yes" or "no" ? null : $"'{compared.Name}' can only be compared with yes "
                + "or no.",
            _ => $"'{compared.Name}' supports no condition.",
        };
    }

    /// <summary>Returns the conditions of a rule as a C# expression.</summary>
    /// <param name="entity">The entity of the rule.</param>
    /// <param name="rule">The rule.</param>
    public static string Expression(Entity entity, DesignRule rule) =>
        string.Join(" && ", rule.Conditions.Select(condition => Expression(entity, condition)));

    /// <summary>
    /// Returns a value of an attribute that satisfies all conditions. If no such value is found, returns an ordinary
    /// value.
    /// </summary>
    public static string Sample(
        IEnumerable<DesignCondition> conditions,
        DesignAttribute attribute,
        string? inner = null) => SampleOf(conditions, attribute, inner, violated: null) ?? Plain(attribute);

    /// <summary>Returns a value that violates a condition, or null when no such value is found.</summary>
    public static string? BreakingValue(DesignCondition condition, DesignAttribute attribute) => attribute.Kind switch
    {
        AttributeKind.Text when condition is { Value: "empty" } => "\"\"",
        AttributeKind.YesNo => (condition.Value == "yes") == (condition.Operator == "is") ? "false" : "true",
        _ => SampleOf([condition], attribute, condition.Inner, violated: condition),
    };

    public static string Plain(DesignAttribute attribute) => attribute.Kind switch
    {
        AttributeKind.Integer => "3",
        AttributeKind.Number or AttributeKind.Money => "12.50m",
        AttributeKind.YesNo => "true",
        AttributeKind.Date => "new DateOnly(2026, 1, 5)",
        AttributeKind.Time => "new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero)",
        _ => $"\"{NameInflector.Kebab(attribute.Name).Replace('-', ' ')}\"",
    };

    private static string Expression(Entity entity, DesignCondition condition)
    {
        var attribute = entity.Attributes.First(one => one.Name == condition.Attribute);
        var name = NameInflector.Pascal(attribute.Name);
        if (attribute.IsList && condition.Inner is null)
            return $"{name}.Count > 0";
        return condition.Inner is { } inner
            ? $"{name}.All(one => {ComparisonCode("one." + NameInflector.Pascal(inner), condition)})"
            : ComparisonCode(name, condition);
    }

    private static string ComparisonCode(string left, DesignCondition condition)
    {
        if (condition.Value == "empty")
            return $"!string.IsNullOrWhiteSpace({left})";
        if (condition.Value is "yes" or "no")
            return (condition.Value == "yes") == (condition.Operator == "is") ? left : "!" + left;
        var symbol = condition.Operator switch { "is" => "==", "is not" => "!=", var other => other };
        var right = decimal.TryParse(condition.Value, CultureInfo.InvariantCulture, out _)
            ? condition.Value.Contains('.', StringComparison.Ordinal) ? condition.Value + "m" : condition.Value
            : NameInflector.Pascal(condition.Value);
        return $"{left} {symbol} {right}";
    }

    private static string? SampleOf(
        IEnumerable<DesignCondition> conditions, DesignAttribute attribute, string? inner, DesignCondition? violated)
    {
        var name = inner is null ? attribute.Name : null;
        var relevant = conditions.Where(one => (name is null || one.Attribute == name) && one.Inner == inner).ToList();
        if (attribute.Kind == AttributeKind.YesNo && relevant is [{ Value: "yes" or "no" } only, ..])
            return (only.Value == "yes") == (only.Operator == "is") ? "true" : "false";
        if (attribute.Kind is not (AttributeKind.Integer or AttributeKind.Number or AttributeKind.Money))
            return null;
        var bounds = relevant
            .Select(one =>
                (one.Operator, Is: decimal.TryParse(one.Value, CultureInfo.InvariantCulture, out var number), number))
            .Where(one => one.Is)
            .ToList();
        var typical = attribute.Kind == AttributeKind.Integer ? 3m : 12.50m;
        var candidates = bounds
            .SelectMany(one => new[] { one.number + 1, one.number, one.number - 1 })
            .Prepend(typical)
            .ToList();
        foreach (var candidate in candidates)
        {
            if (bounds.TrueForAll(one => Holds(candidate, one.Operator, one.number)) == (violated is null))
                return attribute.Kind == AttributeKind.Integer
                    ? ((long)candidate).ToString(CultureInfo.InvariantCulture)
                    : candidate.ToString(CultureInfo.InvariantCulture) + "m";
        }
        return null;
    }

    private static bool Holds(decimal value, string comparison, decimal bound) => comparison switch
    {
        ">" => value > bound,
        ">=" => value >= bound,
        "<" => value < bound,
        "<=" => value <= bound,
        "is" => value == bound,
        _ => value != bound,
    };
}
