using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// Parses the texts of conditions according to the types of their fields. Such texts come from a query string, for
/// example.
/// </summary>
internal static class FieldValueParser
{
    /// <summary>Returns the conditions, with each text converted to the type of its field.</summary>
    /// <exception cref="InvalidValueException">A text is not a value of its field.</exception>
    public static IReadOnlyList<FieldCondition> Read<TDocument>(
        IReadOnlyList<FieldCondition> conditions, IReadOnlyList<DocumentField<TDocument>> fields)
    {
        FieldCondition[]? parsed = null;
        for (var i = 0; i < conditions.Count; i++)
        {
            var condition = conditions[i];
            if (condition.Value.Value is not string text || condition.Comparison == Comparison.StartsWith)
                continue;
            var field = fields.First(known => known.Name == condition.Field); // The caller has checked the field.
            var value =
                Parse(field, text)
                ?? throw new InvalidValueException(
                    field.Name,
                    text,
                    $"the field contains {FieldNumbers.Describe(field.Kind)}. Write the value as in JSON.");
            parsed ??= [.. conditions];
            parsed[i] = condition with { Value = value };
        }
        return parsed ?? conditions;
    }

    /// <summary>Parses the text of a value; null if the text is not valid.</summary>
    public static FieldValue? Parse<TDocument>(DocumentField<TDocument> field, string text) =>
        field.Parse is { } parse ? parse(text) : ParseByKind(field.Kind, text);

    /// <summary>Parses the text of a value of a kind; null if the text is not valid.</summary>
    public static FieldValue? ParseByKind(FieldKind kind, string text) =>
        kind switch
        {
            FieldKind.Text => text,
            FieldKind.Integer => FieldValue.Parse<long>(text),
            FieldKind.Decimal => FieldValue.Parse<decimal>(text),
            FieldKind.Ticks => FieldValue.Parse<DateTimeOffset>(text)
                ?? FieldValue.Parse<TimeOnly>(text)
                ?? FieldValue.Parse<TimeSpan>(text),
            _ => FieldValue.Parse<double>(text),
        };
}
