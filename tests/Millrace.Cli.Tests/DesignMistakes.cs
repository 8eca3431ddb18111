using Millrace.Cli.Design;

namespace Millrace.Cli.Tests;

/// <summary>Descriptions that are wrong.</summary>
internal static class DesignMistakes
{
    /// <summary>The text must be refused, and what is wrong told once by its line, with what to do.</summary>
    public static void AssertTold(string text, int line, string expected)
    {
        var (file, problems) = DesignReader.Read(text);

        Assert.Null(file);
        var problem = Assert.Single(
            problems, one => one.Line == line && one.ToString().Contains(expected, StringComparison.Ordinal));
        Assert.NotEmpty(problem.Do);
    }
}
