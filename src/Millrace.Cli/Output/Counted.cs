namespace Millrace.Cli;

/// <summary>A number of things, in words.</summary>
internal static class Counted
{
    /// <summary>One event, 2 events, 1,104 events.</summary>
    /// <param name="number">How many.</param>
    /// <param name="one">What one of them is called.</param>
    /// <param name="many">What several are called; with an s by default.</param>
    public static string Of(long number, string one, string? many = null) =>
        $"{TextTable.Number(number)} {(number == 1 ? one : many ?? one + "s")}";
}
