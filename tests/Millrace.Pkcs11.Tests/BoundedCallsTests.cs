using Millrace.Storage;

namespace Millrace.Pkcs11.Tests;

/// <summary>Tests the limits of calls that do not return.</summary>
public sealed class BoundedCallsTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _released = new();
    private readonly BoundedCalls _calls = new(TimeSpan.FromMilliseconds(100), "The token");

    public void Dispose()
    {
        _released.Set();
        _released.Dispose();
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_reported_and_blocks_the_next()
    {
        await AssertTookTooLong(() => _calls.Run(() => _released.Wait(WaitTimeout), default));
        var isStarted = false;
        await AssertTookTooLong(() => _calls.Run(() => isStarted = true, default));
        Assert.False(isStarted);

        _released.Set();

        var patient = new BoundedCalls(WaitTimeout, "The token");
        Assert.Equal(7, await patient.Run(() => 7, default));
        await Millrace.Testing.Eventually.Get(
            async () =>
            {
                try
                {
                    return await _calls.Run(() => 7, default);
                }
                catch (KeyStoreException)
                {
                    return 0;
                }
            },
            found => found == 7,
            WaitTimeout);
    }

    [Fact]
    public async Task A_cancelled_caller_does_not_wait()
    {
        var patient = new BoundedCalls(WaitTimeout, "The token");
        using var source = new CancellationTokenSource();
        using var started = new SemaphoreSlim(0);
        var call = patient.Run(
            () =>
            {
                started.Release();
                return _released.Wait(WaitTimeout);
            },
            source.Token);
        Assert.True(await started.WaitAsync(WaitTimeout));

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        using var other = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient.Run(() => 1, other.Token));
    }

    [Fact]
    public async Task An_error_of_the_call_reaches_the_caller_and_the_next_call_runs()
    {
        var patient = new BoundedCalls(WaitTimeout, "The token");

        await Assert.ThrowsAsync<FormatException>(
            () => patient.Run<int>(() => throw new FormatException("no"), default));

        Assert.Equal(7, await patient.Run(() => 7, default));
    }

    private static async Task AssertTookTooLong(Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<KeyStoreException>(call);
        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
        Assert.Contains("did not answer within 0.1 s", refused.Message, StringComparison.Ordinal);
    }
}
