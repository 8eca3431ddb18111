namespace Millrace.Storage.Moves;

/// <summary>A row of a moved table, or the key of a row. Two rows are equal if all their values are equal.</summary>
internal sealed class MovedRow(object?[] values) : IEquatable<MovedRow>
{
    /// <summary>Gets the values, in the order of the table's columns.</summary>
    public object?[] Values { get; } = values;

    public object? this[int column] => Values[column];

    /// <summary>Returns the key, which consists of the first values of the row.</summary>
    public MovedRow Key(int columns) => Values.Length == columns ? this : new MovedRow(Values[..columns]);

    public bool Equals(MovedRow? other)
    {
        if (other is null || other.Values.Length != Values.Length)
            return false;
        for (var i = 0; i < Values.Length; i++)
        {
            if (!AreEqual(Values[i], other.Values[i]))
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as MovedRow);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in Values)
            hash.Add(value is byte[] bytes ? bytes.Length : value);
        return hash.ToHashCode();
    }

    public override string ToString() =>
        string.Join(", ", Values.Select(value => value is byte[] bytes ? $"{bytes.Length} bytes" : value));

    private static bool AreEqual(object? left, object? right) =>
        left is byte[] bytes ? right is byte[] others && bytes.AsSpan().SequenceEqual(others) : Equals(left, right);
}
