using System.Security.Cryptography;
using System.Text;
using Millrace.Cli.Builds;

namespace Millrace.Cli.Tests;

/// <summary>Tests that a build is matched to its sources by their content.</summary>
public sealed class BuildSourcesTests : IDisposable
{
    private const string Text = "[Event(\"a.b\")] public sealed record Happened(int A);";

    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-sources-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_rewritten_source_with_the_same_content_is_unchanged()
    {
        var build = Build(("Events.cs", Text), ("obj/Debug/Model.g.cs", "// Generated in memory."));
        Write("Events.cs", Text);

        Assert.Null(build.FirstChange(_folder));
    }

    [Fact]
    public void A_changed_source_is_reported()
    {
        var build = Build(("Events.cs", Text), ("More/Other.cs", ""));
        Write("Events.cs", Text);
        Write("More/Other.cs", " ");

        Assert.Equal(Path.Combine("More", "Other.cs"), build.FirstChange(_folder));
    }

    [Fact]
    public void A_missing_source_is_reported()
    {
        var build = Build(("Events.cs", Text), ("Ticket.cs", Text));
        Write("Events.cs", Text);

        Assert.Equal("Ticket.cs", build.FirstChange(_folder));
    }

    [Theory]
    [InlineData("New.cs", Text, 1, true)]
    [InlineData("New.cs", Text, -1, false)]
    [InlineData("New.cs", "// no event", 1, false)]
    [InlineData("bin/Debug/New.cs", Text, 1, false)]
    public void A_newer_file_is_reported_when_it_declares_events(
        string file, string text, int minutesAfter, bool isReported)
    {
        var build = Build(("Events.cs", Text));
        Write("Events.cs", Text);
        Write(file, text);
        File.SetLastWriteTimeUtc(Path.Combine(_folder, file), build.BuiltAt.AddMinutes(minutesAfter));

        Assert.Equal(isReported ? file : null, build.FirstChange(_folder));
    }

    [Fact]
    public void A_build_of_other_sources_is_ignored()
    {
        var build = BuildSources.Of(Tool.ProgramFile("Evolution.Before"));
        Write("Events.cs", Text);

        Assert.Contains(build.Documents, source => source.Key.EndsWith("Orders.cs", StringComparison.Ordinal));
        Assert.Null(build.FirstChange(_folder));
    }

    private BuildSources Build(params (string File, string Text)[] sources) =>
        new(
            sources.ToDictionary(
                source => Path.Combine(_folder, source.File),
                source => SHA256.HashData(Encoding.UTF8.GetBytes(source.Text))),
            DateTime.UtcNow);

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, file))!); // The path has a folder.
        File.WriteAllText(Path.Combine(_folder, file), text);
    }
}
