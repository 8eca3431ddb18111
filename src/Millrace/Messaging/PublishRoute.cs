namespace Millrace.Messaging;

/// <summary>The events that are published to a destination.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Names">The stored names of event types; empty if <paramref name="ClrType"/> is set or if the route
/// publishes all events.</param>
/// <param name="ClrType">The event type; null if the route has none. The route then publishes the events under all
/// stored names of the type.</param>
internal sealed record PublishRoute(string Destination, IReadOnlyList<string> Names, Type? ClrType = null)
{
    private const int MaxCharacters = 200;

    /// <exception cref="InvalidNameException">Not every broker supports the destination's name.</exception>
    public static string Checked(string destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return IsAllowed(destination) ? destination : throw new InvalidNameException(
            "destination", destination, $"it must have 1 to {MaxCharacters} ASCII letters, digits, '.', '-' and '_'");
    }

    /// <summary>Returns true if every broker supports a destination of that name.</summary>
    public static bool IsAllowed(string destination)
    {
        var isAllowed = destination.Length is > 0 and <= MaxCharacters;
        foreach (var character in destination)
            isAllowed &= char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_';
        return isAllowed;
    }
}
