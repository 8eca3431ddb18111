namespace Millrace.Cli.Output;

/// <summary>Formats a number with a noun.</summary>
internal static class Counted
{
    /// <summary>Returns text such as <c>1 event</c>, <c>2 events</c> or <c>1,104 events</c>.</summary>
    /// <param name="number">The number.</param>
    /// <param name="singular">The singular noun.</param>
    /// <param name="plural">The plural noun; with an s by default.</param>
    public static string Of(long number, string singular, string? plural = null) =>
        $"{TextTable.Number(number)} {(number == 1 ? singular : plural ?? singular + "s")}";
}
