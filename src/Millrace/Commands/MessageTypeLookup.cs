namespace Millrace;

/// <summary>Finds definitions by the types of their messages: those that they are made for, and those that these list
/// as derived.</summary>
internal static class MessageTypeLookup
{
    /// <summary>Something of each definition by each type of its messages.</summary>
    public static Dictionary<Type, T> Of<TDefinition, T>(
        IEnumerable<TDefinition> definitions,
        Func<TDefinition, Type> typeOf,
        Func<TDefinition, IReadOnlyList<Type>> derivedOf,
        Func<TDefinition, T> valueOf)
    {
        var all = definitions.Select(definition => (Definition: definition, Value: valueOf(definition))).ToList();
        var found = all.ToDictionary(one => typeOf(one.Definition), one => one.Value);
        foreach (var (definition, value) in all)
        {
            foreach (var derived in derivedOf(definition))
                found.TryAdd(derived, value);
        }
        return found;
    }
}
