namespace Millrace.Reporting;

/// <summary>A place where values of a marked member are stored.</summary>
/// <param name="In">The kind of place: <c>event</c>, <c>read model</c>, <c>message</c>, <c>snapshot</c> or
/// <c>process</c>.</param>
/// <param name="Name">The stored name of the event type, read model, category or process, or the name of the class of
/// the command, query or answer.</param>
/// <param name="Path">The path of the member in the JSON; <c>/</c> for all of it.</param>
/// <param name="Kind">The kind of data, such as <c>personal</c> or <c>contact</c>.</param>
/// <param name="IsEncrypted">Whether the values are stored encrypted; null if it is unknown whether the place contains
/// values, because the model does not know the code that writes it.</param>
internal sealed record DataPlace(string In, string Name, string Path, string Kind, bool? IsEncrypted)
{
    /// <summary>The data subject: a member, or the stream of the event; null for secrets.</summary>
    public string? Subject { get; init; }

    /// <summary>The event members from which the values come; empty for events.</summary>
    public IReadOnlyList<string> From { get; init; } = [];
}
