using System.Collections.Concurrent;

namespace Browser.Tests;

/// <summary>A page, and everything that went wrong on it or that it asked for.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    private static readonly string Screenshots = Path.Combine(RepositoryRoot.Folder, "artifacts", "screenshots");

    private readonly Uri _address;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<Uri> _requests = new();

    public WatchedPage(IPage page, Uri address)
    {
        Page = page;
        _address = address;
        page.Request += (_, request) => _requests.Enqueue(new Uri(request.Url));
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                _errors.Enqueue($"{response.Status} for {response.Url}");
        };
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _errors.Enqueue($"{message.Type}: {message.Text}");
        };
    }

    public IPage Page { get; }

    /// <summary>Errors of scripts, messages on the console, and answers that were refusals.</summary>
    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>The addresses of what was refused.</summary>
    public IReadOnlyList<string> Refusals =>
        [.. _errors.Where(error => error.Contains(" for ", StringComparison.Ordinal)).Distinct()];

    /// <summary>The paths that were asked for, in order.</summary>
    public IReadOnlyList<string> Paths => [.. _requests.Select(request => request.AbsolutePath)];

    /// <summary>What was asked of another client.</summary>
    public IReadOnlyList<Uri> ExternalRequests =>
        [.. _requests.Where(request => request.Scheme != "data" && request.Authority != _address.Authority)];

    public ILocator At(string selector) => Page.Locator(selector);

    public async Task<string> Text(string selector) => await At(selector).InnerTextAsync();

    /// <summary>Gives the server a thousandth of a second for each explanation that is not the rest of one.</summary>
    public Task ShortenExplanations() =>
        Page.RouteAsync(
            "**/millrace/why?**",
            static route =>
                route.ContinueAsync(
                    route.Request.Url.Contains("goOn=", StringComparison.Ordinal)
                        ? null
                        : new() { Url = route.Request.Url + "&seconds=0.001" }
                )
        );

    /// <summary>Waits until a condition, written in JavaScript, holds.</summary>
    public Task Until(string condition) => Page.WaitForFunctionAsync(condition);

    /// <summary>Keeps a picture for people to look at: of the whole page, or, where something lies over it, of the
    /// window.</summary>
    public Task TakeScreenshot(string name, bool isWhole = true) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, name + ".png"), FullPage = isWhole });

    /// <summary>What can be pressed or filled in, or is a region, and has no name for those who cannot see
    /// it.</summary>
    public Task<string[]> Nameless() =>
        Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('section, [tabindex=\"0\"], button, input, select, textarea, img, "
                + "dialog')]"
                + ".filter(e => e.checkVisibility())"
                + ".filter(e => !(e.ariaLabel || e.getAttribute('aria-labelledby') || e.innerText || e.labels?.length "
                + "|| e.alt === ''))"
                + ".map(e => e.outerHTML.slice(0, 80))");

    public ValueTask DisposeAsync() => Page.Context.DisposeAsync();
}
