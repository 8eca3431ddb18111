using System.Collections.Concurrent;

namespace Browser.Tests;

/// <summary>A page that records its errors and requests.</summary>
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

    /// <summary>Gets the script errors, the console messages and the failed responses.</summary>
    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>Gets the addresses of failed responses.</summary>
    public IReadOnlyList<string> Refusals =>
        [.. _errors.Where(error => error.Contains(" for ", StringComparison.Ordinal)).Distinct()];

    /// <summary>Gets the requested paths in order.</summary>
    public IReadOnlyList<string> Paths => [.. _requests.Select(request => request.AbsolutePath)];

    /// <summary>Gets the requests to other hosts.</summary>
    public IReadOnlyList<Uri> ExternalRequests =>
        [.. _requests.Where(request => request.Scheme != "data" && request.Authority != _address.Authority)];

    public ILocator At(string selector) => Page.Locator(selector);

    public async Task<string> Text(string selector) => await At(selector).InnerTextAsync();

    /// <summary>
    /// Limits each explanation to a millisecond, except a continued one. After a millisecond in which nothing was
    /// searched, the page has no point to continue from and starts again with a longer time.
    /// </summary>
    public Task ShortenExplanations() =>
        Page.RouteAsync(
            "**/millrace/why?**",
            static route =>
                route.ContinueAsync(
                    route.Request.Url.Contains("goOn=", StringComparison.Ordinal)
                    || route.Request.Url.Contains("seconds=", StringComparison.Ordinal)
                        ? null
                        : new() { Url = route.Request.Url + "&seconds=0.001" }
                )
        );

    /// <summary>Waits until a condition in JavaScript is true.</summary>
    public Task Until(string condition) => Page.WaitForFunctionAsync(condition);

    /// <summary>Saves a screenshot of the full page, or of the window if a dialog covers the page.</summary>
    public Task TakeScreenshot(string name, bool isWhole = true) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, name + ".png"), FullPage = isWhole });

    /// <summary>Returns the controls and regions that have no name for screen readers.</summary>
    public Task<string[]> FindUnnamed() =>
        Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('section, [tabindex=\"0\"], button, input, select, textarea, "
                + "img, dialog')].filter(e => e.checkVisibility()).filter(e => !(e.ariaLabel || "
                + "e.getAttribute('aria-labelledby') || e.innerText || e.labels?.length || e.alt === '')).map(e "
                + "=> e.outerHTML.slice(0, 80))");

    public ValueTask DisposeAsync() => Page.Context.DisposeAsync();
}
