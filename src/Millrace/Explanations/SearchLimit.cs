namespace Millrace;

/// <summary>How long searches for explanations may take.</summary>
internal static class SearchLimit
{
    public static readonly TimeSpan Min = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Max = TimeSpan.FromHours(1);

    /// <exception cref="ArgumentOutOfRangeException">It is too short or too long.</exception>
    public static void Check(TimeSpan timeLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeLimit, Min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeLimit, Max);
    }
}
