namespace Millrace.Consuming;

/// <summary>Helpers for the stored types of a consumer's events.</summary>
internal static class StoredEventTypes
{
    /// <summary>Throws when an event of a requested type cannot be read as that type.</summary>
    public static void RequireReadable(RecordedEvent recorded)
    {
        if (recorded.Data is UnreadableEvent unreadable)
            throw new CannotDeserializeException(
                recorded.Type, recorded.SchemaVersion, recorded.Position, unreadable.Reason);
    }

    /// <summary>
    /// Throws when the encrypted values of an event cannot be decrypted, also for a consumer that needs only the bytes.
    /// </summary>
    public static void RequireDecrypted(RecordedEvent recorded)
    {
        if (recorded.ProtectionProblem is { } problem)
            throw new CannotDeserializeException(recorded.Type, recorded.SchemaVersion, recorded.Position, problem);
    }

    /// <summary>Returns the stored names of events that are read as the given types.</summary>
    public static IReadOnlyList<string> NamesOf(EventTypeMap types, IReadOnlyList<Type> events)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var type in events)
            names.UnionWith(types.StoredNamesOf(type));
        return [.. names];
    }
}
