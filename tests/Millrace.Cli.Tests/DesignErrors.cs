using Millrace.Cli.Design;

namespace Millrace.Cli.Tests;

/// <summary>Descriptions that are wrong.</summary>
internal static class DesignErrors
{
    /// <summary>The text must be refused, and what is wrong told by its line, with what to do.</summary>
    public static void AssertReported(string text, int line, string expected)
    {
        var (file, problems) = DesignReader.Read(text);

        Assert.Null(file);
        var told = problems
            .Where(one => one.Line == line && one.ToString().Contains(expected, StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(told);
        Assert.All(told, problem => Assert.NotEmpty(problem.Do));
    }
}
