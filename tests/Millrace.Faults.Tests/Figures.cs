using Xunit.Abstractions;

namespace Millrace.Faults.Tests;

/// <summary>Measured figures that are promised elsewhere: told with the test, and at the end of
/// <c>./test</c>.</summary>
internal static class Figures
{
    private const string File = "MILLRACE_FIGURES"; // Where ./test gathers them; none when a test runs automatically.

    private static readonly Lock Writing = new();

    /// <summary>Whether there is time to measure, and nothing else runs beside it: only then a speed is
    /// asserted.</summary>
    public static bool AreAsserted => Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1";

    public static void Keep(ITestOutputHelper output, string figure)
    {
        output.WriteLine(figure);
        if (Environment.GetEnvironmentVariable(File) is not { Length: > 0 } path)
            return;
        lock (Writing)
            System.IO.File.AppendAllText(path, figure + Environment.NewLine);
    }
}
