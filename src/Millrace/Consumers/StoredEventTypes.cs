namespace Millrace;

/// <summary>What consumers demand of stored events.</summary>
internal static class StoredEventTypes
{
    /// <summary>Refuses an event of a wanted type that cannot be read as it.</summary>
    public static void RequireReadable(RecordedEvent recorded)
    {
        if (recorded.Data is UnreadableEvent unreadable)
            throw new CannotDeserializeException(
                recorded.Type, recorded.SchemaVersion, recorded.Position, unreadable.Reason);
    }

    /// <summary>The names under which events may be stored that are read as some types.</summary>
    public static IReadOnlyList<string> NamesOf(EventTypeMap types, IReadOnlyList<Type> events)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var type in events)
            names.UnionWith(types.StoredNamesOf(type));
        return [.. names];
    }
}
