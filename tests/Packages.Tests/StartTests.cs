using System.Text.RegularExpressions;

namespace Packages.Tests;

/// <summary>Tests the first commands of a new user.</summary>
[Collection(nameof(LocalFeed))]
public sealed partial class StartTests(LocalFeed feed)
{
    [Fact]
    public async Task Run_starts_the_shop_and_shows_its_page()
    {
        using var shell = feed.NewRepositoryShell("start");

        var output = await shell.Start($"'{Path.Combine(feed.Root, "run")}' --port 0", ready: "Open http://");

        using var client = new HttpClient();
        var page = await client.GetAsync(Address().Match(output).Value);
        page.EnsureSuccessStatusCode();
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(shell.Folder, "data"), "*.db"));
    }

    [Fact]
    public async Task Each_script_has_a_help_text()
    {
        using var shell = feed.NewRepositoryShell("help");
        foreach (var script in new[] { "run", "test", "bench", "millrace" })
        {
            var help = await shell.Run($"'{Path.Combine(feed.Root, script)}' --help");

            Assert.Contains("--", help, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"http://\S+")]
    private static partial Regex Address();
}
