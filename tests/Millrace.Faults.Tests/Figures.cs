using Xunit.Abstractions;

namespace Millrace.Faults.Tests;

/// <summary>
/// Prints measured figures with the test and at the end of <c>./test</c>. The documentation states these figures.
/// </summary>
internal static class Figures
{
    // The variable names the file in which ./test collects the figures. It is not set when a test runs alone.
    private const string FileVariable = "MILLRACE_FIGURES";

    private static readonly Lock WriteLock = new();

    /// <summary>
    /// Gets whether tests assert speeds. They do so only in measurements, when nothing else runs concurrently.
    /// </summary>
    public static bool AreAsserted => TestRun.IsLong;

    public static void Record(ITestOutputHelper output, string figure)
    {
        output.WriteLine(figure);
        if (Environment.GetEnvironmentVariable(FileVariable) is not { Length: > 0 } path)
            return;
        lock (WriteLock)
            System.IO.File.AppendAllText(path, figure + Environment.NewLine);
    }
}
