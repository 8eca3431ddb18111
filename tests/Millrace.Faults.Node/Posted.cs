using System.Globalization;

namespace Millrace.Faults;

/// <summary>A line of an account's history, which some consumers cannot handle unchanged.</summary>
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

    /// <summary>A handler fails a few times, then succeeds.</summary>
    Flaky,

    /// <summary>It fails permanently.</summary>
    Bad,

    /// <summary>An event whose account the projection cannot determine.</summary>
    Lost,
}

/// <summary>All lines of an account in the order in which they were folded, to detect lost, duplicate or reordered
/// events.</summary>
public sealed record AccountStory(long Lines, string Numbers)
{
    public static AccountStory Add(AccountStory? story, Posted posted) =>
        new((story?.Lines ?? 0) + 1, string.Create(CultureInfo.InvariantCulture, $"{story?.Numbers} {posted.Number}"));
}

[Projection("account-stories")]
public sealed partial class AccountStories : Projection<string, AccountStory>
{
    public static string Key(Posted posted) =>
        posted.Flaw() == Flaw.Lost ? throw new FormatException("Whose line is this?") : posted.Account;

    public static AccountStory? Apply(AccountStory? story, Posted posted) =>
        posted.Flaw() == Flaw.Bad
            ? throw new FormatException("Nobody can read this line.")
            : AccountStory.Add(story, posted);
}
