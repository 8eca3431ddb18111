namespace Millrace.Messaging;

/// <summary>Which events go to a destination.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Names">Stored names of event types; empty with <paramref name="ClrType"/>, or for all.</param>
/// <param name="ClrType">The event type, where it was given as one: it stands for all names that it is stored
/// under.</param>
internal sealed record PublishRoute(string Destination, IReadOnlyList<string> Names, Type? ClrType = null)
{
    private const int MaxCharacters = 200;

    /// <exception cref="InvalidNameException">The destination has a name that not every broker can have.</exception>
    public static string Checked(string destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return IsAllowed(destination) ? destination : throw new InvalidNameException(
            "destination", destination, $"it must have 1 to {MaxCharacters} ASCII letters, digits, '.', '-' and '_'");
    }

    /// <summary>Whether every broker can have a destination of that name.</summary>
    public static bool IsAllowed(string destination)
    {
        var isAllowed = destination.Length is > 0 and <= MaxCharacters;
        foreach (var character in destination)
            isAllowed &= char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_';
        return isAllowed;
    }
}
