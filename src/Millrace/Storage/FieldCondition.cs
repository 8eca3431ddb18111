namespace Millrace.Storage;

/// <summary>A condition on a field.</summary>
/// <param name="Field">The field's name.</param>
/// <param name="Comparison">How it is compared.</param>
/// <param name="Value">With what; null is equal to null and nothing else, and neither less nor greater than
/// anything.</param>
public sealed record FieldCondition(string Field, Comparison Comparison, FieldValue Value)
{
    private FieldCondition None => new(Field, Comparison.Less, FieldValue.Null);

    private FieldCondition AnyValue => new(Field, Comparison.NotEqual, FieldValue.Null);

    /// <summary>
    /// The same condition with a value of the field's own kind, so that numbers of different kinds compare exactly. For
    /// storages.
    /// </summary>
    /// <param name="kind">The field's kind.</param>
    /// <returns>Null when all documents meet it.</returns>
    /// <exception cref="ArgumentException">The field's values are not comparable with this one.</exception>
    public FieldCondition? Within(FieldKind kind)
    {
        if (Value.IsNull)
            return this;
        if (Comparison == Comparison.StartsWith)
            return kind == FieldKind.Text && Value.Value is string ? this : None;
        if (!FieldNumbers.TryFloor(Value, kind, out var floor))
            throw new ArgumentException(
                $"The field '{Field}' holds {FieldNumbers.Describe(kind)}, and is not comparable with '{Value}'.");
        return floor is { IsExact: true } ? new FieldCondition(Field, Comparison, floor.Value) : Between(floor.Value);
    }

    /// <summary>The same condition on numbers of which none is equal to the value.</summary>
    /// <param name="below">The greatest of them below it; null when there is none.</param>
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
            _ => throw new ArgumentOutOfRangeException(nameof(below), Comparison, "There is no such comparison."),
        };
}
