namespace Millrace.Explaining;

/// <summary>Allows one search of the log at a time in a program, because a search uses all processors.</summary>
internal static class SearchThrottle
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    // Static, because processors belong to the whole program.
    private static readonly SemaphoreSlim Slot = new(1);

    /// <summary>Waits until no other search runs. The caller must dispose the result after the search.</summary>
    /// <exception cref="ExplanationsBusyException">The other searches did not finish in time.</exception>
    public static async ValueTask<IDisposable> Take(CancellationToken cancellationToken)
    {
        if (!await Slot.WaitAsync(MaxWait, cancellationToken).ConfigureAwait(false))
            throw new ExplanationsBusyException(MaxWait);
        return new Releaser();
    }

    private sealed class Releaser : IDisposable
    {
        private int _isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
                Slot.Release();
        }
    }
}
