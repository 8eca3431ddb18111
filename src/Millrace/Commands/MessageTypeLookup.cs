namespace Millrace.Commands;

/// <summary>Maps message types, and types that are derived from them, to values.</summary>
internal static class MessageTypeLookup
{
    /// <summary>
    /// Returns a dictionary from each message type, and each derived type, to the value of the definition. A derived
    /// type with its own definition has the value of that definition.
    /// </summary>
    public static Dictionary<Type, T> Of<TDefinition, T>(
        IEnumerable<TDefinition> definitions,
        Func<TDefinition, Type> typeOf,
        Func<TDefinition, IReadOnlyList<Type>> derivedOf,
        Func<TDefinition, T> valueOf)
    {
        var all = definitions.Select(definition => (Definition: definition, Value: valueOf(definition))).ToList();
        var found = all.ToDictionary(item => typeOf(item.Definition), item => item.Value);
        foreach (var (definition, value) in all)
        {
            foreach (var derived in derivedOf(definition))
                found.TryAdd(derived, value);
        }
        return found;
    }
}
