using System.Globalization;

namespace Millrace.Cli.Design.Project;

/// <summary>Returns the C# types of attributes, and test values that satisfy or violate rules.</summary>
internal sealed class SampleValues(DesignFile file)
{
    public bool IsPart(DesignAttribute attribute) => file.Parts.Any(part => part.Name == attribute.Of);

    public Part PartOf(DesignAttribute attribute) => file.Parts.First(part => part.Name == attribute.Of);

    /// <summary>Returns the C# type of an attribute of an entity or part.</summary>
    public string TypeOf(DesignAttribute attribute, string owner)
    {
        var type = attribute.Kind switch
        {
            AttributeKind.Text => "string",
            AttributeKind.Integer => "int",
            AttributeKind.Number or AttributeKind.Money => "decimal",
            AttributeKind.YesNo => "bool",
            AttributeKind.Date => "DateOnly",
            AttributeKind.Time => "DateTimeOffset",
            AttributeKind.Choice => owner + NameInflector.Pascal(attribute.Name),
            _ => IsPart(attribute) ? attribute.Of : attribute.Of + "Id",
        };
        return attribute.IsList ? $"IReadOnlyList<{type}>" : attribute.IsOptional ? type + "?" : type;
    }

    /// <summary>Returns a valid value of an attribute.</summary>
    public string ValueOf(DesignAttribute attribute, Entity entity) =>
        ValueOf(attribute, entity, entity.Name, violated: null);

    /// <summary>
    /// Returns a value that violates a condition if the condition applies to this attribute. Otherwise, returns a valid
    /// value.
    /// </summary>
    public string ValueOf(DesignAttribute attribute, Entity entity, string owner, DesignCondition? violated)
    {
        var conditions = entity.Rules.SelectMany(rule => rule.Conditions);
        if (IsPart(attribute))
        {
            var item = PartValue(attribute, entity, violated);
            return attribute.IsList ? $"[{item}]" : item;
        }
        var value = attribute.Kind switch
        {
            AttributeKind.Choice => $"{owner}{NameInflector.Pascal(attribute.Name)}.{attribute.Choices[0]}",
            AttributeKind.Reference => "The" + attribute.Of,
            _ when violated is { Inner: null } && violated.Attribute == attribute.Name =>
                RuleCode.BreakingValue(violated, attribute) ?? RuleCode.Plain(attribute),
            _ => RuleCode.Sample(conditions, attribute),
        };
        return attribute.IsList ? $"[{value}]" : value;
    }

    /// <summary>Returns the calculated value for a list with one valid item.</summary>
    public string CalculatedValue(DesignAttribute attribute, Entity entity)
    {
        var formula = attribute.Formula!; // The attribute has a formula here.
        if (formula.IsCount)
            return attribute.Kind == AttributeKind.Integer ? "1" : "1m";
        var part = PartOf(entity.Attributes.First(one => one.Name == formula.List));
        var product = 1m;
        foreach (var factor in formula.Factors)
        {
            var value = InnerValue(
                part.Attributes.First(one => one.Name == factor), entity, part.Name, formula.List, violated: null);
            product *= decimal.Parse(value.TrimEnd('m'), CultureInfo.InvariantCulture);
        }
        return product.ToString(CultureInfo.InvariantCulture) + (attribute.Kind == AttributeKind.Integer ? "" : "m");
    }

    private string PartValue(DesignAttribute attribute, Entity entity, DesignCondition? violated)
    {
        var list = entity.Attributes.Find(one => one.Of == attribute.Of)?.Name ?? attribute.Name;
        var values = PartOf(attribute)
            .Attributes.Select(inner => InnerValue(inner, entity, attribute.Of, list, violated));
        return $"new {attribute.Of}({string.Join(", ", values)})";
    }

    private string InnerValue(DesignAttribute inner, Entity entity, string part, string list, DesignCondition? violated)
    {
        if (inner.Of.Length > 0 || inner.Kind == AttributeKind.Choice || inner.IsList)
            return ValueOf(inner, entity, part, violated: null);
        if (violated is not null && violated.Attribute == list && violated.Inner == inner.Name)
            return RuleCode.BreakingValue(violated, inner) ?? RuleCode.Plain(inner);
        var conditions = entity.Rules.SelectMany(rule => rule.Conditions).Where(one => one.Attribute == list);
        return RuleCode.Sample(conditions, inner, inner.Name);
    }
}
