using System.Globalization;

namespace Millrace;

/// <summary>The text of keys, which must tell them apart in every culture.</summary>
internal static class KeyText
{
    /// <exception cref="ArgumentException">Its type has no text of its own: the text would be the type's name, for every key the
    /// same.</exception>
    public static string Of<TKey>(TKey key)
        where TKey : notnull => key switch
        {
            string text => text,
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            IComparable<TKey> => key.ToString() ?? "", // As ids and values are, which the generator fills.
            _ => throw new ArgumentException(
                $"{typeof(TKey).Name} cannot be a key, because it has no text of its own: mark it with [Id<Guid>] or another [Id<…>], "
                + "use a Guid, a string or a number, or implement IFormattable.",
                nameof(key)),
        };
}
