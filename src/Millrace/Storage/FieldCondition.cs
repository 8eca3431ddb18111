namespace Millrace.Storage;

/// <summary>A condition on a field.</summary>
/// <param name="Field">The name of the field.</param>
/// <param name="Comparison">The comparison.</param>
/// <param name="Value">The value to compare with. Null equals only null. Comparisons for less or greater are false for
/// null, except <see cref="Comparison.GreaterOrNull"/>.</param>
public sealed record FieldCondition(string Field, Comparison Comparison, FieldValue Value)
{
    private FieldCondition NeverTrue => new(Field, Comparison.Less, FieldValue.Null);

    private FieldCondition AnyValue => new(Field, Comparison.NotEqual, FieldValue.Null);

    /// <summary>
    /// Returns an equivalent condition whose value has the field's kind, so that storages compare numbers of different
    /// kinds exactly.
    /// </summary>
    /// <param name="kind">The kind of the field.</param>
    /// <returns>The condition; null if all documents satisfy the condition.</returns>
    /// <exception cref="ArgumentException">The values of the field cannot be compared with this value.</exception>
    public FieldCondition? ConvertTo(FieldKind kind)
    {
        if (Value.IsNull)
            return this;
        if (kind == FieldKind.Hash)
            return Value.IsHash && Comparison is Comparison.Equal or Comparison.NotEqual ? this : throw OnlyHashes();
        if (Value.HashedValue is { } plain)
            return new FieldCondition(Field, Comparison, plain).ConvertTo(kind);
        if (Comparison == Comparison.StartsWith)
            return kind == FieldKind.Text && Value.Value is string ? this : NeverTrue;
        if (!FieldNumbers.TryFloor(Value, kind, out var floor))
            throw new ArgumentException(
                $"The field '{Field}' contains {FieldNumbers.Describe(kind)}, which cannot be compared "
                    + $"with '{Value}'.");
        return floor is { IsExact: true } ? new FieldCondition(Field, Comparison, floor.Value) : Between(floor.Value);
    }

    private ArgumentException OnlyHashes() =>
        new($"The field '{Field}' contains keyed hashes of encrypted values. They are only compared with a hash, for "
            + "equality. If its mark was removed, build the read model again.");

    /// <summary>Returns an equivalent condition for a field whose kind cannot contain the value exactly.</summary>
    /// <param name="below">The greatest number of the kind that is less than the value; null if all numbers are
    /// greater.</param>
    private FieldCondition? Between(FieldValue below) =>
        Comparison switch
        {
            Comparison.Equal => NeverTrue,
            Comparison.NotEqual => null,
            Comparison.Less or Comparison.LessOrEqual => below.IsNull
                ? NeverTrue
                : new(Field, Comparison.LessOrEqual, below),
            Comparison.Greater or Comparison.GreaterOrEqual => below.IsNull
                ? AnyValue
                : new(Field, Comparison.Greater, below),
            Comparison.GreaterOrNull => below.IsNull ? null : new(Field, Comparison.GreaterOrNull, below),
            _ => throw new ArgumentOutOfRangeException(nameof(below), Comparison, "Undefined comparison."),
        };
}
