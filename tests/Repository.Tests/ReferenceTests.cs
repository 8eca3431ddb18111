using System.Reflection;
using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>
/// Checks that the reference pages contain the headers, errors and instruments of the code and the schema of the
/// database file.
/// </summary>
public sealed partial class ReferenceTests
{
    [Fact]
    public void Every_header_and_error_of_HTTP_is_on_its_page()
    {
        var page = RepositoryFiles.Text("docs/reference/http.md");
        var headers = Header().Matches(RepositoryFiles.Text("src/Millrace.AspNetCore/MillraceHeaders.cs"))
            .Select(match => match.Groups[1].Value);
        var errors = Error()
            .Matches(RepositoryFiles.Text("src/Millrace.AspNetCore/HttpProblem.cs"))
            .Select(match => match.Groups[1].Value);

        Assert.True(headers.Any() && errors.Any());
        Findings.AssertNone("docs/reference/http.md lacks", headers.Concat(errors)
            .Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_instrument_is_on_its_page()
    {
        var page = RepositoryFiles.Text("docs/reference/telemetry.md");
        var names = RepositoryFiles.Sources("src").SelectMany(path => Instrument().Matches(RepositoryFiles.Text(path)))
            .Select(match => match.Groups[1].Value);

        Assert.True(names.Any());
        Findings.AssertNone("docs/reference/telemetry.md lacks", names.Distinct()
            .Where(name => !page.Contains($"| `{name}` |", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_schema_of_the_database_file_is_on_its_page()
    {
        const string Page = "docs/reference/store-file.md";
        var schema = Assembly.Load("Millrace.Sqlite").GetType("Millrace.Sqlite.Schema.StoreSchema")!;
        var migrations = (string[])
            schema.GetProperty("Migrations", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        var script = string.Join("\n\n", migrations).ReplaceLineEndings("\n");

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(
                RepositoryFiles.FullPath(Page),
                Schema().Replace(RepositoryFiles.Text(Page), _ => $"```sql\n{script}\n```"));
        }

        Assert.Equal([script], Fence.Of(Page).Where(fence => fence.Language == "sql").Select(fence => fence.Text));
        Assert.Contains($"version {migrations.Length}\n", RepositoryFiles.Text(Page), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_id_of_the_log_is_used_once()
        => Findings.AssertNone(
            "Two log messages must not have the same id.",
            from path in RepositoryFiles.Sources("src")
            from Match match in LogId().Matches(RepositoryFiles.Text(path))
            group path by match.Groups[1].Value into same
            where same.Count() > 1
            select $"{same.Key}: {string.Join(", ", same)}");

    [GeneratedRegex("const string \\w+ = \"([^\"]+)\"")]
    private static partial Regex Header();

    [GeneratedRegex("new\\([^\"]*?\\d{3}, \"([a-z-]+)\"")]
    private static partial Regex Error();

    [GeneratedRegex("Create\\w+(?:<\\w+>)?\\(\\s*\"(millrace\\.[a-z_.]+)\"")]
    private static partial Regex Instrument();

    [GeneratedRegex("EventId = (\\d+)")]
    private static partial Regex LogId();

    [GeneratedRegex("(?s)```sql\n.*?```")]
    private static partial Regex Schema();
}
