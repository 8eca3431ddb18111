namespace Browser.Tests;

/// <summary>Tests that walk through the shop's pages, and leave no dead letter to those after them.</summary>
public abstract class TourTests(Chromium browser, ShopAtWork shop) : IAsyncLifetime, IDisposable
{
    private protected ShopAtWork Shop => shop;

    private protected Tour Tour { get; } = new(browser, shop);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Chromium.WhyNot is null)
            await Tour.SettleLetters();
    }

    public void Dispose()
    {
        Tour.Dispose();
        GC.SuppressFinalize(this);
    }
}
