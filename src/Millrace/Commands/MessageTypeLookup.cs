namespace Millrace.Commands;

/// <summary>Finds definitions by the types of their messages, and by the derived types of these types.</summary>
internal static class MessageTypeLookup
{
    /// <summary>Returns a dictionary that maps each message type to the value of its definition.</summary>
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
