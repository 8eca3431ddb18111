using System.Diagnostics;
using System.Globalization;

namespace Commerce.Tests;

/// <summary>
/// Tests that the shop can be stopped right after it has printed its address, while its payment service is starting.
/// </summary>
public sealed class StopWhileStartingTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly string _data = Directory.CreateTempSubdirectory("millrace-stop-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_shop_that_is_stopped_while_it_starts_exits_without_an_error()
    {
        using var shop = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(ShopApplication).Assembly.Location, "--data", _data])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!; // Start always returns a process.
        var error = shop.StandardError.ReadToEndAsync();
        var opened = await shop.StandardOutput.ReadLineAsync().WaitAsync(WaitTimeout);

        using var kill = Process.Start("kill", ["-TERM", shop.Id.ToString(CultureInfo.InvariantCulture)]);
        await shop.WaitForExitAsync().WaitAsync(WaitTimeout);

        Assert.StartsWith("Open http://", opened, StringComparison.Ordinal);
        Assert.Equal((0, ""), (shop.ExitCode, await error));
    }
}
