using System.Text.RegularExpressions;

namespace Browser.Tests;

/// <summary>Tests the documentation site, opened from files.</summary>
[Collection(SiteCollection.Name)]
public sealed partial class SiteTests(Chromium browser, BuiltSite site)
{
    [Fact]
    public void Every_page_is_in_the_site_and_every_link_has_a_target()
    {
        Assert.True(site.Run.ExitCode == 0, site.Run.Errors);
        var pages = Directory.GetFiles(Path.Combine(BuiltSite.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(BuiltSite.Root, "docs"), file)[..^3])
            .Select(page => page.Replace("README", "index", StringComparison.Ordinal));

        Assert.All(pages, page => Assert.True(File.Exists(Path.Combine(site.Folder, page + ".html")), page));
        Assert.Empty(DeadLinks());
    }

    [Fact]
    public async Task A_broken_link_is_reported_by_name()
    {
        var folder = Directory.CreateTempSubdirectory("millrace-links-");
        Directory.CreateDirectory(Path.Combine(folder.FullName, "docs"));
        const string Page = "# One\n[a](two.md) [b](#none) [c](#one) [d](one.md#gone)\n";
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "docs", "one.md"), Page);

        var (code, errors) = await BuiltSite.Build(folder.FullName, Path.Combine(folder.FullName, "out"));

        Assert.Equal(1, code);
        Assert.Contains("docs/one.md: 'two.md' is broken.", errors, StringComparison.Ordinal);
        Assert.Contains("'#none' refers to a heading", errors, StringComparison.Ordinal);
        Assert.Contains("3 links are broken.", errors, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("docs")]
    [InlineData("..")]
    public async Task Only_an_older_site_is_removed(string output)
    {
        var folder = Directory.CreateTempSubdirectory("millrace-sources-");
        var source = folder.CreateSubdirectory("here").FullName;
        Directory.CreateDirectory(Path.Combine(source, "docs"));
        await File.WriteAllTextAsync(Path.Combine(source, "docs", "one.md"), "# One\n");
        // The marker files alone do not permit the builder to remove the sources.
        foreach (var marker in (string[])["site.css", "site.js"])
            await File.WriteAllTextAsync(Path.Combine(source, marker), "");

        var (code, errors) = await BuiltSite.Build(source, Path.Combine(source, output));

        Assert.Equal(2, code);
        Assert.Contains("would be removed", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(source, "docs", "one.md")));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_site_replaces_an_older_one_and_copies_files_unchanged()
    {
        var folder = Directory.CreateTempSubdirectory("millrace-files-");
        var (source, output) = (folder.CreateSubdirectory("source"), Path.Combine(folder.FullName, "site"));
        source.CreateSubdirectory("docs");
        byte[] picture = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0xFF, 0x00, 0xC3];
        await File.WriteAllBytesAsync(Path.Combine(source.FullName, "docs", "mill.png"), picture);
        await File.WriteAllTextAsync(Path.Combine(source.FullName, "docs", "one.md"), "# One\n[a](mill.png)\n");
        await BuiltSite.Build(source.FullName, output);
        await File.WriteAllTextAsync(Path.Combine(output, "old.html"), "");

        var (code, errors) = await BuiltSite.Build(source.FullName, output);

        Assert.True(code == 0, errors);
        Assert.Equal(picture, await File.ReadAllBytesAsync(Path.Combine(output, "files", "docs", "mill.png")));
        Assert.False(File.Exists(Path.Combine(output, "old.html")));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_diagram_that_cannot_be_drawn_is_reported_with_its_line()
    {
        var folder = Directory.CreateTempSubdirectory("millrace-diagrams-");
        folder.CreateSubdirectory("docs");
        const string Page = "# One\n```mermaid\nflowchart LR\n  a[\"A\"] --- b\n```\n";
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "docs", "one.md"), Page);

        var (code, errors) = await BuiltSite.Build(folder.FullName, Path.Combine(folder.FullName, "out"));

        Assert.Equal(1, code);
        Assert.Contains("docs/one.md: The flow chart line 'a[\"A\"] --- b' ", errors, StringComparison.Ordinal);
        Assert.Contains("1 diagrams cannot be drawn.", errors, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [BrowserTheory]
    [DisplayModes]
    public async Task Diagrams_are_drawn_and_every_text_fits_its_box(string mode)
    {
        var source = await File.ReadAllTextAsync(
            Path.Combine(BuiltSite.Root, "samples", "Commerce", "docs", "model.md"));
        await using var page = await browser.Open(site.Page("samples/Commerce/docs/model.html"), DisplayMode.Of(mode));

        var svgs = page.At(".diagram svg");
        Assert.Equal(source.Split("```mermaid").Length - 1, await svgs.CountAsync());
        Assert.Equal(
            CountLines(source, " --> ") + CountLines(source, " -.-> ") + CountLines(source, " ==> "),
            await page.At(".flow .arrow").CountAsync());
        Assert.Equal(CountLines(source, ":::"), await page.At(".flow text.box").CountAsync());
        Assert.Equal(CountLines(source, "  subgraph "), await page.At(".flow .frameTitle").CountAsync());
        Assert.Empty(await page.Page.EvaluateAsync<string[]>(Overflowing));
        Assert.Empty(await page.Page.EvaluateAsync<string[]>(Overlapping));
        await page.At(".diagram").Nth(4).ScrollIntoViewIfNeededAsync();
        await page.TakeScreenshot($"site-diagram-{mode}", isWhole: false);
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(page.Errors);
        Assert.All(page.ExternalRequests, request => Assert.Equal("file", request.Scheme));
    }

    // Returns texts that exceed their box and boxes that exceed their drawing.
    private const string Overflowing = """
        () => [...document.querySelectorAll('.flow text.box')].filter(text => {
          const [inner, outer] = [text.getBBox(), text.previousElementSibling.getBBox()];
          const whole = text.closest('svg').viewBox.baseVal;
          return inner.x < outer.x + 2 || inner.x + inner.width > outer.x + outer.width - 2 || inner.y < outer.y
            || inner.y + inner.height > outer.y + outer.height || outer.x < 0 || outer.y < 0
            || outer.x + outer.width > whole.width || outer.y + outer.height > whole.height;
        }).map(text => text.textContent)
        """;

    // Returns boxes that overlap other boxes, and frames that overlap other frames.
    private const string Overlapping = """
        () => [...document.querySelectorAll('.flow')].flatMap(svg => {
          const overlap = all => all.flatMap((one, index) => all.slice(index + 1).filter(other => {
            const [a, b] = [one.getBBox(), other.getBBox()];
            return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
          }).map(() => one.outerHTML));
          const boxes = [...svg.querySelectorAll('text.box')].map(text => text.previousElementSibling);
          return [...overlap(boxes), ...overlap([...svg.querySelectorAll('.frame')])];
        })
        """;

    private static int CountLines(string text, string sign) =>
        text.Split('\n').Count(line => line.Contains(sign, StringComparison.Ordinal));

    [BrowserFact]
    public async Task The_search_finds_sections_and_links_to_them()
    {
        await using var page = await browser.Open(site.Page("how-to/append-and-read.html"));

        await page.Page.Keyboard.PressAsync("/");
        await page.Page.Keyboard.TypeAsync("dead letter retr");
        await page.At("#found a").First.WaitForAsync();
        var first = await page.Text("#found li:first-child");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Until("() => !location.pathname.endsWith('append-and-read.html')");

        Assert.Contains("dead letter", first, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith(site.Page("").ToString(), page.Page.Url, StringComparison.Ordinal);
        Assert.NotEmpty(await page.Text("main h1"));
        Assert.Empty(page.Errors);
        Assert.All(page.ExternalRequests, request => Assert.Equal("file", request.Scheme));
    }

    [BrowserFact]
    public async Task The_first_three_search_results_contain_the_right_page_for_common_questions()
    {
        (string Question, string Page)[] questions =
        [
            ("how do I rebuild a projection", "how-to/rebuild-projections.html"),
            ("switch to PostgreSQL", "how-to/run-on-postgresql.html"),
            ("run several nodes", "how-to/run-on-postgresql.html"),
            ("version conflict", "how-to/send-commands.html"),
            ("how to test an aggregate", "how-to/test-your-model.html"),
            ("rename an event", "how-to/evolve-events.html"),
            ("retry dead letters", "reference/cli.html"),
            ("publish to RabbitMQ", "how-to/publish-to-rabbitmq.html"),
            ("back up the database", "how-to/back-up.html"),
            ("compensate a saga step", "how-to/run-processes.html"),
            ("migrate from Marten", "how-to/move-from-marten.html"),
            ("projction rebiuld", "how-to/rebuild-projections.html"),
        ];
        await using var page = await browser.Open(site.Page("index.html"));
        var missed = new List<string>();

        foreach (var (question, expected) in questions)
        {
            await page.At("#search").FillAsync(question);
            await page.At("#found a").First.WaitForAsync();
            var found = await page.Page.EvaluateAsync<string[]>(
                "() => [...document.querySelectorAll('#found a')].slice(0, 3).map(link => link.href)");
            if (!found.Any(link => link.Contains(expected, StringComparison.Ordinal)))
                missed.Add($"{question}: {string.Join(", ", found)}");
        }

        Assert.Empty(missed);
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task A_search_without_a_result_is_reported_and_shows_markup_as_text()
    {
        await using var page = await browser.Open(site.Page("index.html"));

        await page.At("#search").FillAsync("xylophone<img>");
        await page.At("#found .none").WaitForAsync();
        await page.At("#search").FillAsync("IReadModel<");
        await page.At("#found a").First.WaitForAsync();

        Assert.Equal(0, await page.At("#found img").CountAsync());
        Assert.Empty(page.Errors);
    }

    [BrowserFact]
    public async Task The_chosen_color_scheme_is_kept()
    {
        await using var page = await browser.Open(site.Page("index.html"));
        const string Back = "() => getComputedStyle(document.body).backgroundColor";
        var light = await page.Page.EvaluateAsync<string>(Back);

        await page.At("#theme").ClickAsync();
        var dark = await page.Page.EvaluateAsync<string>(Back);
        await page.Page.ReloadAsync();

        Assert.NotEqual(light, dark);
        Assert.Equal(dark, await page.Page.EvaluateAsync<string>(Back));
    }

    [BrowserFact]
    public async Task On_a_phone_the_list_of_pages_opens_on_demand()
    {
        await using var page = await browser.Open(
            site.Page("how-to/append-and-read.html"), DisplayMode.Of("phone-light"));

        Assert.False(await page.At("#pages").IsVisibleAsync());
        await page.At("#menu").ClickAsync();
        Assert.True(await page.At("#pages a[aria-current]").IsVisibleAsync());
        await page.TakeScreenshot("site-phone-menu");
    }

    [BrowserTheory]
    [DisplayModes]
    public async Task The_site_is_readable_in_every_window_size(string name)
    {
        var mode = DisplayMode.Of(name);
        string[] paths =
        [
            "index.html",
            "how-to/append-and-read.html",
            "reference/cli.html",
            "tutorial/first-application.html",
        ];
        foreach (var path in paths)
        {
            await using var page = await browser.Open(site.Page(path), mode);

            await page.TakeScreenshot(
                $"site-{path.Replace('/', '-')}-{name}".Replace(".html", "", StringComparison.Ordinal));

            Assert.Empty(await page.FindOverflow());
            Assert.Empty(await page.FindLowContrast(4.5, texts: 20));
            Assert.Empty(page.Errors);
        }
    }

    [BrowserFact]
    public async Task The_search_is_readable_in_the_dark_color_scheme()
    {
        await using var page = await browser.Open(site.Page("index.html"), DisplayMode.Of("desktop-dark"));

        await page.At("#search").FillAsync("projection rebuild");
        await page.At("#found a").First.WaitForAsync();
        await page.TakeScreenshot("site-search-dark");

        Assert.Empty(await page.FindLowContrast(4.5, texts: 20));
    }

    /// <summary>Returns the broken links of the written files, independently of the builder.</summary>
    private IEnumerable<string> DeadLinks() =>
        from file in Directory.GetFiles(site.Folder, "*.html", SearchOption.AllDirectories)
        let text = File.ReadAllText(file)
        from Match match in Reference().Matches(text)
        let target = match.Groups[1].Value
        where !target.Contains(':', StringComparison.Ordinal)
        let parts = target.Split('#')
        let full = parts[0].Length == 0 ? file : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, parts[0]))
        where
            !File.Exists(full)
            || (
                parts.Length > 1
                && parts[1].Length > 0
                && !File.ReadAllText(full).Contains($"id=\"{parts[1]}\"", StringComparison.Ordinal))
        select $"{Path.GetRelativePath(site.Folder, file)}: {target}";

    [GeneratedRegex("(?:href|src)=\"([^\"]+)\"")]
    private static partial Regex Reference();
}
