namespace Browser.Tests;

/// <summary>The base class of tests on the pages of the shop, which discards dead letters after each test.</summary>
public abstract class TourTests(Chromium browser, RunningShopFixture shop) : IAsyncLifetime, IDisposable
{
    private protected RunningShopFixture Shop => shop;

    private protected Tour Tour { get; } = new(browser, shop);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Chromium.SkipReason is null)
            await Tour.ResolveDeadLetters();
    }

    public void Dispose()
    {
        Tour.Dispose();
        GC.SuppressFinalize(this);
    }
}
