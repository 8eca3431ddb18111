namespace Millrace.Messaging;

/// <summary>The events that are published to a destination.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Names">The stored names of event types; empty with <paramref name="ClrType"/>, or for all.</param>
/// <param name="ClrType">The event type, if the route has one: it includes all names under which it is stored.</param>
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
