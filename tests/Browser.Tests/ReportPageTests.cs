using System.Text;
using System.Text.RegularExpressions;
using Millrace;

namespace Browser.Tests;

/// <summary>
/// Tests that the pages of reports are readable in both color schemes and on a phone, need no other file, and can be
/// printed.
/// </summary>
public sealed partial class ReportPageTests(Chromium browser) : IClassFixture<Chromium>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-reports-");

    /// <summary>Gets the kinds whose sample has rows.</summary>
    public static TheoryData<ReportKind> Kinds => [ReportKind.Gdpr, ReportKind.Sox];

    public void Dispose() => _folder.Delete(recursive: true);

    [BrowserTheory]
    [DisplayModes]
    public async Task The_pages_are_readable(string mode)
    {
        foreach (var kind in Enum.GetValues<ReportKind>())
        {
            await using var page = await Open(kind, DisplayMode.Of(mode));
            await page.TakeScreenshot($"report-{kind}-{mode}".ToLowerInvariant(), isWhole: true);

            Assert.Empty(await page.FindLowContrast(minContrast: 4.5, texts: 60));
            Assert.Empty(await page.FindOverflow());
            Assert.Empty(await page.FindUnnamed());
            Assert.Empty(page.Errors);
            Assert.Single(page.Paths); // The page itself.
            Assert.Equal(0, await page.At("img, script, link").CountAsync());
        }
    }

    [BrowserTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_page_is_printed_with_all_rows_and_repeated_heads(ReportKind kind)
    {
        await using var page = await Open(kind, DisplayMode.Desktop);

        var pdf = await page.Page.PdfAsync(new() { PreferCSSPageSize = true });

        await File.WriteAllBytesAsync(
            Path.Combine(RepositoryRoot.Folder, "artifacts", "screenshots", $"report-{kind}.pdf"), pdf);
        var pages = PdfPage().Count(Encoding.Latin1.GetString(pdf));
        Assert.True(pages >= 2, $"The PDF has {pages} pages.");
        // Rows and their heads are not hidden, and do not scroll.
        await page.Page.EmulateMediaAsync(new() { Media = Media.Print });
        Assert.Equal("visible", await Style(page, ".scroll", "overflowX"));
        Assert.Equal("table-header-group", await Style(page, "thead", "display"));
        Assert.Equal("none", await Style(page, "nav", "display"));
        Assert.Contains(
            kind == ReportKind.Sox ? "payment.approved" : "request-3",
            await page.Text("main"),
            StringComparison.Ordinal);
    }

    private static Task<string> Style(WatchedPage page, string selector, string name) =>
        page.Page.EvaluateAsync<string>($"() => getComputedStyle(document.querySelector('{selector}')).{name}");

    private async Task<WatchedPage> Open(ReportKind kind, DisplayMode mode)
    {
        var file = Path.Combine(_folder.FullName, $"{kind}.html");
        await File.WriteAllBytesAsync(file, await ReportSample.Page(kind));
        return await browser.Open(new Uri(file), mode);
    }

    [GeneratedRegex(@"/Type\s*/Page\b")]
    private static partial Regex PdfPage();
}
