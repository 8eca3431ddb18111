namespace Millrace.Streams;

/// <summary>Describes how keys of a type are converted to text and compared.</summary>
internal static class KeyType<TKey>
{
    private static readonly bool IsBuiltIn = BuiltInKeys.Contains(typeof(TKey));
    private static readonly bool IsKey = IsBuiltIn || typeof(IKeyText).IsAssignableFrom(typeof(TKey));

    /// <summary>
    /// Gets the version of the text format of these keys, which <see cref="KeyText.CodingOf"/> returns.
    /// </summary>
    public static int Coding { get; } = KeyText.CodingOf(typeof(TKey));

    /// <summary>Gets a comparer that compares keys by their texts, even if the type defines another equality.</summary>
    public static IEqualityComparer<TKey> Comparer { get; } =
        IsBuiltIn || !IsKey ? EqualityComparer<TKey>.Default : new TextComparer();

    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static void RequireKey(TKey key)
    {
        if (!IsKey && !(typeof(TKey) == typeof(object) && (key is IKeyText || BuiltInKeys.Contains(key!.GetType()))))
            throw Refusal(typeof(TKey) == typeof(object) ? key!.GetType() : typeof(TKey));
    }

    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static void RequireKey()
    {
        if (!IsKey)
            throw Refusal(typeof(TKey));
    }

    private static ArgumentException Refusal(Type key) =>
        new(
            $"{key.Name} cannot be a key, because it has no text that identifies its values: mark it with [Id<Guid>], "
            + "another [Id<…>] or [Value<…>], use a text, a number, a date, a Guid or an enumeration, or implement "
            + "IKeyText.",
            nameof(key));

    private sealed class TextComparer : IEqualityComparer<TKey>
    {
        public bool Equals(TKey? left, TKey? right) => left is IKeyText first && right is IKeyText second
            ? string.Equals(first.ToKeyText(), second.ToKeyText(), StringComparison.Ordinal)
            : left is null && right is null;

        public int GetHashCode(TKey key) => string.GetHashCode(((IKeyText)key!).ToKeyText(), StringComparison.Ordinal);
    }
}
