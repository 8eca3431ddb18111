using Xunit.Abstractions;

namespace Millrace.Faults.Tests;

/// <summary>Measured figures that are documented elsewhere: printed with the test, and at the end of
/// <c>./test</c>.</summary>
internal static class Figures
{
    // The file in which ./test gathers the figures; not set when a test runs alone.
    private const string File = "MILLRACE_FIGURES";

    private static readonly Lock Writing = new();

    /// <summary>True when measurements are enabled, and nothing else runs concurrently: only then a speed is
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
