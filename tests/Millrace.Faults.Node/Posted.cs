using System.Globalization;

namespace Millrace.Faults;

/// <summary>A line in the history of an account. Some consumers can handle a line only after a correction.</summary>
[Event("account.posted")]
public sealed record Posted(string Account, long Number, int FlawCode)
{
    public Flaw Flaw() => (Flaw)FlawCode;
}

/// <summary>The fault of a line.</summary>
public enum Flaw
{
    /// <summary>No fault.</summary>
    None,

    /// <summary>The handler fails a few times and then succeeds.</summary>
    Flaky,

    /// <summary>The handler always fails.</summary>
    Bad,

    /// <summary>The projection cannot determine the account of the line.</summary>
    Lost,
}

/// <summary>
/// All lines of an account in the order in which the projection applied them. Tests use the story to detect lost,
/// duplicate or reordered events.
/// </summary>
public sealed record AccountStory(long Lines, string Numbers)
{
    public static AccountStory Add(AccountStory? story, Posted posted) =>
        new((story?.Lines ?? 0) + 1, string.Create(CultureInfo.InvariantCulture, $"{story?.Numbers} {posted.Number}"));
}

[Projection("account-stories")]
public sealed partial class AccountStories : Projection<string, AccountStory>
{
    public static string Key(Posted posted) =>
        posted.Flaw() == Flaw.Lost ? throw new FormatException("The account of the line is unknown.") : posted.Account;

    public static AccountStory? Apply(AccountStory? story, Posted posted) =>
        posted.Flaw() == Flaw.Bad
            ? throw new FormatException("The line is unreadable.")
            : AccountStory.Add(story, posted);
}
