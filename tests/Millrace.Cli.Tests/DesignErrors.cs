using Millrace.Cli.Design;

namespace Millrace.Cli.Tests;

/// <summary>Checks the errors of invalid descriptions.</summary>
internal static class DesignErrors
{
    /// <summary>
    /// Asserts that the description is refused and that the error has the line, the expected text and advice.
    /// </summary>
    public static void AssertReported(string text, int line, string expected)
    {
        var (file, problems) = DesignReader.Read(text);

        Assert.Null(file);
        var matching = problems
            .Where(problem => problem.Line == line && problem.ToString().Contains(expected, StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(matching);
        Assert.All(matching, problem => Assert.NotEmpty(problem.Remedy));
    }
}
