namespace Millrace;

/// <summary>One search of the log goes at a time in a program: it takes all processors, which others need as
/// well.</summary>
internal static class SearchThrottle
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    // Of the program, as its processors are.
    private static readonly SemaphoreSlim Slot = new(1);

    /// <summary>Waits for the turn, which ends when what is returned is disposed.</summary>
    /// <exception cref="ExplanationsBusyException">It did not come in time.</exception>
    public static async ValueTask<IDisposable> Take(CancellationToken cancellationToken)
    {
        if (!await Slot.WaitAsync(MaxWait, cancellationToken).ConfigureAwait(false))
            throw new ExplanationsBusyException(MaxWait);
        return new Releaser();
    }

    private sealed class Releaser : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
                Slot.Release();
        }
    }
}
