namespace Millrace;

/// <summary>One search of the log goes at a time in a program: it takes all processors, which others need as well.</summary>
internal static class SearchTurn
{
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(60);

    // Of the program, as its processors are.
    private static readonly SemaphoreSlim Turn = new(1);

    /// <summary>Waits for the turn, which ends when what is returned is disposed.</summary>
    /// <exception cref="ExplanationsBusyException">It did not come in time.</exception>
    public static async ValueTask<IDisposable> Take(CancellationToken cancellationToken)
    {
        if (!await Turn.WaitAsync(MostWait, cancellationToken).ConfigureAwait(false))
            throw new ExplanationsBusyException(MostWait);
        return new Taken();
    }

    private sealed class Taken : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
                Turn.Release();
        }
    }
}
