using System.Text.RegularExpressions;

namespace Millrace.Cli.Tests;

/// <summary>
/// Compares the output of the tool with an approved file. If <c>UPDATE_APPROVED=1</c> is set, writes the output into
/// the file.
/// </summary>
internal static partial class Approved
{
    public static void Matches(string name, string actual, params (string Text, string Replacement)[] replacements)
    {
        var file = Path.Combine(Folder(), name + ".txt");
        var output = WithStableValues(actual, replacements);
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") == "1")
        {
            Directory.CreateDirectory(Folder());
            File.WriteAllText(file, output);
        }

        Assert.True(
            File.Exists(file),
            $"The approved file {file} does not exist. To create it: UPDATE_APPROVED=1 ./test --only Cli");
        Assert.Equal(File.ReadAllText(file), output);
    }

    private static string WithStableValues(string text, (string Text, string Replacement)[] replacements)
    {
        foreach (var (part, replacement) in replacements)
            text = text.Replace(part, replacement, StringComparison.Ordinal);
        text = Instant().Replace(text, "2026-01-02 03:04:05.678Z");
        text = RoundTrip().Replace(text, "2026-01-02T03:04:05.678901Z");
        text = Id().Replace(text, "00000000-0000-7000-8000-000000000000");
        return string.Join('\n', text.Split('\n').Select(line => line.TrimEnd()));
    }

    private static string Folder() => RepositoryRoot.PathOf("tests", "Millrace.Cli.Tests", "Approved");

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z")]
    private static partial Regex Instant();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|\+00:00)")]
    private static partial Regex RoundTrip();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();
}
