namespace Millrace.Storage.Moves;

/// <summary>A row of a moved table, or only its key. Two rows are equal if all their values are equal.</summary>
/// <param name="values">The values, in the order of the table's columns. Each value has the CLR type that
/// <see cref="MovedKind"/> defines for its column.</param>
public sealed class MovedRow(object?[] values) : IEquatable<MovedRow>
{
    /// <summary>Gets the values, in the order of the table's columns.</summary>
    public IReadOnlyList<object?> Values => values;

    /// <summary>Gets the value of a column.</summary>
    /// <param name="column">The index of the column, from 0.</param>
    public object? this[int column] => values[column];

    /// <summary>Returns the first values of the row, as its key.</summary>
    internal MovedRow Key(int columns) => values.Length == columns ? this : new MovedRow(values[..columns]);

    /// <inheritdoc/>
    public bool Equals(MovedRow? other)
    {
        if (other is null || other.Values.Count != values.Length)
            return false;
        for (var i = 0; i < values.Length; i++)
        {
            if (!AreEqual(values[i], other[i]))
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MovedRow);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in values)
            hash.Add(value is byte[] bytes ? bytes.Length : value);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(", ", values.Select(value => value is byte[] bytes ? $"{bytes.Length} bytes" : value));

    private static bool AreEqual(object? left, object? right) =>
        left is byte[] bytes ? right is byte[] others && bytes.AsSpan().SequenceEqual(others) : Equals(left, right);
}
