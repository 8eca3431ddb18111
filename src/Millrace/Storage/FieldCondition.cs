namespace Millrace.Storage;

/// <summary>A condition on a field.</summary>
/// <param name="Field">The name of the field.</param>
/// <param name="Comparison">The comparison.</param>
/// <param name="Value">The value to compare with. Null equals only null, and is neither less nor greater than any
/// value.</param>
public sealed record FieldCondition(string Field, Comparison Comparison, FieldValue Value)
{
    private FieldCondition None => new(Field, Comparison.Less, FieldValue.Null);

    private FieldCondition AnyValue => new(Field, Comparison.NotEqual, FieldValue.Null);

    /// <summary>
    /// Returns the same condition with a value of the field's kind, so that numbers of different kinds are compared
    /// exactly. For storages.
    /// </summary>
    /// <param name="kind">The kind of the field.</param>
    /// <returns>The condition; null if all documents meet it.</returns>
    /// <exception cref="ArgumentException">The values of the field cannot be compared with this value.</exception>
    public FieldCondition? Within(FieldKind kind)
    {
        if (Value.IsNull)
            return this;
        if (Comparison == Comparison.StartsWith)
            return kind == FieldKind.Text && Value.Value is string ? this : None;
        if (!FieldNumbers.TryFloor(Value, kind, out var floor))
            throw new ArgumentException(
                $"The field '{Field}' contains {FieldNumbers.Describe(kind)}, not comparable with '{Value}'.");
        return floor is { IsExact: true } ? new FieldCondition(Field, Comparison, floor.Value) : Between(floor.Value);
    }

    /// <summary>Returns the same condition for numbers of which none equals the value.</summary>
    /// <param name="below">The greatest number below the value; null if there is none.</param>
    private FieldCondition? Between(FieldValue below) =>
        Comparison switch
        {
            Comparison.Equal => None,
            Comparison.NotEqual => null,
            Comparison.Less or Comparison.LessOrEqual => below.IsNull
                ? None
                : new(Field, Comparison.LessOrEqual, below),
            Comparison.Greater or Comparison.GreaterOrEqual => below.IsNull
                ? AnyValue
                : new(Field, Comparison.Greater, below),
            _ => throw new ArgumentOutOfRangeException(nameof(below), Comparison, "Undefined comparison."),
        };
}
