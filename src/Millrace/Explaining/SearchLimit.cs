namespace Millrace.Explaining;

/// <summary>The limits of the duration of searches for explanations.</summary>
internal static class SearchLimit
{
    public static readonly TimeSpan Min = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Max = TimeSpan.FromHours(1);

    /// <exception cref="ArgumentOutOfRangeException">The time limit is too short or too long.</exception>
    public static void Check(TimeSpan timeLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeLimit, Min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeLimit, Max);
    }
}
