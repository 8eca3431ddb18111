namespace Millrace.Cli.Output;

/// <summary>Formats a number with a noun.</summary>
internal static class Counted
{
    /// <summary>Returns one event, 2 events, 1,104 events.</summary>
    /// <param name="number">The number.</param>
    /// <param name="one">The singular noun.</param>
    /// <param name="many">The plural noun; with an s by default.</param>
    public static string Of(long number, string one, string? many = null) =>
        $"{TextTable.Number(number)} {(number == 1 ? one : many ?? one + "s")}";
}
